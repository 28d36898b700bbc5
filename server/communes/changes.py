"""Whether the tables of communes are still what something was made of."""

from __future__ import annotations

import datetime as dt

from server.statements import one_row


def last_change() -> dt.datetime | None:
    """Return when they last changed, None if they never did.

    To be asked before the tables are read: what is read afterwards may be newer than this says,
    and is then read once more, but never older.
    """
    row = one_row("SELECT changed_at FROM communes_lastchange", ())
    return row[0] if row else None
