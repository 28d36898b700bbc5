"""Points, lines and areas as GeoJSON."""

from __future__ import annotations

import pytest

from server.submissions.geometry import geojson

CORNERS = "21.5 105.8 0 0; 21.6 105.8 0 0; 21.6 105.9 0 0"


@pytest.mark.parametrize(
    ("text", "kind", "coordinates"),
    [
        ("21.5 105.8", "geopoint", [105.8, 21.5]),
        ("21.5 105.8 40.5 3.2", "geopoint", [105.8, 21.5, 40.5]),
        ("21.5 105.8;21.6 105.9", "geotrace", [[105.8, 21.5], [105.9, 21.6]]),
        (
            f"{CORNERS}; 21.5 105.8 0 0;",
            "geoshape",
            [[[105.8, 21.5, 0], [105.8, 21.6, 0], [105.9, 21.6, 0], [105.8, 21.5, 0]]],
        ),
    ],
)
def test_the_longitude_comes_first(text: str, kind: str, coordinates: object) -> None:
    told = geojson(text, kind)

    assert told is not None
    assert told["coordinates"] == coordinates


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "geopoint"),
        ("21.5", "geopoint"),
        ("21.5 kinh", "geopoint"),
        ("91 105.8", "geopoint"),
        ("21.5 181", "geopoint"),
        ("nan 105.8", "geopoint"),
        ("21.5 105.8 1 2 3", "geopoint"),
        ("21.5 105.8", "geotrace"),
        ("21.5 105.8; x", "geotrace"),
        (CORNERS, "geoshape"),  # not closed
    ],
)
def test_what_is_no_place_is_none(text: str, kind: str) -> None:
    assert geojson(text, kind) is None
