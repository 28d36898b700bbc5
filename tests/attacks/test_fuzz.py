"""Some thousand inputs in every run; by hand, minutes of them (tests/attacks/fuzz)."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# As many as a core tries in a second or so, however busy the machine is.
RUNS = {"digest": 30_000, "geopoint": 100_000, "instance": 15_000, "multipart": 4_000}
HAS_WHEEL = (
    sys.platform == "linux" and platform.machine() == "x86_64" and sys.version_info < (3, 14)
)


@pytest.mark.skipif(not HAS_WHEEL, reason="atheris has no wheel here (pyproject.toml)")
@pytest.mark.parametrize("reader", RUNS)
def test_nothing_that_a_fuzzer_makes_up_breaks_the_reader(reader: str, tmp_path: Path) -> None:
    program = (sys.executable, "-m", f"tests.attacks.fuzz.{reader}")

    fuzzed = subprocess.run(
        [*program, "--runs", f"{RUNS[reader]}", "--findings", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )

    assert fuzzed.returncode == 0, fuzzed.stderr
    assert executions(fuzzed.stderr) >= RUNS[reader]


def executions(statistics: str) -> int:
    return int(re.findall(r"number_of_executed_units: (\d+)", statistics)[0])
