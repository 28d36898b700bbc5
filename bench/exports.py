"""How long an export takes, and what it holds in memory.

    python -m bench.exports [RECORDS …]       # 10,000 unless said otherwise; the fewest first
    python -m bench.exports 10000 1000000     # does it grow with the records and no faster?
    python -m bench.exports --only Parquet 100000
    python -m bench.exports --first 1000000   # no more than the first bytes of what is streamed
    BENCH_DIR=FOLDER python -m bench.exports 1000000   # fills that folder's database once

The records of bench.export_rows; of 10,000 ODK Central takes 23.1 s for the archive, 0.41 s to
its first byte. Each export is made in a process of its own, as a worker is, with the modules that
a worker has. Prints Markdown: by the clock, what CPU time that process takes and what its
connection's, when the first bytes come, how much comes, and how much memory the process holds at
its peak, and before. «Job» is what a worker does: written, read again and counted, stored.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import subprocess
import sys
import time
from array import array
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil
from django.db import connection

from bench import alone as alone  # first: it sets the settings up
from server import blobs
from server.celery import app
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
from server.reports.models import WAITING, ExportState, Profile
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
    Format.MEDIA: {"is_stripped": False},
}
_JOBS = (
    (Format.CENTRAL_CSV, Profile.FULL),
    (Format.PEOPLE_CSV, Profile.FULL),
    (Format.XLSX, Profile.FULL),
    (Format.PARQUET, Profile.FULL),
    (Format.GEOJSON, Profile.FULL),
    (Format.MEDIA, Profile.FULL),
    (Format.CENTRAL_CSV, Profile.DEIDENTIFIED),
    (Format.PARQUET, Profile.DEIDENTIFIED),
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("records", nargs="*", type=int, default=[RECORDS])
    parser.add_argument("--only", default="", help="exports whose name holds this")
    parser.add_argument("--alone", default="", help="the one that is made in this process")
    parser.add_argument("--first", action="store_true", help="until the first bytes")
    asked = parser.parse_args()
    if asked.alone:
        _measure(asked.alone, asked.records[0], is_first_alone=asked.first)
        return
    print("| export | records | s | CPU s | PostgreSQL | first bytes, s | MB | peak (before), MB |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    for many in sorted(asked.records):
        # In a process of its own, and not imported here: what filling takes is not counted.
        subprocess.run([sys.executable, "-c", FILL.format(many=many)], check=True)
        _membership(Form.objects.get(form_id="do"))  # a password takes more memory than a file
        for name in _exports() if asked.first else _every():
            if asked.only in name:
                _measure_apart(name, many, ["--first"] if asked.first else [])


def _measure_apart(name: str, many: int, options: list[str]) -> None:
    again = [sys.executable, "-m", "bench.exports", "--alone", name, *options, str(many)]
    subprocess.run(again, check=True, env={**os.environ, "BENCH_DIR": os.environ["VAR_DIR"]})


def _every() -> dict[str, Callable[[Form], Iterable[bytes]]]:
    return {**_exports(), **dict(map(_job, _JOBS))}


def _exports() -> dict[str, Callable[[Form], Iterable[bytes]]]:
    def keys(form: Form) -> array[int]:
        return records.chosen(Submission.objects.filter(form=form))

    return {
        "CSV zip": lambda form: central_csv.archive(Tables(form, Options()), keys(form)),
        "XLSX": lambda form: sheets.workbook(Book(form), keys(form)),
        "CSV for people": lambda form: people_csv.archive(Book(form), keys(form), ";"),
        "Parquet": lambda form: parquet.archive(Tables(form, Options()), keys(form)),
        "GeoJSON": lambda form: geojson.collection(keys(form), is_deidentified=False),
    }


def _job(kind: tuple[Format, Profile]) -> tuple[str, Callable[[Form], Iterable[bytes]]]:
    format, profile = kind

    def made(form: Form) -> Iterable[bytes]:
        membership = _membership(form)
        asked = {
            "selection": selection.dump(Selection(form.form_id)),
            "options": _OPTIONS.get(format, {}),
        }
        by = Actor.person(membership.user)
        for left in jobs.seen_by(membership).filter(state__in=WAITING):  # of a bench that was ended
            jobs.cancel(membership, left.pk, by)
        export = jobs.ask(membership, Wanted(format, profile, asked, "Đo tốc độ"), by)
        making.make_next()
        export.refresh_from_db()
        if export.state == ExportState.READY:
            with blobs.open_blob(export.sha256) as file:
                yield from iter(lambda: file.read(blobs.CHUNK), b"")
            jobs.cancel(membership, export.pk, by)
            blobs.remove(export.sha256, dt.timedelta())
        else:
            print(f"{format}: {export.failure}", file=sys.stderr)

    profiled = "" if profile == Profile.FULL else ", de-identified"
    return f"job: {format}{profiled}", made


def _membership(form: Form) -> Membership:
    found = Membership.objects.filter(project=form.project_id).first()
    if found is None:
        user = accounts.create_user("bench@example.org", "Bench", "bench-password")
        accounts.join(user, form.project, Role.MANAGER)
        found = Membership.objects.get(user=user)
    return found


def _measure(name: str, many: int, *, is_first_alone: bool) -> None:
    app.loader.import_default_modules()  # as a worker does when it starts
    form, made = Form.objects.get(form_id="do"), _every()[name]
    before_mb, peer_s = peak_mb(), peer_cpu_s()
    clock, cpu, first_s, size = time.perf_counter(), time.process_time(), 0.0, 0
    for piece in made(form):
        first_s = first_s or time.perf_counter() - clock
        size += len(piece)
        if is_first_alone:
            break
    clock, cpu = time.perf_counter() - clock, time.process_time() - cpu
    print(
        f"| {name} | {many} | {clock:.2f} | {cpu:.2f} | {peer_cpu_s() - peer_s:.2f}"
        f" | {first_s:.2f} | {size / 1e6:.1f} | {peak_mb():.0f} ({before_mb:.0f}) |",
        flush=True,
    )


def peer_cpu_s() -> float:
    """Return the CPU seconds that our connection's process of PostgreSQL has taken so far."""
    connection.ensure_connection()
    times = psutil.Process(connection.connection.info.backend_pid).cpu_times()
    return times.user + times.system


def peak_mb() -> float:
    """Return what this process held at the most since it was last asked."""
    status = Path("/proc/self/status").read_text()
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(peak.split()[1]) / 1024


if __name__ == "__main__":
    main()
