"""Distances to the nearest line, against measuring to every line there is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from server.communes.plane import WGS84, Array, flatten, flatten_pairs, unflatten
from server.communes.prepared import OUTSIDE, PreparedCoverage
from tests.communes.builders import brute_force

Shapes = Sequence[BaseGeometry]


def metres_by_brute_force(polygons: Shapes, lons: Array, lats: Array) -> Array:
    """Measure to the nearest of all steps; straight in degrees, so cut into 0.001° at most."""
    lines = shapely.segmentize(shapely.boundary(np.array(polygons, dtype=object)), 0.001)
    flat = shapely.transform(shapely.get_parts(lines), flatten_pairs)
    corners, line = shapely.get_coordinates(flat, return_index=True)
    is_step = line[1:] == line[:-1]
    ends = np.stack((corners[:-1][is_step], corners[1:][is_step]), axis=1)
    steps = np.asarray(shapely.linestrings(ends))
    points = shapely.points(*flatten(lons, lats))
    nearest = shapely.STRtree(steps).nearest(points)
    spots = shapely.get_coordinates(shapely.shortest_line(steps[nearest], points))[::2]
    return np.asarray(WGS84.inv(lons, lats, *unflatten(spots[:, 0], spots[:, 1]))[2])


def wiggly(lon: float, lat: float, radius: float, corners: int, seed: int) -> BaseGeometry:
    """A round shape with a rough coast, its shortest steps some centimetres long."""
    random = np.random.default_rng(seed)
    turn = np.sort(random.uniform(0, 2 * np.pi, corners))
    away = radius * (1 + 0.2 * np.sin(7 * turn) + 0.001 * random.normal(size=corners))
    return shapely.Polygon(np.column_stack((lon + away * np.cos(turn), lat + away * np.sin(turn))))


RING = shapely.box(105, 21, 105.3, 21.3)
ENCLAVE = shapely.box(105.05, 21.05, 105.15, 21.15)
HOLE = shapely.box(105.2, 21.2, 105.25, 21.25)
LEFT = wiggly(105.5, 22, 0.2, 3000, 1)
SHAPES: dict[str, Shapes] = {
    "holes, an enclave and shared edges": [RING.difference(ENCLAVE).difference(HOLE), ENCLAVE],
    "a rough coast and its sea": [LEFT, shapely.box(105, 21.5, 106, 22.5).difference(LEFT)],
    "overlaps and gaps": [wiggly(105.2, 21.2, 0.1, 900, 2), wiggly(105.33, 21.2, 0.1, 900, 3)],
    "thin slivers": [
        shapely.Polygon([(105, 21), (105.5, 21.3), (105.5, 21.3001)]),
        shapely.Polygon([(105, 21), (105.5, 21.3001), (105.5, 21.3003)]),
    ],
    "long slanting edges": [
        shapely.Polygon([(105, 21), (106.2, 22.3), (105, 22.3)]),
        shapely.Polygon([(105, 21), (106.2, 21), (106.2, 22.3)]),
    ],
    "forty edges that meet in one corner": [
        shapely.Polygon([(105.5, 21.5), *(
            (105.5 + 0.3 * np.cos(turn), 21.5 + 0.3 * np.sin(turn))
            for turn in (2 * np.pi * n / 40, 2 * np.pi * (n + 1) / 40)
        )])
        for n in range(40)
    ],
    "two provinces far apart": [shapely.box(105, 21, 105.1, 21.1), wiggly(107, 16, 0.1, 400, 4)],
}  # fmt: skip


def around(polygons: Shapes, count: int, margin: float) -> tuple[Array, Array]:
    """Random points in the box around polygons, a third of them close to a corner."""
    random = np.random.default_rng(2026)
    west, south, east, north = shapely.total_bounds(np.array(polygons, dtype=object))
    lons = random.uniform(west - margin, east + margin, count)
    lats = random.uniform(south - margin, north + margin, count)
    corners = shapely.get_coordinates(np.array(polygons, dtype=object))
    close = corners[random.integers(0, len(corners), count // 3)]
    close = close + random.normal(0, 0.0005, close.shape)
    lons[: count // 3], lats[: count // 3] = close.T
    return lons, lats


@pytest.mark.parametrize("shape", SHAPES)
def test_the_distance_is_to_the_nearest_of_all_lines(shape: str) -> None:
    polygons = SHAPES[shape]
    lons, lats = around(polygons, 1500, 0.15)

    _, metres = PreparedCoverage(polygons).find_many(lons, lats)

    expected = metres_by_brute_force(polygons, lons, lats)
    np.testing.assert_allclose(metres, expected, rtol=0, atol=0.02)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_polygon_is_the_first_that_the_point_touches(shape: str) -> None:
    polygons = SHAPES[shape]
    lons, lats = around(polygons, 1500, 0.15)
    corners = shapely.get_coordinates(np.array(polygons, dtype=object))[:200]
    lons[-len(corners) :], lats[-len(corners) :] = corners.T

    found, _ = PreparedCoverage(polygons).find_many(lons, lats)

    assert found.tolist() == brute_force(polygons, lons, lats)


@pytest.mark.parametrize("shape", SHAPES)
def test_one_point_gets_what_it_gets_among_many(shape: str) -> None:
    prepared = PreparedCoverage(SHAPES[shape])
    lons, lats = around(SHAPES[shape], 300, 3.0)

    found, metres = prepared.find_many(lons, lats)
    ones = [prepared.find(*point) for point in np.column_stack((lons, lats)).tolist()]

    assert [polygon for polygon, _ in ones] == found.tolist()
    np.testing.assert_allclose([metre for _, metre in ones], metres, rtol=0, atol=1e-6)


def test_far_outside_the_distance_is_to_the_outline() -> None:
    polygons = SHAPES["a rough coast and its sea"]
    lons, lats = np.array([0.0, 103.0, 105.5, 110.0]), np.array([0.0, 22.0, 30.0, 15.0])

    found, metres = PreparedCoverage(polygons).find_many(lons, lats)

    assert found.tolist() == [OUTSIDE] * 4
    expected = metres_by_brute_force(polygons, lons, lats)
    np.testing.assert_allclose(metres, expected, rtol=1e-6)


def test_a_long_slanting_edge_is_straight_in_degrees() -> None:
    # As GeoJSON defines it, and as the question is asked on which side of it a point lies. In the
    # plane the straight way between its ends runs 30 m beside its middle.
    edge = PreparedCoverage(SHAPES["long slanting edges"])

    _, metres = edge.find(105.6, 21.65)

    assert metres == pytest.approx(0.0, abs=0.01)


def test_where_polygons_overlap_the_nearest_line_may_be_the_neighbours() -> None:
    # The point lies in both, 0.001° inside the second and 0.009° inside the first.
    first, second = shapely.box(105, 21, 105.11, 21.1), shapely.box(105.1, 21, 105.2, 21.1)
    _, _, expected = WGS84.inv(105.101, 21.05, 105.1, 21.05)

    polygon, metres = PreparedCoverage([first, second]).find(105.101, 21.05)

    assert polygon == 0
    assert metres == pytest.approx(expected, abs=0.01)
