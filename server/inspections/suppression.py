"""Small counts made unreadable, and with them every figure that would give them back.

A count of 1 to k-1 prints as «<k» (domain.md §5.1.7). That alone hides nothing where a total
stands beside it, so further cells are hidden until no hidden one can be worked out from what is
printed.

How that is made sure. A *move* adds the same amount to some hidden cells and takes it from others
so that every total still holds; whoever reads the table cannot tell the true one from the one
after the move. Each small cell is given a move, or a pool of other lines that share it, that
reaches far enough:

- with nothing known but that counts are not negative, the cell's possible values span at least k;
- knowing besides what the marks say («<k» is 1 to k-1, any other hidden count that is not zero is
  k or more), a cell marked «<k» may still be any of 1 to k-1. Thirty communes with one case each
  and a total of 30 are why: without this, «<5» thirty times would say one everywhere.

Rows and columns each may have totals over any sets of items, overlapping ones too (by zone, by
former province). A move takes an item of the rows and another that gives it up, or none, and the
same for the columns; the totals that only one of the two is in move along. So every set of totals
that is ever published must be in the table when it is suppressed, whether one page shows all of
them or not. A cell that is printed nowhere costs nothing to hide; if it is small, it must not
follow from the printed ones either, only there is no mark to believe.

tests/inspections/test_suppression.py attacks the printed tables with linear programs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum

from server.inspections.suppression_grid import ALL, GROUP, ITEM, Grid, Line
from server.inspections.suppression_search import protect

DEFAULT_K = 5  # domain.md §5.1.7

Cell = tuple[str, str]  # the name of an item or total of the rows, and one of the columns


class Rank(IntEnum):
    """How dear a cell is: any number of a lower rank is hidden rather than one of a higher."""

    ITEM = ITEM
    GROUP = GROUP
    ALL = ALL


class Mark(Enum):
    """What a cell prints instead of its count, or that it prints it."""

    SHOWN = "shown"
    SMALL = "small"  # 1 to k-1
    HIDDEN = "hidden"  # would give a small one back
    MISSING = "missing"  # nobody said; never the same as zero


@dataclass(frozen=True, slots=True)
class Axis:
    """The rows, or the columns: items, and totals over some of them.

    items: names. totals: {name: names of items}; no name twice among both.
    """

    items: tuple[str, ...]
    totals: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def lines(self) -> tuple[Line, ...]:
        """Return items, then totals, as sets of positions of items."""
        position = {item: index for index, item in enumerate(self.items)}
        single = [frozenset({index}) for index in range(len(self.items))]
        return (*single, *(frozenset(position[i] for i in of) for of in self.totals.values()))

    def names(self) -> tuple[str, ...]:
        """Return the names of `lines`, in their order."""
        return (*self.items, *self.totals)


@dataclass(frozen=True, slots=True)
class Shown:
    """One cell as it may be printed."""

    mark: Mark
    count: int | None  # only where the mark is SHOWN

    def text(self, k: int = DEFAULT_K) -> str:
        """Return what stands in the cell."""
        words = {Mark.SMALL: f"<{k}", Mark.HIDDEN: "ẩn", Mark.MISSING: ""}
        return words.get(self.mark, str(self.count))


def suppress(
    counts: Mapping[Cell, int],
    rows: Axis,
    columns: Axis,
    *,
    k: int = DEFAULT_K,
    printed: Collection[Cell] | None = None,
    ranks: Mapping[Cell, Rank] | None = None,
) -> dict[Cell, Shown]:
    """Return every cell of a table of sensitive counts, and of its totals, as it may be printed.

    counts: {(row item, column item): count >= 0}; a cell that is not there is missing: it prints
    nothing, and totals are of what is there. Items of one axis must be disjoint sets of people,
    or its totals must not name them together. printed: the cells that are printed at all, all if
    not given; those that are not may not be worked out either. ranks: of cells that are dearer or
    cheaper to hide than their lines say: an item of both axes, a total of one, of both. Raises
    ValueError for a negative count.
    """
    if any(count < 0 for count in counts.values()):
        raise ValueError("counts cannot be negative")
    grid = Grid(
        rows.lines(),
        columns.lines(),
        [[counts.get((row, column)) for column in columns.items] for row in rows.items],
        k,
    )
    names = [
        (r, c, (row, column))
        for r, row in enumerate(rows.names())
        for c, column in enumerate(columns.names())
    ]
    if printed is not None:
        grid.keep_unprinted((r, c) for r, c, cell in names if cell not in printed)
    grid.ranks = {(r, c): ranks[cell] for r, c, cell in names if ranks and cell in ranks}
    protect(grid)
    return {cell: _shown(grid, r, c) for r, c, cell in names}


def _shown(grid: Grid, row: int, column: int) -> Shown:
    count = grid.counts[row][column]
    if count is None:
        return Shown(Mark.MISSING, None)
    if (row, column) not in grid.hidden:
        return Shown(Mark.SHOWN, count)
    return Shown(Mark.SMALL if grid.is_small((row, column)) else Mark.HIDDEN, None)
