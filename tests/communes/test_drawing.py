"""A commune and a point as shapes of a small picture."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from server.communes.drawing import HEIGHT, WIDTH, Spot, around
from tests import builders

DAY = dt.date(2026, 5, 4)
pytestmark = pytest.mark.django_db


def test_the_point_lies_where_it_does_in_the_commune_and_north_is_up() -> None:
    unit = builders.commune("05665", "Xã Đồng Hỷ")
    builders.coverage({unit: (105.8, 21.5)})  # to 105.9, 21.6
    drawn = around([unit.uid], DAY, Spot(105.875, 21.575, 1000.0))
    assert drawn is not None
    numbers = [float(n) for n in re.findall(r"[\d.]+", drawn.shapes[0].path)]
    xs, ys = numbers[::2], numbers[1::2]

    assert drawn.x == pytest.approx(min(xs) + 0.75 * (max(xs) - min(xs)), abs=0.3)
    assert drawn.y == pytest.approx(min(ys) + 0.25 * (max(ys) - min(ys)), abs=0.3)
    assert (min(xs) > 0, max(xs) < WIDTH, min(ys) > 0, max(ys) < HEIGHT) == (True,) * 4
    # The square is 11.13 km high, so 1 km is that share of it.
    assert drawn.radius == pytest.approx((max(ys) - min(ys)) / 11.132, rel=0.02)
    assert drawn.bar == pytest.approx(drawn.bar_m / 1000 * drawn.radius, rel=0.02)
    assert drawn.source == "Hình vuông thử nghiệm"


def test_a_point_far_outside_is_in_the_picture_too() -> None:
    unit = builders.commune("05665", "Xã Đồng Hỷ")
    builders.coverage({unit: (105.8, 21.5)}, is_schematic=True)
    drawn = around([unit.uid], DAY, Spot(107.2, 20.9, None))

    assert drawn is not None
    assert drawn.is_schematic
    assert 0 < (drawn.x or 0) < WIDTH
    assert 0 < (drawn.y or 0) < HEIGHT


def test_the_boundary_is_that_of_the_day_and_nothing_is_drawn_of_nothing() -> None:
    old = builders.commune("05665", "Xã cũ", since=None, until=builders.REFORM)
    builders.coverage({old: (105.8, 21.5)}, since=dt.date(2020, 1, 1), until=builders.REFORM)

    assert around([old.uid], DAY, None) is None
    assert around([old.uid], dt.date(2024, 5, 4), None) is not None
    assert around([], DAY, Spot(105.8, 21.5, 20.0)) is not None
