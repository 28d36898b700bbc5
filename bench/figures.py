"""How long the whole call of indicators takes over 400 inspections of one year.

    python -m bench.figures

The inspections of the demonstration over and over, all of one year and approved. `public` hides
small counts in all tables of the year together. Which cells, a worker has worked out when anything
changed; `worked ahead` is the first call in a process after that, `not yet` one that came before
the worker, `again` a later one. `exact` prints what there is. Prints Markdown, and which
totals of the province stay printed.
"""

from __future__ import annotations

import datetime as dt
import statistics
import time

from bench import alone as alone  # first: it sets the settings up
from bench.province import filled_forms, of_the_year, prepare, store
from server.inspections import ahead, patterns, summary, sweep
from server.inspections.figures import PERIODS, Asked, IndicatorTable, figures
from server.inspections.readers import OPERATOR, PUBLIC
from server.inspections.suppression import Mark
from server.submissions.models import ReviewState, Submission

INSPECTIONS = 400
YEAR = 2026
TIMES = 5
K = 5


def main() -> None:
    """Measure and print."""
    version = prepare()
    store(version, of_the_year(filled_forms(version), YEAR, INSPECTIONS))
    list(sweep.rederive(Submission.objects.all()))
    Submission.objects.update(review_state=ReviewState.APPROVED)
    form = summary.published_form(version.form.project_id, version.form.form_id)
    print("| reader | period | median s | CPU s | sensitive totals of the province printed |")
    print("|---|---|---|---|---|")
    readers = (
        ("public, not yet worked out", PUBLIC),
        ("public, worked ahead", PUBLIC),
        ("public, again", PUBLIC),
        ("exact", OPERATOR),
    )
    for name, reader in readers:
        if name == "public, worked ahead":
            patterns.hidden.cache_clear()
            used = time.process_time()
            ahead.work_ahead()
            print(f"| the worker | both | – | {time.process_time() - used:.2f} | – |")
        for period in PERIODS:
            clock, cpu = [], []
            for _ in range(TIMES):
                if name != "public, again":
                    patterns.hidden.cache_clear()
                begun, used = time.perf_counter(), time.process_time()
                table = figures(form, Asked(YEAR, period, dt.date(YEAR, 11, 25)), reader, k=K)
                clock.append(time.perf_counter() - begun)
                cpu.append(time.process_time() - used)
            times = f"{statistics.median(clock):.2f} | {statistics.median(cpu):.2f}"
            print(f"| {name} | {period} | {times} | {_printed(table)} |")


def _printed(table: IndicatorTable) -> str:
    numbers = [
        number
        for code in sorted(table.sensitive)
        for number in (table.province[code].numerator, table.province[code].denominator)
        if number.mark is not Mark.MISSING
    ]
    return f"{sum(number.mark is Mark.SHOWN for number in numbers)} of {len(numbers)}"


if __name__ == "__main__":
    main()
