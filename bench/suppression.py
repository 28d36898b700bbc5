"""How long it takes to hide the small counts of a large table, and of all tables of a year.

    python -m bench.suppression

Without a database. The table: 100 by 20 with the total of each row and column, 10 groups of rows
and the whole, drawn thrice from counts of up to 6 (the worst: nearly all small), 40 and 400. The
year: 92 communes, both periods, a part and its whole, 3 ways to group. Prints Markdown.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable

from server.inspections.publication import FY, H1, PART, WHOLE, Family, Line, Told, published
from server.inspections.suppression import Axis, Mark, Shown, suppress

ROWS, COLUMNS, COMMUNES = 100, 20, 92
LARGEST = (6, 40, 400)  # counts are drawn up to these
K = 5


def main() -> None:
    """Measure and print."""
    print("| table | counts up to | CPU s | small | hidden with them | shown |")
    print("|---|---|---|---|---|---|")
    for largest in LARGEST:
        _print(f"{ROWS} × {COLUMNS}", largest, _table(largest))
    for largest in LARGEST:
        _print(f"a year, {COMMUNES} communes", largest, _year(largest))


def _print(name: str, largest: int, act: Callable[[], Iterable[Shown]]) -> None:
    begun = time.process_time()
    shown = list(act())
    seconds = time.process_time() - begun
    marks = [each.mark for each in shown]
    counts = " | ".join(str(marks.count(m)) for m in (Mark.SMALL, Mark.HIDDEN, Mark.SHOWN))
    print(f"| {name} | {largest} | {seconds:.2f} | {counts} |")


def _table(largest: int) -> Callable[[], Iterable[Shown]]:
    draw = random.Random(largest)
    rows = tuple(f"r{n}" for n in range(ROWS))
    columns = tuple(f"c{n}" for n in range(COLUMNS))
    groups = {f"g{n}": frozenset(rows[n::10]) for n in range(10)}
    counts = {(row, column): draw.randint(0, largest) for row in rows for column in columns}
    of_rows = Axis(rows, {"all": frozenset(rows), **groups})
    of_columns = Axis(columns, {"all": frozenset(columns)})
    return lambda: suppress(counts, of_rows, of_columns, k=K).values()


def _year(largest: int) -> Callable[[], Iterable[Shown]]:
    draw = random.Random(largest)
    uids = [f"u{n}" for n in range(COMMUNES)]
    half, year = dict[str, Told](), dict[str, Told]()
    for uid in uids:
        whole, more = draw.randint(0, largest), draw.randint(0, largest)
        half[uid] = Told(draw.randint(0, whole), whole)
        year[uid] = Told((half[uid].part or 0) + draw.randint(0, more), whole + more)
    groups = [frozenset(uids[n::parts]) for parts in (1, 2, 3, 5) for n in range(parts)]
    lines = [
        Line(period, side, of)
        for of in [*groups, *(frozenset({uid}) for uid in uids)]
        for period in (H1, FY)
        for side in (PART, WHOLE)
    ]
    return lambda: published(Family({H1: half, FY: year}), lines, K).values()


if __name__ == "__main__":
    main()
