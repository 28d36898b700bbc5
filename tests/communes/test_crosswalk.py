"""The units of one day in the units of another, both ways."""

from __future__ import annotations

import datetime as dt

import pytest

from server.communes.crosswalk import Lies, Made, made_of, onto
from server.communes.seed import load_units
from tests import builders
from tests.builders import REFORM

BEFORE, AFTER = dt.date(2024, 5, 20), dt.date(2026, 5, 20)


class Reform:
    """Two communes become one; one stays alone under a new name; one is split between two."""

    def __init__(self) -> None:
        self.north, self.south, self.alone, self.split = (
            builders.commune(code, code, since=None, until=REFORM) for code in ("1", "2", "3", "4")
        )
        self.joined, self.renamed, self.east, self.west = (
            builders.commune(code, code) for code in ("5", "6", "7", "8")
        )
        self.same = builders.commune("9", "9", since=None)
        for old, *new in (
            (self.north, self.joined),
            (self.south, self.joined),
            (self.alone, self.renamed),
            (self.split, self.east, self.west),
        ):
            builders.became(old, *new)


@pytest.fixture
def reform(db: None) -> Reform:
    return Reform()


def test_what_was_joined_lies_wholly_in_what_it_became(reform: Reform) -> None:
    assert onto([reform.north.uid], AFTER) == {
        reform.north.uid: (Lies(reform.joined.uid, is_whole=True),)
    }


def test_what_was_split_lies_in_each_with_a_part(reform: Reform) -> None:
    assert onto([reform.split.uid], AFTER)[reform.split.uid] == (
        Lies(reform.east.uid, is_whole=False),
        Lies(reform.west.uid, is_whole=False),
    )


def test_looking_back_what_was_joined_cannot_be_told_apart(reform: Reform) -> None:
    assert onto([reform.joined.uid], BEFORE)[reform.joined.uid] == (
        Lies(reform.north.uid, is_whole=False),
        Lies(reform.south.uid, is_whole=False),
    )


def test_looking_back_the_parts_of_what_was_split_lie_in_it_wholly(reform: Reform) -> None:
    found = onto([reform.east.uid, reform.west.uid], BEFORE)

    whole = (Lies(reform.split.uid, is_whole=True),)
    assert found == {reform.east.uid: whole, reform.west.uid: whole}


@pytest.mark.parametrize("day", [BEFORE, AFTER])
def test_what_never_changed_is_itself(reform: Reform, day: dt.date) -> None:
    uid = reform.same.uid

    assert onto([uid], day) == {uid: (Lies(uid, is_whole=True),)}


def test_a_unit_is_comparable_when_it_consists_of_whole_ones(reform: Reform) -> None:
    made = made_of(BEFORE, AFTER)

    assert made[reform.joined.uid] == Made((reform.north.uid, reform.south.uid), ())
    assert made[reform.joined.uid].is_comparable
    assert made[reform.renamed.uid].is_comparable
    assert made[reform.east.uid] == Made((), (reform.split.uid,))
    assert not made[reform.east.uid].is_comparable


def test_looking_back_the_split_one_is_comparable_and_the_joined_ones_are_not(
    reform: Reform,
) -> None:
    made = made_of(AFTER, BEFORE)

    assert made[reform.split.uid] == Made((reform.east.uid, reform.west.uid), ())
    assert not made[reform.north.uid].is_comparable


def test_a_unit_that_nothing_followed_lies_nowhere(db: None) -> None:
    gone = builders.commune("1", "1", since=None, until=REFORM)

    assert onto([gone.uid], AFTER) == {gone.uid: ()}


def test_of_the_ninety_two_communes_those_touched_by_a_split_are_not_comparable(db: None) -> None:
    load_units()

    made = made_of(dt.date(2025, 6, 30), dt.date(2025, 7, 1))

    # domain.md §4.1: three of the 280 were split, and five of the 92 touch one of them.
    touched = {uid for uid, one in made.items() if not one.is_comparable}
    assert len(made) == 92
    assert len(touched) == 5
    assert {old for uid in touched for old in made[uid].partly} == {
        "05461@start",  # Gia Sàng
        "05467@start",  # Cam Giá
        "05932@start",  # Thượng Đình
    }
    assert sum(len(one.whole) for one in made.values()) == 280 - 3
