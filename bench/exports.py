"""How long an export takes, and what it holds in memory.

    python -m bench.exports [RECORDS]

10,000 records of 40 questions with 12 rows of a repeat each, as ODK Central's figure is of
(23.1 s for the archive, 0.41 s to its first byte). Prints Markdown: by the clock, what CPU time
this process takes (PostgreSQL's comes on top), when the first bytes come, and how much memory the
process holds at its peak, and before.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import sys
import time
from array import array
from collections.abc import Callable, Iterable
from pathlib import Path
from uuid import uuid4

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from bench import alone as alone  # first: it sets the settings up
from server.forms import schema
from server.forms.models import Form, FormVersion
from server.projects import accounts
from server.reports import central_csv, people_csv, records, sheets
from server.reports.central_csv import Options, Tables
from server.reports.people_table import Book
from server.submissions.models import Submission, SubmissionVersion
from tests import builders

RECORDS = 10_000
QUESTIONS, REPEATS = 40, 12
_AT_ONCE = 1_000


def main() -> None:
    """Measure and print."""
    many = int(sys.argv[1]) if len(sys.argv) > 1 else RECORDS
    # In a process of its own, so that what filling takes is not counted.
    filling = multiprocessing.get_context("fork").Process(target=fill, args=(many,))
    filling.start()
    filling.join()
    form = Form.objects.get()
    peak_mb()
    print("| export | records | s | CPU s | first bytes, s | MB | peak memory (before), MB |")
    print("|---|---|---|---|---|---|---|")
    for name, made in _exports(form).items():
        _measure(name, many, made)


def fill(many: int) -> None:
    """Make the tables, and `many` records of the form `do`."""
    call_command("migrate", verbosity=0)
    version = builders.form(accounts.create_project("Thái Nguyên"), _workbook())
    for start in range(0, many, _AT_ONCE):
        _store(version, min(_AT_ONCE, many - start))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    connection.close()


def _exports(form: Form) -> dict[str, Callable[[], Iterable[bytes]]]:
    def keys() -> array[int]:
        return records.chosen(Submission.objects.filter(form=form))

    return {
        "CSV zip": lambda: central_csv.archive(Tables(form, Options()), keys()),
        "XLSX": lambda: sheets.workbook(Book(form), keys()),
        "CSV for people": lambda: people_csv.archive(Book(form), keys(), ";"),
    }


def _measure(name: str, many: int, made: Callable[[], Iterable[bytes]]) -> None:
    before_mb = peak_mb()
    clock, cpu, first_s, size = time.perf_counter(), time.process_time(), 0.0, 0
    for piece in made():
        first_s = first_s or time.perf_counter() - clock
        size += len(piece)
    clock, cpu = time.perf_counter() - clock, time.process_time() - cpu
    print(
        f"| {name} | {many} | {clock:.2f} | {cpu:.2f} | {first_s:.2f}"
        f" | {size / 1e6:.1f} | {peak_mb():.0f} ({before_mb:.0f}) |"
    )


def peak_mb() -> float:
    """Return what this process held at the most since it was last asked."""
    status = Path("/proc/self/status").read_text()
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(peak.split()[1]) / 1024


def _workbook() -> str:
    kinds = ("text", "integer", "date", "select_one ynu")
    asked = "\n".join(
        f"| | {kinds[n % len(kinds)]} | q_{n} | Câu hỏi {n} |" for n in range(QUESTIONS)
    )
    return f"""
| survey | type | name | label::Tiếng Việt (vi) |
| | begin_group | g | Chung |
{asked}
| | end_group | | |
| | begin_repeat | person | Người |
| | text | name | Tên |
| | integer | age | Tuổi |
| | text | note | Ghi chú |
| | end_repeat | | |
| choices | list_name | name | label::Tiếng Việt (vi) |
| | ynu | yes | Có |
| | ynu | no | Không |
| settings | form_id | form_title | version | default_language |
| | do | Đo | 1 | Tiếng Việt (vi) |
"""


def _filled(version: FormVersion, instance_id: str, number: int) -> bytes:
    answers = ("Đã kiểm tra hồ sơ số {n}", "{n}", "2026-05-20", "yes")
    fields = [f for f in schema.load(version.schema).fields if f.path.startswith("g/")]
    said = "".join(
        f"<{f.name}>{answers[at % len(answers)].format(n=number + at)}</{f.name}>"
        for at, f in enumerate(fields)
    )
    people = "".join(
        f"<person><name>Người số {number + n}</name><age>{20 + n}</age><note>Ổn</note></person>"
        for n in range(REPEATS)
    )
    return (
        f"<data id='do' version='1'><g>{said}</g>{people}"
        f"<meta><instanceID>{instance_id}</instanceID></meta></data>"
    ).encode()


def _store(version: FormVersion, many: int) -> None:
    now = timezone.now()
    names = [f"uuid:{uuid4()}" for _ in range(many)]
    submissions = Submission.objects.bulk_create(
        Submission(form_id=version.form_id, instance_id=name, created_at=now) for name in names
    )
    xmls = [_filled(version, name, number) for number, name in enumerate(names)]
    versions = SubmissionVersion.objects.bulk_create(
        SubmissionVersion(
            submission=submission,
            form_id=version.form_id,
            form_version=version,
            instance_id=submission.instance_id,
            xml=xml,
            xml_sha256=hashlib.sha256(xml).hexdigest(),
            received_at=now,
        )
        for submission, xml in zip(submissions, xmls, strict=True)
    )
    for submission, current in zip(submissions, versions, strict=True):
        submission.current_version = current
    Submission.objects.bulk_update(submissions, ["current_version"])


if __name__ == "__main__":
    main()
