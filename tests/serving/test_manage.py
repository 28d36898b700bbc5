"""Commands of `manage.py` where there is nothing to work on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from server.embedded.places import ROOT


def test_a_command_without_its_database_says_what_to_start(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "server/manage.py", "fsck"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": "", "VAR_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.returncode == 1
    assert "make serve" in told.stderr
    assert "Traceback" not in told.stderr
