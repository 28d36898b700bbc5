"""Fuzz the reader of geopoint answers, against a grammar written from the specification."""

from __future__ import annotations

import os
import re

import atheris
import django

from tests.attacks.fuzz import fuzzing

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
django.setup()

with atheris.instrument_imports(include=["server.inspections.geotag"]):
    from server.inspections.geotag import parse_geopoint

NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
GEOPOINT = re.compile(rf"\s*{NUMBER}(?:\s+{NUMBER}){{1,3}}\s*", re.ASCII)

SEEDS = (
    b"21.594 105.848 12.5 4.9",
    b"21.594 105.848",
    b"-90.0 180 0 0",
    b"2.1e1 +105.8 -3. .5",
    b"",
)
WORDS = (
    b"nan",
    b"inf",
    b"1e999",
    b"_",
    b"0x1",
    b"\xc2\xa0",
    b"\xef\xbc\x91",
    b"\xd9\xa1",
    b";",
    b" 0",
)


def check(data: bytes) -> None:
    """Take a geopoint for one if and only if the specification does, and never fail."""
    text = data.decode(errors="ignore")

    point = parse_geopoint(text)

    if point is None:
        assert GEOPOINT.fullmatch(text) is None or not is_on_earth(text), text
        return
    assert GEOPOINT.fullmatch(text), text
    assert -90 <= point.lat <= 90 and -180 <= point.lon <= 180
    assert point.accuracy_m is None or 0 <= point.accuracy_m < 1e7


def is_on_earth(text: str) -> bool:
    lat, lon = (float(part) for part in text.split()[:2])
    return abs(lat) <= 90 and abs(lon) <= 180


if __name__ == "__main__":
    fuzzing.run(check, SEEDS, WORDS, longest=200)
