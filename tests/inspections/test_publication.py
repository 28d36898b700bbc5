"""What everything published about a year gives away together: the reader is `years`'s."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from server.inspections.publication import FY, H1, PART, WHOLE, Family, Line, Told, published
from server.inspections.suppression import Mark, Shown
from tests.inspections.years import ROUNDING, K, World, drawn, drawn_with_workplaces, widths

WORLDS = 240
WORKPLACE_WORLDS = 80


@pytest.mark.parametrize("part", range(4))
def test_all_tables_of_a_year_together_pin_no_small_count(part: int) -> None:
    worlds = {seed: drawn(seed) for seed in range(part, WORLDS, 4)}

    pinned = [
        (seed, secret, found)
        for seed, world in worlds.items()
        for secret, found in widths(world)
        if found < K - ROUNDING
    ]

    assert pinned == []


def test_workplaces_of_a_commune_added_up_pin_no_small_count_either() -> None:
    worlds = {seed: drawn_with_workplaces(seed) for seed in range(WORKPLACE_WORLDS)}

    pinned = [
        (seed, secret, found)
        for seed, world in worlds.items()
        for secret, found in widths(world)
        if found < K - ROUNDING
    ]

    assert pinned == []


@pytest.mark.parametrize("seed", range(0, WORLDS, 12))
def test_what_is_printed_is_true_and_what_is_small_is_not_printed(seed: int) -> None:
    world = drawn(seed)
    facts = world.facts()

    shown = world.shown()

    counts = {line: sum(facts[fact] for fact in world.sum(line)) for line in shown}
    printed = {line: s.count for line, s in shown.items() if s.mark is Mark.SHOWN}
    assert printed == {line: counts[line] for line in printed}
    known = world.family.known
    others = {
        line: sum(facts[fact] for fact in world.sum(line) if fact[2] not in known) for line in shown
    }
    assert not any(0 < others[line] < K for line in printed)


def test_a_count_that_a_reader_knows_in_part_is_not_called_small() -> None:
    told = {"a": Told(None, 30), "b": Told(None, 3), "c": Told(None, 40), "d": Told(None, 4)}
    both = Line(H1, WHOLE, frozenset({"a", "b"}))

    shown = published(Family({H1: told}, known=frozenset({"a"})), [both], K)

    # Together 33: «<5» would be wrong, and 33 would say 3 to who knows the 30.
    assert shown == {both: Shown(Mark.HIDDEN, None)}


def test_what_a_reader_knows_of_the_half_opens_no_year_of_others() -> None:
    # a was joined into ab: who answered for a alone knows nothing of ab's year.
    told = {H1: {"a": Told(None, 2)}, FY: {"ab": Told(None, 3)}}
    year = Line(FY, WHOLE, frozenset({"ab"}))

    shown = published(Family(told, {"a": ("ab",)}, frozenset({"a"})), [year], K)

    assert shown == {year: Shown(Mark.SMALL, None)}


def test_a_half_without_a_case_is_in_the_year_of_what_the_unit_became() -> None:
    # Of the province in the half 5 are known, 3 of them b's. Were a to take some up, so would ab.
    assert [found for _, found in widths(drawn(39)) if found < K - ROUNDING] == []


def test_what_part_and_whole_of_a_year_leave_is_open_as_a_whole_too() -> None:
    # p had 1 of its 2 in the half: either may be 0 to 5, and yet both together only 2 to 5. For d
    # is no more than 3: twice d, and the 6 of x, add up to 7 + 8 + 15 - 24.
    zero, told = Told(0, 0), [Told(n, n) for n in (7, 8, 9, 6)]
    half = {"p": Told(10, 11), "d": zero, **dict(zip("qrsx", told, strict=True))}
    year = half | {"p": Told(10, 12)}
    parts = {Line(FY, PART, frozenset(of)) for of in ("p", "pd", "dq", "dr", "qrs", "xs")}
    # Nobody told anything of z, so p alone is also what a group has: its whole is dear.
    wholes = {Line(FY, WHOLE, frozenset(of)) for of in ("p", "pz")}
    world = World(Family({H1: half, FY: year}), frozenset(parts | wholes))

    found = widths(world)

    assert found
    assert [width for _, width in found if width < K - ROUNDING] == []


COMMUNES = [f"xã {n}" for n in range(24)]


def province_of_small_counts() -> World:
    """Return communes with 1 to 4 reports each and one unhandled here and there."""
    half = {uid: Told(1 + n % 3, 1 + n % 3 + (n % 4 == 0)) for n, uid in enumerate(COMMUNES)}
    year = {
        uid: Told((half[uid].part or 0) + n % 2, (half[uid].whole or 0) + n % 2 + (n % 3 == 0))
        for n, uid in enumerate(COMMUNES)
    }
    sets = [frozenset(COMMUNES), *(frozenset({uid}) for uid in COMMUNES)]
    sets += [frozenset(COMMUNES[n::parts]) for parts in (2, 3) for n in range(parts)]
    lines = {Line(period, side, of) for of in sets for period in (H1, FY) for side in (PART, WHOLE)}
    return World(Family({H1: half, FY: year}), frozenset(lines))


def test_totals_of_the_province_are_printed_where_communes_can_hide_each_other() -> None:
    world = province_of_small_counts()

    shown = world.shown()

    of_all = {s.mark for line, s in shown.items() if len(line.uids) == len(COMMUNES)}
    assert of_all == {Mark.SHOWN}
    assert [found for _, found in widths(world) if found < K - ROUNDING] == []


def of_all(world: World) -> dict[tuple[str, str], Mark]:
    size = max(len(line.uids) for line in world.lines)
    return {line[:2]: s.mark for line, s in world.shown().items() if len(line.uids) == size}


def year_of(half: dict[str, Told], year: dict[str, Told], *groups: str) -> World:
    """Return communes of one letter, groups of them, and the province."""
    sets = [*(frozenset(each) for each in (*half, *groups)), frozenset(half)]
    told = {period: told for period, told in ((H1, half), (FY, year)) if told}
    lines = {Line(period, side, of) for of in sets for period in told for side in (PART, WHOLE)}
    return World(Family(told), frozenset(lines))


def test_of_a_province_where_two_were_not_handled_one_of_part_and_whole_is_hidden() -> None:
    half = {"p": Told(6, 7), "q": Told(9, 9), "r": Told(8, 9), "s": Told(3, 3), "t": Told(14, 14)}

    marks = of_all(year_of(half, {}, "pq", "rst"))

    # 40 of 42: whoever had both would have the 2.
    assert marks == {(H1, PART): Mark.HIDDEN, (H1, WHOLE): Mark.SHOWN}


def test_a_year_with_little_more_than_its_half_gives_up_one_of_four_totals() -> None:
    half = {uid: Told(3 + n % 4, 4 + n % 4) for n, uid in enumerate("pqrstuvw")}
    year = {uid: Told(told.part, (told.whole or 0) + (uid in "ps")) for uid, told in half.items()}

    world = year_of(half, year, "pqr", "stuvw", "prtv")

    # 36 of 44, then 36 of 46. Hidden is of the year the part: it would give back 0 and the 2.
    marks = of_all(world)
    assert list(marks.values()).count(Mark.HIDDEN) == 1
    assert [found for _, found in widths(world) if found < K - ROUNDING] == []


def test_a_commune_says_less_so_that_the_province_is_printed() -> None:
    half = dict.fromkeys("pqrs", Told(0, 0))
    year = {"p": Told(0, 3), "q": Told(0, 3), "r": Told(2, 2), "s": Told(0, 0)}

    shown = year_of(half, year, "pq").shown().items()

    # «<5» of r may be 4; then p and q would have 4 of the 8, and their «ẩn» says 5 or more.
    texts = {"".join(sorted(at.uids)): s.text(K) for at, s in shown if at[:2] == (FY, WHOLE)}
    assert texts == {"p": "<5", "q": "<5", "pq": "ẩn", "r": "ẩn", "s": "0", "pqrs": "8"}


def test_the_same_year_hides_the_same_cells_whatever_order_it_is_read_in() -> None:
    world = province_of_small_counts()
    told = {
        period: dict(sorted(of.items(), reverse=True)) for period, of in world.family.told.items()
    }

    shown = published(
        Family(dict(sorted(told.items(), reverse=True))), sorted(world.lines, reverse=True), K
    )

    assert shown == world.shown()


HIDING = """
from server.inspections.publication import published
from server.inspections.suppression_table import suppressed
from tests.inspections.years import drawn, drawn_with_workplaces
for world in (*map(drawn, range(8)), drawn_with_workplaces(1)):
    marks = {line: shown.mark.value for line, shown in world.shown().items()}
    print(sorted((*line[:2], *sorted(line.uids), mark) for line, mark in marks.items()))
    published(world.family, world.lines, 5, lambda table: print(table.text()) or suppressed(table))
"""


def test_another_process_hides_the_same_cells_and_knows_the_table_again() -> None:
    outputs = {
        subprocess.run(
            [sys.executable, "-c", HIDING],
            env=os.environ | {"PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(outputs) == 1
