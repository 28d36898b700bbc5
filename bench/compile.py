"""How long a workbook takes to become a form, and how much memory.

    python -m bench.compile [WORKBOOK]

The parts in this process, then the whole in a process of its own as a server does it, then the
phone's engine when there is a Java; then a form as long as anybody's. Prints Markdown.
"""

from __future__ import annotations

import io
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from openpyxl import Workbook

from server.forms import expected, sandbox, schema, validate, workbook
from server.forms.compile import compile_workbook

KT_18_5 = Path(__file__).resolve().parents[1] / "forms/kt_18_5/kt_18_5.xlsx"
ROUNDS = 7
LONG = 5_000  # questions


def main() -> None:
    """Measure and print."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else KT_18_5
    data = path.read_bytes()
    form = compile_workbook(data)
    print(f"{path.name}: {len(data)} bytes, XForm {len(form.xform)} bytes\n")
    print("| step | median ms |\n|---|---|")
    steps: dict[str, Callable[[], object]] = {
        "read the workbook": lambda: workbook.read(data),
        "compile, in this process": lambda: compile_workbook(data),
        "schema": lambda: schema.read(form.xform, form.extras),
        "expected files": lambda: expected.read(form.xform),
        "compile, in a process of its own": lambda: sandbox.compile_apart(data),
    }
    for name, step in steps.items():
        print(f"| {name} | {_median_ms(step, ROUNDS):.0f} |")
    print(f"\npeak memory of the process apart: {_peak_mb():.0f} MB")
    if validate.is_available():
        median = _median_ms(lambda: validate.check(form.xform, form.places), 3)
        print(f"ODK Validate: {median:.0f} ms")
    long = _long()
    print(f"\n{LONG} questions ({len(long)} bytes):")
    print(f"{_median_ms(lambda: sandbox.compile_apart(long), 1):.0f} ms, {_peak_mb():.0f} MB")


def _median_ms(step: Callable[[], object], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        step()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def _peak_mb() -> float:
    """Return the largest resident memory that any child has had."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def _long() -> bytes:
    book = Workbook()
    survey = book[book.sheetnames[0]]
    survey.title = "survey"
    survey.append(["type", "name", "label::Tiếng Việt (vi)", "label::English (en)", "relevant"])
    survey.append(["integer", "q0", "Câu 0", "Question 0"])
    for number in range(1, LONG):
        label = [f"Câu hỏi thứ {number}", f"Question {number}"]
        survey.append(["integer", f"q{number}", *label, f"${{q{number - 1}}} > {number}"])
    settings = book.create_sheet("settings")
    settings.append(["form_title", "form_id", "version"])
    settings.append(["Dài", "dai", "1"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


if __name__ == "__main__":
    main()
