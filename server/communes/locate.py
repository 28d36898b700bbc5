"""Which commune a point lies in, on a day.

The coverage in force on that day decides, a real one before a schematic one. Days without a
coverage have no answer, rather than the answer of another day.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import TYPE_CHECKING

from server.communes import geometry
from server.communes.changes import last_change

if TYPE_CHECKING:
    from server.communes.coverages import Coverages


def current() -> Coverages:
    """Return the coverages that the tables hold now.

    Made once per process and kept until the tables change, which costs one small query to know;
    a coverage that another process loads is seen at the next call.
    """
    return as_of(last_change())


@lru_cache(maxsize=1)
def as_of(_change: dt.datetime | None) -> Coverages:
    """Return the coverages as they are since a change, for who has asked for it already."""
    return geometry.coverages()
