from __future__ import annotations

import random
from collections import Counter

from sync.demo.rounds import Unit, Visit, every_visit, visits
from tests.demo import world


def test_there_are_300_visits(planned: list[Visit]) -> None:
    assert len(planned) == 300
    assert len({visit.key for visit in planned}) == 300


def test_the_same_communes_give_the_same_visits_in_whatever_order_they_come(
    units: list[Unit], planned: list[Visit]
) -> None:
    shuffled = random.Random(1).sample(units, len(units))

    assert visits(shuffled, inspectors=4) == planned


def test_every_unit_is_visited_while_it_exists(planned: list[Visit]) -> None:
    outside = [visit for visit in planned if not visit.unit.is_in_force(visit.day)]

    assert outside == []


def test_some_of_todays_communes_are_never_visited_in_2026(
    units: list[Unit], planned: list[Visit]
) -> None:
    today = {unit.uid for unit in units if not unit.valid_to}

    visited = {visit.unit.uid for visit in planned if visit.year == 2026}

    assert len(today) == 92
    assert visited < today
    assert 10 <= len(today - visited) <= 20


def test_many_communes_are_visited_in_both_halves_of_2026(planned: list[Visit]) -> None:
    halves = [
        {v.unit.uid for v in planned if v.year == 2026 and v.period == period}
        for period in ("h1", "fy")
    ]

    assert len(halves[0] & halves[1]) > 40


def test_units_of_before_the_reform_are_visited_before_it(planned: list[Visit]) -> None:
    former = [visit for visit in planned if visit.unit.valid_to]

    assert len(former) == 70
    assert max(visit.day for visit in former).isoformat() < "2025-07-01"


def test_nobody_works_on_a_sunday(planned: list[Visit]) -> None:
    assert {visit.day.weekday() for visit in planned} <= {0, 1, 2, 3, 4}


def test_nobody_is_in_three_places_on_one_day() -> None:
    every = every_visit(world.units(), inspectors=4)

    assert len(every) == 420
    assert {visit.turn for visit in every} == {0, 1}
    assert len({(v.day, v.inspector, v.turn) for v in every}) == len(every)


def test_every_mishap_happens_and_none_is_common(planned: list[Visit]) -> None:
    mishaps = Counter(
        name
        for visit in planned
        for name, happened in {
            "no point": visit.point is None,
            "photo missing": visit.is_photo_missing,
            "edited": visit.is_edited,
            "miscalculated": visit.is_miscalculated,
            "repeated": bool(visit.repeats),
        }.items()
        if happened
    )

    assert len(mishaps) == 5
    assert max(mishaps.values()) < 40


def test_the_other_forms_are_filled_in_120_times_in_both_halves_and_before_the_reform() -> None:
    others = world.planned_with_other_forms()

    assert Counter(v.form_id for v in others) == {"kt_da8": 48, "kt_bdg": 42, "kt_ldn": 30}
    assert {v.period for v in others if v.year == 2026} == {"h1", "fy"}
    assert any(visit.unit.valid_to for visit in others)
    assert all(visit.unit.is_in_force(visit.day) for visit in others)
