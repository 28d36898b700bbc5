"""How long an export takes, and what it holds in memory.

    python -m bench.exports [RECORDS …]       # 10,000 unless said otherwise; the fewest first
    python -m bench.exports 10000 1000000     # does it grow with the records and no faster?
    python -m bench.exports --only Parquet 100000

The records of bench.export_rows; of 10,000 ODK Central takes 23.1 s for the archive, 0.41 s to
its first byte. Prints Markdown: by the clock, what CPU time this process takes (PostgreSQL's
comes on top), when the first bytes come, how much comes, and how much memory the process holds at
its peak, and before. «Job» is what a worker does: written, read again and counted, stored.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from array import array
from collections.abc import Callable, Iterable
from pathlib import Path

from bench import alone as alone  # first: it sets the settings up
from server import blobs
from server.forms.models import Form
from server.projects import accounts
from server.projects.audit import Actor
from server.projects.models import Membership, Role
from server.reports import (
    central_csv,
    geojson,
    jobs,
    making,
    parquet,
    people_csv,
    records,
    selection,
    sheets,
)
from server.reports.central_csv import Options, Tables
from server.reports.export_kinds import Format
from server.reports.jobs import Wanted
from server.reports.models import Profile
from server.reports.people_table import Book
from server.reports.selection import Selection
from server.submissions.models import Submission

RECORDS = 10_000
FILL = "import django; django.setup(); from bench.export_rows import fill; fill({many})"
_OPTIONS = {
    Format.CENTRAL_CSV: {
        "splits_multiples": False,
        "has_group_paths": True,
        "has_deleted_fields": False,
        "has_attachments": True,
    },
    Format.PEOPLE_CSV: {"separator": ";"},
}
_JOBS = (Format.CENTRAL_CSV, Format.XLSX, Format.PARQUET)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("records", nargs="*", type=int, default=[RECORDS])
    parser.add_argument("--only", default="", help="exports whose name holds this")
    asked = parser.parse_args()
    print("| export | records | s | CPU s | first bytes, s | MB | peak memory (before), MB |")
    print("|---|---|---|---|---|---|---|")
    for many in sorted(asked.records):
        # In a process of its own, and not imported here: what filling takes is not counted.
        subprocess.run([sys.executable, "-c", FILL.format(many=many)], check=True)
        measure_all(many, asked.only)


def measure_all(many: int, only: str) -> None:
    """Measure the exports of what there is whose name holds some text."""
    form = Form.objects.get()
    peak_mb()
    every = {**_exports(form), **{f"job: {kind}": _job(form, kind) for kind in _JOBS}}
    for name, made in every.items():
        if only in name:
            _measure(name, many, made)


def _exports(form: Form) -> dict[str, Callable[[], Iterable[bytes]]]:
    def keys() -> array[int]:
        return records.chosen(Submission.objects.filter(form=form))

    return {
        "CSV zip": lambda: central_csv.archive(Tables(form, Options()), keys()),
        "XLSX": lambda: sheets.workbook(Book(form), keys()),
        "CSV for people": lambda: people_csv.archive(Book(form), keys(), ";"),
        "Parquet": lambda: parquet.archive(Tables(form, Options()), keys()),
        "GeoJSON": lambda: geojson.collection(keys(), is_deidentified=False),
    }


def _job(form: Form, format: Format) -> Callable[[], Iterable[bytes]]:
    membership = _membership(form)
    asked = {
        "selection": selection.dump(Selection(form.form_id)),
        "options": _OPTIONS.get(format, {}),
    }

    def made() -> Iterable[bytes]:
        wanted = Wanted(format, Profile.FULL, asked, "Đo tốc độ")
        export = jobs.ask(membership, wanted, Actor.person(membership.user))
        making.make_next()
        export.refresh_from_db()
        assert export.state == "ready", export.failure
        with blobs.open_blob(export.sha256) as file:
            yield from iter(lambda: file.read(blobs.CHUNK), b"")
        jobs.cancel(membership, export.pk, Actor.person(membership.user))

    return made


def _membership(form: Form) -> Membership:
    found = Membership.objects.filter(project=form.project_id).first()
    if found is None:
        user = accounts.create_user("bench@example.org", "Bench", "bench-password")
        accounts.join(user, form.project, Role.MANAGER)
        found = Membership.objects.get(user=user)
    return found


def _measure(name: str, many: int, made: Callable[[], Iterable[bytes]]) -> None:
    before_mb = peak_mb()
    clock, cpu, first_s, size = time.perf_counter(), time.process_time(), 0.0, 0
    for piece in made():
        first_s = first_s or time.perf_counter() - clock
        size += len(piece)
    clock, cpu = time.perf_counter() - clock, time.process_time() - cpu
    print(
        f"| {name} | {many} | {clock:.2f} | {cpu:.2f} | {first_s:.2f}"
        f" | {size / 1e6:.1f} | {peak_mb():.0f} ({before_mb:.0f}) |",
        flush=True,
    )


def peak_mb() -> float:
    """Return what this process held at the most since it was last asked."""
    status = Path("/proc/self/status").read_text()
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(peak.split()[1]) / 1024


if __name__ == "__main__":
    main()
