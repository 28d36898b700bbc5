"""A table to be hidden from, as something that can be kept and compared: see `publication`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from server.inspections.suppression import Axis, Cell, Mark, Rank, suppress

Lines = tuple[tuple[str, ...], tuple[tuple[str, frozenset[str]], ...]]  # items; totals of them


@dataclass(frozen=True, slots=True)
class Table:
    """All that it hangs on which cells are hidden.

    The names of rows are numbers: whoever keeps one keeps nothing about anybody by name.
    """

    counts: tuple[tuple[Cell, int], ...]
    rows: Lines
    columns: Lines
    ranks: tuple[tuple[Cell, Rank], ...]  # of the cells that are printed
    k: int

    def text(self) -> str:
        """Return all of it in one order, the same in every process."""
        lines = [[(name, sorted(of)) for name, of in each[1]] for each in (self.rows, self.columns)]
        ranks = [(cell, int(rank)) for cell, rank in self.ranks]
        return repr((self.counts, self.rows[0], self.columns[0], lines, ranks, self.k))


class Hide(Protocol):
    """What says how each printed cell of a table prints, in the order of its ranks."""

    def __call__(self, table: Table, /) -> Sequence[Mark]:
        """Return the marks."""


def suppressed(table: Table) -> Sequence[Mark]:
    """Return how each printed cell of a table may be printed, in the order of its ranks."""
    rows, columns = (Axis(items, dict(of)) for items, of in (table.rows, table.columns))
    ranks = dict(table.ranks)
    shown = suppress(
        dict(table.counts), rows, columns, k=table.k, printed=ranks.keys(), ranks=ranks
    )
    return tuple(shown[cell].mark for cell in ranks)
