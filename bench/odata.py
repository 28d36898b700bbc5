"""How long a page of the OData feed takes, and what the whole feed holds in memory.

    python -m bench.odata [RECORDS]

The records of bench.exports: 40 questions with 12 rows of a repeat each. ODK Central takes 1.32 s
for a page of 1,000 out of 10,000. Prints Markdown: the median and the longest by the clock, what
CPU time this process takes (PostgreSQL's comes on top), how much came, and for the whole feed how
much memory the process holds at its peak, and before. All over HTTP, in this process, without a
socket.
"""

from __future__ import annotations

import multiprocessing
import statistics
import sys
import time
from collections.abc import Iterator

from django.test import Client

from bench import alone as alone  # first: it sets the settings up
from bench.export_rows import fill
from bench.exports import RECORDS, peak_mb
from server.forms.models import Form
from server.projects import accounts
from server.projects.models import Role

TIMES = 9
PAGES = {
    "page of 1,000, `$expand=*`": "Submissions?$top=1000&$expand=*",
    "page of 1,000, `$expand=*`, `$count`": "Submissions?$top=1000&$expand=*&$count=true",
    "page of 1,000": "Submissions?$top=1000",
    "page of 1,000 rows of the repeat": "Submissions.person?$top=1000",
    "page of 1,000, of 5 questions": "Submissions?$top=1000&$select=g/q_0,g/q_1,g/q_2,g/q_3,g/q_4",
}
WHOLE = {
    "all, `$expand=*`": "Submissions?$expand=*",
    "all rows of the repeat": "Submissions.person",
}


def main() -> None:
    """Measure and print."""
    many = int(sys.argv[1]) if len(sys.argv) > 1 else RECORDS
    filling = multiprocessing.get_context("fork").Process(target=fill, args=(many,))
    filling.start()
    filling.join()
    client, root = _client()
    print(
        f"{many} records\n\n| feed | median ms | slowest ms | CPU ms | MB |\n|---|---|---|---|---|"
    )
    for name, query in PAGES.items():
        _measure(client, name, root + query)
    peak_mb()  # what the pages held is forgotten
    print("\n| feed | s | CPU s | MB | peak memory (before), MB |\n|---|---|---|---|---|")
    for name, query in WHOLE.items():
        before = peak_mb()
        clock, cpu = time.perf_counter(), time.process_time()
        size = sum(len(piece) for piece in _pieces(client, root + query))
        clock, cpu = time.perf_counter() - clock, time.process_time() - cpu
        held = f"{peak_mb():.0f} ({before:.0f})"
        print(f"| {name} | {clock:.2f} | {cpu:.2f} | {size / 1e6:.1f} | {held} |")


def _client() -> tuple[Client, str]:
    form = Form.objects.get()
    user = accounts.create_user("bench@example.org", "Bench", "bench")
    accounts.join(user, form.project, Role.MANAGER)
    opened = accounts.open_session(user.email, "bench")
    assert opened is not None
    headers = {"Authorization": f"Bearer {opened.token}", "Host": "localhost"}
    return Client(headers=headers), f"/v1/projects/{form.project_id}/forms/{form.form_id}.svc/"


def _pieces(client: Client, address: str) -> Iterator[bytes]:
    response = client.get(address)
    assert response.status_code == 200, response.content
    yield from response


def _measure(client: Client, name: str, address: str) -> None:
    times, size = [], 0
    cpu = time.process_time()
    for _ in range(TIMES):
        begun = time.perf_counter()
        size = sum(len(piece) for piece in _pieces(client, address))
        times.append((time.perf_counter() - begun) * 1000)
    cpu = (time.process_time() - cpu) * 1000 / TIMES
    median, slowest = statistics.median(times), max(times)
    print(f"| {name} | {median:.0f} | {slowest:.0f} | {cpu:.0f} | {size / 1e6:.1f} |")


if __name__ == "__main__":
    main()
