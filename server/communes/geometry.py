"""The door to what numpy, shapely and pyproj work out; each is imported at the first question.

They take 24 MB, and most workers never ask: one that makes large files, say, or sends mail.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from server.communes.coverages import Coverages


def coverages() -> Coverages:
    """Return what `server.communes.drawn.coverages` does."""
    found: Coverages = _named("drawn.coverages")()
    return found


def centres() -> Mapping[str, tuple[float, float]]:
    """Return what `server.communes.centres.centres` does."""
    found: Mapping[str, tuple[float, float]] = _named("centres.centres")()
    return found


def metres_between(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the geodesic distance of two points (lon, lat), degrees WGS 84."""
    _, _, metres = _named("plane.WGS84").inv(*one, *other)
    return float(metres)


def _named(name: str) -> Any:  # whatever it is
    return import_string(f"server.communes.{name}")
