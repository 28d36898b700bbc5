"""How many submissions a second `rederive` computes again, with the database.

    python -m bench.rederive

5,000 inspections of the demonstration: first as they are owed, then unchanged, then after a rule
was found to be verified (one finding of each differs), then after their flags and findings were
lost. Prints Markdown: by the clock, and what CPU time this process takes for each; the rest is
PostgreSQL's, on another core.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from django.db import connection

from bench import alone as alone  # first: it sets the settings up
from bench.province import filled_forms, of_the_year, prepare, store
from server.forms.models import FormVersion
from server.inspections import sweep
from server.inspections.derive import Outcome
from server.inspections.models import Finding, Flag
from server.inspections.reading import reading_of
from server.submissions.models import Submission

SUBMISSIONS = 5_000
YEAR = 2026


def main() -> None:
    """Measure and print."""
    version = prepare()
    store(version, of_the_year(filled_forms(version), YEAR, SUBMISSIONS))
    scenes: dict[str, Callable[[], object]] = {
        "first time": lambda: None,
        "unchanged": lambda: None,
        "one finding of each differs": lambda: _verify_a_rule(version),
        "findings and flags lost": _lose_rows,
    }
    print("| rederive | submissions/s | CPU of this process, ms each | changed |")
    print("|---|---|---|---|")
    for name, prepare_scene in scenes.items():
        prepare_scene()
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        clock, cpu = time.perf_counter(), time.process_time()
        outcome = sum(sweep.rederive(Submission.objects.all()), Outcome())
        clock, cpu = time.perf_counter() - clock, time.process_time() - cpu
        each_ms = cpu / outcome.derived * 1000
        print(f"| {name} | {outcome.derived / clock:.0f} | {each_ms:.2f} | {outcome.changed} |")


def _verify_a_rule(version: FormVersion) -> None:
    rules = version.rule_version
    if rules is None:
        raise ValueError(f"{version} has no rules")
    condition = rules.conditions["conditions"][0]
    condition["is_verified"] = not condition["is_verified"]
    rules.save()
    reading_of.cache_clear()


def _lose_rows() -> None:
    Finding.objects.all().delete()
    Flag.objects.all().delete()


if __name__ == "__main__":
    main()
