"""How long the summary takes over 10,000 inspections, and what deriving them costs with rows.

    python -m bench.summary

The inspections of the demonstration over and over, all of one year, stored as they arrived and
then derived in batches as `rederive` does. Prints Markdown: the summary by the function, as JSON
and as CSV over HTTP (in this process, without a socket), for the year and for one period.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable

from django.db import connection
from django.test import Client

from bench import alone as alone  # first: it sets the settings up
from bench.clock import milliseconds
from bench.province import filled_forms, of_the_year, prepare, store
from server.forms.models import FormVersion
from server.inspections import summary, sweep
from server.inspections.derive import Outcome
from server.projects import accounts
from server.projects.models import Role
from server.submissions.models import Submission

INSPECTIONS = 10_000
YEAR = 2026
TIMES = 15


def main() -> None:
    """Measure and print."""
    version = prepare()
    store(version, of_the_year(filled_forms(version), YEAR, INSPECTIONS))
    begun = time.perf_counter()
    outcome = sum(sweep.rederive(Submission.objects.all()), Outcome())
    rate = outcome.derived / (time.perf_counter() - begun)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print(f"{outcome.derived} inspections derived with their rows: {rate:.0f}/s\n")
    print("| summary | median ms | slowest ms |\n|---|---|---|")
    for name, act in _scenes(version).items():
        median, slowest = milliseconds(act, TIMES)
        print(f"| {name} | {median:.0f} | {slowest:.0f} |")


def _scenes(version: FormVersion) -> dict[str, Callable[[], object]]:
    project = version.form.project
    user = accounts.create_user("bench@example.org", "Bench", "bench")
    accounts.join(user, project, Role.VIEWER)
    opened = accounts.open_session(user.email, "bench")
    assert opened is not None
    client = Client(headers={"Authorization": f"Bearer {opened.token}", "Host": "localhost"})
    form = summary.published_form(project.pk, version.form.form_id)
    address = f"/v1/projects/{project.pk}/summary"
    query = f"?form={version.form.form_id}&year={YEAR}"

    def ask(path: str) -> object:
        response = client.get(path)
        assert response.status_code == 200, response.content
        return response.content

    return {
        "function, year": lambda: summary.summarise(
            form, year=YEAR, period=None, on_date=dt.date(YEAR, 11, 25)
        ),
        "JSON, year": lambda: ask(address + query),
        "JSON, h1": lambda: ask(f"{address}{query}&period=h1"),
        "CSV, year": lambda: ask(f"{address}.csv{query}"),
    }


if __name__ == "__main__":
    main()
