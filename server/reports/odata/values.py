"""What an answer is in JSON. No Django.

Each function takes the text of an answer, stripped, and returns JSON text; what is not of the type
that the form declares is `null`, as with ODK Central, so that a typed client does not stumble.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any

NULL = "null"
Writer = Callable[[str], str]

quoted: Writer = encode_basestring  # of one text: a third of what `json.dumps` takes

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?)"
    r"(?:(Z)|([+-][0-9]{2})(?::?([0-9]{2}))?)?",
    re.ASCII,
)
_TRUTH = {"true": "true", "1": "true", "false": "false", "0": "false"}
_FEWEST = {"LineString": 2, "Polygon": 3}  # points that make one
_POINTS = re.compile(r"; ?")

# Of a bind -> of a property in the metadata; whatever is not here is text.
EDM = {
    "int": "Edm.Int64",
    "decimal": "Edm.Decimal",
    "boolean": "Edm.Boolean",
    "date": "Edm.Date",
    "dateTime": "Edm.DateTimeOffset",
    "geopoint": "Edm.GeographyPoint",
    "geotrace": "Edm.GeographyLineString",
    "geoshape": "Edm.GeographyPolygon",
}


def writer(kind: str, *, wkt: bool) -> Writer:
    """Return how to write the answers to a question whose bind is of a kind."""
    return (_WKT if wkt else _GEOJSON).get(kind) or _PLAIN.get(kind, quoted)


def compact(value: Any) -> str:
    """Return a value as JSON without blanks."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _whole(text: str) -> str:
    if text.isdecimal() and text.isascii() and text[0] != "0" and len(text) < 19:
        return text
    return str(int(text)) if _WHOLE.fullmatch(text) else NULL


def _decimal(text: str) -> str:
    number = _number(text)
    return NULL if number is None else compact(number)


@lru_cache(maxsize=4_096)  # most days stand in many records
def _day(text: str) -> str:
    return quoted(text) if _DAY.fullmatch(text) and _is_time(text) else NULL


def _moment(text: str) -> str:
    # Old Androids write "+07"; OData wants "+07:00". Where no zone is told, none is made up.
    found = _MOMENT.fullmatch(text)
    if found is None:
        return NULL
    at, utc, hours, minutes = found.groups()
    said = f"{at}{hours}:{minutes or '00'}" if hours else f"{at}{utc or ''}"
    return quoted(said) if _is_time(said) else NULL


def _is_time(text: str) -> bool:
    try:
        dt.datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _truth(text: str) -> str:
    return _TRUTH.get(text, NULL)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and "_" not in text else None


def _place(text: str) -> tuple[list[float], float | None] | None:
    """Read `lat lon alt acc`: longitude, latitude and altitude as far as it is told; accuracy."""
    lat, lon, alt, accuracy, *_ = [*map(_number, text.split()), None, None, None, None]
    if lat is None or lon is None:
        return None
    return [lon, lat] if alt is None else [lon, lat, alt], accuracy


def _places(text: str) -> list[tuple[list[float], float | None]]:
    return [place for each in _POINTS.split(text) if (place := _place(each)) is not None]


def _point(text: str) -> str:
    place = _place(text)
    if place is None:
        return NULL
    about = {} if place[1] is None else {"properties": {"accuracy": place[1]}}
    return compact({"type": "Point", "coordinates": place[0], **about})


def _line(text: str, kind: str = "LineString") -> str:
    places = _places(text)
    if len(places) < _FEWEST[kind]:
        return NULL
    coordinates: list[Any] = [place for place, _ in places]
    accuracies = [accuracy for _, accuracy in places]
    is_known = any(accuracy is not None for accuracy in accuracies)
    about = {"properties": {"accuracies": accuracies}} if is_known else {}
    drawn = [coordinates] if kind == "Polygon" else coordinates
    return compact({"type": kind, "coordinates": drawn, **about})


def _shape(text: str) -> str:
    return _line(text, "Polygon")


def _point_wkt(text: str) -> str:
    place = _place(text)
    return NULL if place is None else quoted(f"POINT ({_said(place[0])})")


def _line_wkt(text: str, kind: str = "LineString") -> str:
    places = _places(text)
    if len(places) < _FEWEST[kind]:
        return NULL
    said = ",".join(_said(place) for place, _ in places)
    return quoted(f"POLYGON (({said}))" if kind == "Polygon" else f"LINESTRING ({said})")


def _shape_wkt(text: str) -> str:
    return _line_wkt(text, "Polygon")


def _said(numbers: Iterable[float]) -> str:
    return " ".join(f"{number:.15g}" for number in numbers)


_PLAIN: dict[str, Writer] = {
    "int": _whole,
    "decimal": _decimal,
    "boolean": _truth,
    "date": _day,
    "dateTime": _moment,
}
_GEOJSON: dict[str, Writer] = {"geopoint": _point, "geotrace": _line, "geoshape": _shape}
_WKT: dict[str, Writer] = {
    "geopoint": _point_wkt,
    "geotrace": _line_wkt,
    "geoshape": _shape_wkt,
}
