"""What suppressed tables give away, worked out by linear programs over what they print."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from functools import cache, cached_property

import highspy
import pytest

from server.inspections.suppression import Axis, Cell, Mark, Shown, suppress

K = 5
TABLES = 1_000  # attacked in all; every second one by the stronger reader too
PARTS = 8  # so that they run on all cores
ROUNDING = 1e-6

Counts = dict[Cell, int]


@dataclass(frozen=True)
class Table:
    """A table of sensitive counts."""

    counts: Counts
    rows: Axis
    columns: Axis

    @cached_property
    def shown(self) -> dict[Cell, Shown]:
        """Return it as it is printed."""
        return suppress(self.counts, self.rows, self.columns, k=K)

    def within(self, cell: Cell) -> list[Cell]:
        """Return the items that a cell adds up, itself if it is one; missing ones left out."""
        rows = self.rows.totals.get(cell[0], {cell[0]})
        columns = self.columns.totals.get(cell[1], {cell[1]})
        return [item for item in self.counts if item[0] in rows and item[1] in columns]

    def count(self, cell: Cell) -> int:
        """Return the true count of an item or a total."""
        return sum(self.counts[item] for item in self.within(cell))


@dataclass(frozen=True, slots=True)
class Interval:
    """What a reader can tell of a hidden cell."""

    low: float
    high: float


def attacked(table: Table, *, believing_marks: bool) -> dict[Cell, Interval]:
    """Return the interval that the printed table leaves to each hidden cell.

    believing_marks: the reader also knows what the marks say: «<5» is 1 to 4, and a count that is
    hidden without being small is 5 or more. He cannot quite know the latter: it makes him stronger
    than he is.
    """
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("presolve", "off")  # on such small programs it saves nothing
    variables = {item: solver.addVariable(lb=0, ub=math.inf) for item in table.counts}
    hidden = {}
    for cell, shown in table.shown.items():
        items = [variables[item] for item in table.within(cell)]
        if not items:
            continue
        count = sum(items[1:], 1 * items[0])
        if shown.mark is Mark.SHOWN:
            solver.addConstr(count == shown.count)
        else:
            hidden[cell] = count
        if believing_marks and shown.mark is Mark.SMALL:
            solver.addConstr(count >= 1)
            solver.addConstr(count <= K - 1)
        if believing_marks and shown.mark is Mark.HIDDEN and table.count(cell) >= K:
            solver.addConstr(count >= K)
    return {cell: interval(solver, count) for cell, count in hidden.items()}


def interval(solver: highspy.Highs, count: highspy.highs.highs_linear_expression) -> Interval:
    solver.minimize(count)
    low = solver.getInfo().objective_function_value
    solver.maximize(count)
    is_bounded = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return Interval(low, solver.getInfo().objective_function_value if is_bounded else math.inf)


@cache
def drawn(seed: int) -> Table:
    """Return a table of up to 7 by 4 with totals over any sets, overlapping ones too."""
    draw = random.Random(seed)
    rows = axis(draw, tuple(f"xã {n}" for n in range(draw.randint(1, 7))), total_of_all=0.8)
    columns = axis(draw, tuple(f"cột {n}" for n in range(draw.randint(1, 4))), total_of_all=0.5)
    largest = draw.choice((3, 6, 12, 40))
    counts = {
        (row, column): 0 if draw.random() < 0.25 else draw.randint(0, largest)
        for row in rows.items
        for column in columns.items
        if draw.random() < 0.95
    }
    return Table(counts, rows, columns)


def axis(draw: random.Random, items: tuple[str, ...], *, total_of_all: float) -> Axis:
    sets = {
        f"nhóm {n}": {i for i in items if draw.random() < 0.5} for n in range(draw.randint(0, 2))
    }
    totals = {name: frozenset(items) for name in ("tất cả",) if draw.random() < total_of_all}
    return Axis(items, totals | {name: frozenset(of) for name, of in sets.items() if of})


@pytest.mark.parametrize("part", range(PARTS))
def test_no_hidden_cell_can_be_pinned_to_less_than_k_values(part: int) -> None:
    tables = {seed: drawn(seed) for seed in range(part, TABLES, PARTS)}

    pinned = [
        (seed, cell, found)
        for seed, table in tables.items()
        for cell, found in attacked(table, believing_marks=False).items()
        if found.high - found.low < K - ROUNDING
    ]

    assert pinned == []


@pytest.mark.parametrize("part", range(PARTS))
def test_what_the_marks_say_does_not_narrow_a_small_cell(part: int) -> None:
    tables = {seed: drawn(seed) for seed in range(part, TABLES, 2 * PARTS)}

    narrowed = [
        (seed, cell, found)
        for seed, table in tables.items()
        for cell, found in attacked(table, believing_marks=True).items()
        if 0 < table.count(cell) < K and cell in table.counts
        if found.low > 1 + ROUNDING or found.high < K - 1 - ROUNDING
    ]

    assert narrowed == []


@pytest.mark.parametrize("seed", range(0, TABLES, 25))
def test_what_is_printed_is_true_and_what_is_small_is_not_printed(seed: int) -> None:
    table = drawn(seed)

    shown = table.shown

    printed = {cell: s.count for cell, s in shown.items() if s.mark is Mark.SHOWN}
    assert printed == {cell: table.count(cell) for cell in printed}
    assert not any(0 < count < K for count in printed.values() if count is not None)
    assert all(shown[item].mark is Mark.SMALL for item, n in table.counts.items() if 0 < n < K)


COMMUNES = ("An", "Bình", "Chợ", "Đồng")


def one_column(*counts: int, **totals: set[str]) -> Table:
    communes = COMMUNES[: len(counts)]
    sets = {"tỉnh": frozenset(communes)} | {name: frozenset(of) for name, of in totals.items()}
    return Table(
        {(commune, "vụ"): n for commune, n in zip(communes, counts, strict=True)},
        Axis(communes, sets),
        Axis(("vụ",)),
    )


def printed(table: Table) -> dict[str, str]:
    return {row: shown.text(K) for (row, _), shown in table.shown.items()}


def test_a_second_cell_is_hidden_so_that_the_total_does_not_give_the_first_back() -> None:
    table = one_column(2, 30, 9, 0)

    # The smallest that leaves «<5» open: 9 may be 7 (then An has 4) or 10 (then An has 1).
    assert printed(table) == {"An": "<5", "Bình": "30", "Chợ": "ẩn", "Đồng": "0", "tỉnh": "41"}


def test_ones_everywhere_hide_their_total() -> None:
    table = one_column(1, 1, 1)

    # «<5» three times and a total of 3 would say one everywhere.
    assert printed(table) == {"An": "<5", "Bình": "<5", "Chợ": "<5", "tỉnh": "ẩn"}


def test_small_cells_that_hide_each_other_need_no_further_one() -> None:
    table = one_column(2, 3, 4, 50)

    assert printed(table) == {"An": "<5", "Bình": "<5", "Chợ": "<5", "Đồng": "50", "tỉnh": "59"}


def test_two_sets_of_totals_do_not_give_back_what_each_alone_would_hide() -> None:
    # Zone less province is Chợ alone, whatever is hidden within either.
    table = one_column(20, 30, 3, 40, vùng={"An", "Bình", "Chợ"}, bắc={"An", "Bình"})

    found = attacked(table, believing_marks=False)

    assert found[("Chợ", "vụ")].high - found[("Chợ", "vụ")].low >= K


def test_a_table_without_small_counts_is_printed_whole() -> None:
    assert "ẩn" not in printed(one_column(5, 0, 7, 120)).values()


def test_missing_is_not_zero() -> None:
    table = Table(
        {("An", "vụ"): 8}, Axis(("An", "Bình"), {"tỉnh": frozenset({"An", "Bình"})}), Axis(("vụ",))
    )

    assert printed(table) == {"An": "8", "Bình": "", "tỉnh": "8"}


def test_another_k_hides_more() -> None:
    shown = suppress({("An", "vụ"): 7}, Axis(("An",)), Axis(("vụ",)), k=10)

    assert shown[("An", "vụ")].text(10) == "<10"


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        suppress({("An", "vụ"): -1}, Axis(("An",)), Axis(("vụ",)))
