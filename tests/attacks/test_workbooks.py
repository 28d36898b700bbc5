"""Workbooks from strangers: refused before they are unpacked or parsed, in no time and memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.attacks.workbook_corpus import CORPUS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def costs() -> dict[str, dict[str, Any]]:  # as JSON gives it
    done = subprocess.run(
        [sys.executable, "-m", "tests.attacks.workbook_corpus"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        # What was used to make one workbook must not be there for reading it.
        env={**os.environ, "MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"},
    )
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize("name", CORPUS)
def test_each_workbook_meets_its_own_answer_at_no_cost(
    name: str, costs: dict[str, dict[str, Any]]
) -> None:
    cost = costs[name]

    assert cost["code"] == CORPUS[name].code
    assert cost["s"] < 1
    assert cost["kb"] < 20_000
