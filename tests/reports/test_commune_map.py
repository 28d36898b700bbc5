"""The classes that an indicator's numbers are coloured by."""

from __future__ import annotations

import pytest

from server.reports.commune_map import tops


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ([], []),
        ([7.0], [7.0]),
        ([0.0] * 60 + [1.0, 1.0, 2.0], [0.0, 1.0, 2.0]),
        ([50.0, 75.0] + [100.0] * 40, [50.0, 75.0, 100.0]),
        ([float(n) for n in range(1, 9)], [2.0, 4.0, 6.0, 8.0]),
    ],
)
def test_where_most_communes_have_the_same_number_the_others_are_told_from_them(
    shown: list[float], expected: list[float]
) -> None:
    assert tops(shown) == expected
