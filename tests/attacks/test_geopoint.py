"""A geopoint answer is text that anyone can write: four numbers, or no point."""

from __future__ import annotations

import pytest

from server.inspections.geotag import Point, parse_geopoint


@pytest.mark.parametrize(
    "text",
    [
        "-9.0\x1d08 1 80 0",  # found by fuzzing: split() splits at control characters too
        "2_1.5 10_5.8 0 0",  # numbers to Python only
        "２１ １０５ 0 0",
        "٢١ ١٠٥ 0 0",
        "nan 105.8 0 0",
        "inf 105.8 0 0",
        "0x15 0x69 0 0",
        "91 105.8 0 0",
        "21.5 181 0 0",
        "1e999 105.8 0 0",
        "21.5",
        "21.5 105.8 0 0 0",
        "21.5 105.8 0 0;21.6 105.9 0 0",  # a geotrace
        "21.5,105.8",
        "21.5 105.8 0 0" + " " * 300,
        "21 105 " * 700_000,  # 4.9 MB
    ],
)
def test_what_is_no_geopoint_is_no_point(text: str) -> None:
    assert parse_geopoint(text) is None


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("21.594 105.848 12.5 4.9", Point(105.848, 21.594, 4.9)),
        ("21.594 105.848", Point(105.848, 21.594, None)),
        (" -90 +180. 0\n-1 ", Point(180, -90, None)),
        ("2.1e1 105.8 0 1e999", Point(105.8, 21, None)),
    ],
)
def test_what_is_a_geopoint_is_one(text: str, point: Point) -> None:
    assert parse_geopoint(text) == point
