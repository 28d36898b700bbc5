"""schemathesis asks the served API whatever its own description allows, and what it does not.

    SCHEMATHESIS_CASES=2000 python -m pytest -n 0 tests/contract

At least so many cases over all operations, in every phase; one for each operation where nothing is
said. It is the program itself, over HTTP, as a manager of a project with something at every address
(tests/api/two_projects.py).

Two checks are left out. `positive_data_acceptance`: which day, whose commune, which step comes next
are rules of the field, and no schema holds them. `negative_data_rejection`: JSON that says 0 for
false or 5 for "5" is taken, as Central takes it.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_django import Settings

from server.projects import accounts
from tests import builders
from tests.api import two_projects
from tests.sync.conftest import base_url as base_url

CASES = int(os.environ.get("SCHEMATHESIS_CASES", "0"))
OPERATIONS = 130  # or some more
_LEFT_OUT = ("--exclude-operation-id", "closeSession")  # it ends the session that all others need
# Who may not is what tests/api/test_matrix.py is about, at every address.
_SMALL = (
    *("--phases", "fuzzing", "--mode", "positive", "--max-examples", "1"),
    *("--exclude-checks", "positive_data_acceptance,negative_data_rejection,ignored_auth"),
)
_OF_ITS_OWN = ("document", "resource", "feed_set")  # the description itself says which there are
# What a feed cannot do is 501 at Central; for all others that is a break. Which tables there are is
# in no description.
_FEEDS = """
[[operations]]
include-operation-id-regex = "^(entity|odata|draft)(Service|Metadata|Rows|SetRows)$"
checks.not_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", 501]
[[operations]]
include-operation-id = ["odataRows", "draftRows"]
parameters."path.resource" = "Submissions"
"""


@pytest.fixture
def config(transactional_db: None, tmp_path: Path, settings: Settings) -> Path:
    """Write what schemathesis is told: who calls, and which things there are."""
    settings.THROTTLE_TRIES = settings.THROTTLE_ADDRESS_TRIES = 1_000_000  # it sends wrong keys too
    ids = two_projects.world().here.ids
    session = accounts.open_session("a@example.org", builders.PASSWORD)
    assert session is not None
    named = [
        f'"path.{name}" = {json.dumps(value, default=str)}'
        for name, value in ids.items()
        if name not in _OF_ITS_OWN
    ]
    path = tmp_path / "schemathesis.toml"
    lines = [
        "[headers]",
        f'Authorization = "Bearer {session.token}"',
        "[parameters]",
        *named,
        _FEEDS,
    ]
    path.write_text("\n".join(lines) + _FEEDS)
    return path


def test_nothing_breaks_and_everything_is_as_described(config: Path, base_url: str) -> None:
    program = [str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(config)]
    left_out = ["--exclude-checks", "positive_data_acceptance,negative_data_rejection"]
    phases = ["--phases", "examples,coverage,fuzzing", "--continue-on-failure"]
    many = [*left_out, *phases, "--max-examples", str(max(1, CASES // OPERATIONS // 4))]

    ran = subprocess.run(
        [
            *program,
            *("run", f"{base_url}/v1/schema", "--generation-database", "none", "--no-color"),
            *_LEFT_OUT,
            *(many if CASES else _SMALL),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=config.parent,
    )

    assert ran.returncode == 0, ran.stdout[-20_000:] + ran.stderr
    generated = re.search(r"(\d+) generated", ran.stdout)
    assert generated is not None
    assert int(generated[1]) >= max(CASES, OPERATIONS)
