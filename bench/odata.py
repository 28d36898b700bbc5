"""How long a page of the OData feed takes, and what the whole feed holds in memory.

    python -m bench.odata [RECORDS] [--pages]      # --pages: without the whole feeds

The records of bench.exports: 40 questions with 12 rows of a repeat each. ODK Central takes 1.32 s
for a page of 1,000 out of 10,000. Prints Markdown: the median and the longest by the clock, what
CPU time this process and its connection take, how much came, and for the whole feed how
much memory the process holds at its peak, and before. All over HTTP, in this process, without a
socket.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import multiprocessing
import statistics
import time
from collections.abc import Iterator

from django.test import Client

from bench import alone as alone  # first: it sets the settings up
from bench.export_rows import fill
from bench.exports import RECORDS, peak_mb, peer_cpu_s
from server.forms.models import Form
from server.projects import accounts
from server.projects.models import Role
from server.submissions.models import Submission

TIMES = 9
_DAY = "__system/submissionDate ge {since} and __system/submissionDate lt {until}"
PAGES = {
    "page of 1,000, `$expand=*`": "Submissions?$top=1000&$expand=*",
    "page of 1,000, `$expand=*`, `$count`": "Submissions?$top=1000&$expand=*&$count=true",
    "page of 1,000": "Submissions?$top=1000",
    "page of 1,000 rows of the repeat": "Submissions.person?$top=1000",
    "page of 1,000, of 5 questions": "Submissions?$top=1000&$select=g/q_0,g/q_1,g/q_2,g/q_3,g/q_4",
    "page of 1,000 behind half, `$expand=*`, `$skiptoken`": "{link}",
    "page of 1,000 behind half, `$skip`": "Submissions?$top=1000&$skip={half}",
    "page of 1,000 of a day": "Submissions?$top=1000&$filter=" + _DAY,
    "page of 1,000 of a day, `$count`": "Submissions?$top=1000&$count=true&$filter=" + _DAY,
}
WHOLE = {
    "all, `$expand=*`": "Submissions?$expand=*",
    "all rows of the repeat": "Submissions.person",
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("records", nargs="?", type=int, default=RECORDS)
    parser.add_argument("--pages", action="store_true", help="without the whole feeds")
    asked = parser.parse_args()
    filling = multiprocessing.get_context("fork").Process(target=fill, args=(asked.records,))
    filling.start()
    filling.join()
    client, root = _client()
    print(
        f"{asked.records} records\n\n"
        "| feed | median ms | slowest ms | CPU ms | PostgreSQL | MB |\n|---|---|---|---|---|---|"
    )
    half = _half(client, root)
    for name, query in PAGES.items():
        address = query.format(**half)
        _measure(client, name, address if "://" in address else root + address)
    if not asked.pages:
        _measure_whole(client, root)


def _half(client: Client, root: str) -> dict[str, object]:
    """Return what leads to the middle of all records, and to the day on which it came."""
    many = Submission.objects.count() // 2
    query = f"Submissions?$top=1000&$expand=*&$skip={many}"
    answer = json.loads(b"".join(_pieces(client, root + query)))
    came = dt.datetime.fromisoformat(answer["value"][0]["__system"]["submissionDate"])
    return {
        "half": many,
        "link": answer["@odata.nextLink"],
        "since": f"{came - dt.timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}",
        "until": f"{came:%Y-%m-%dT%H:%M:%SZ}",
    }


def _measure_whole(client: Client, root: str) -> None:
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
    form = Form.objects.get(form_id="do")
    email = f"{time.time_ns()}@example.org"  # a database that is kept has the one of the last time
    accounts.join(accounts.create_user(email, "Bench", "bench"), form.project, Role.MANAGER)
    opened = accounts.open_session(email, "bench")
    assert opened is not None
    headers = {"Authorization": f"Bearer {opened.token}", "Host": "localhost"}
    return Client(headers=headers), f"/v1/projects/{form.project_id}/forms/{form.form_id}.svc/"


def _pieces(client: Client, address: str) -> Iterator[bytes]:
    response = client.get(address)
    assert response.status_code == 200, response.content
    yield from response


def _measure(client: Client, name: str, address: str) -> None:
    times, size = [], 0
    cpu, peer_s = time.process_time(), peer_cpu_s()
    for _ in range(TIMES):
        begun = time.perf_counter()
        size = sum(len(piece) for piece in _pieces(client, address))
        times.append((time.perf_counter() - begun) * 1000)
    cpu = (time.process_time() - cpu) * 1000 / TIMES
    peer_ms = (peer_cpu_s() - peer_s) * 1000 / TIMES
    median, slowest = statistics.median(times), max(times)
    took = f"{median:.0f} | {slowest:.0f} | {cpu:.0f} | {peer_ms:.0f}"
    print(f"| {name} | {took} | {size / 1e6:.1f} |", flush=True)


if __name__ == "__main__":
    main()
