"""The Makefile on machines that are not as they should be, and on a second start."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with what make looks at."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    console = tmp_path / "server" / "console"
    console.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / "server" / "console" / name, console)
    return tmp_path


def make(clone: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # `make test` runs us: what it tells its own children would change what this one says.
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", *arguments], cwd=clone, env=environ, capture_output=True, text=True
    )


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_a_python_that_is_too_old_is_one_sentence_that_says_what_to_do(clone: Path) -> None:
    old = script(clone / "python", 'if [ "$1" = --version ]; then echo Python 3.9.2; fi; exit 1')

    done = make(clone, "serve", f"PYTHON={old}")

    assert done.returncode != 0
    assert "Cần Python 3.11 trở lên; máy này có: Python 3.9.2." in done.stdout
    assert not (clone / ".venv").exists()


def test_a_python_without_venv_is_one_sentence_that_says_what_to_do(clone: Path) -> None:
    bare = script(clone / "python", '[ "$1" = -c ]')

    done = make(clone, "serve", f"PYTHON={bare}")

    assert done.returncode != 0
    assert "python3-venv" in done.stdout


def test_the_second_start_installs_nothing(clone: Path) -> None:
    (clone / ".venv" / "bin").mkdir(parents=True)
    script(clone / ".venv" / "bin" / "python", 'echo "$@"')

    first, second = make(clone, "serve"), make(clone, "serve")

    assert "-m pip install" in first.stdout
    assert "-m server.console.packages\n" in first.stdout
    assert second.stdout == "server/manage.py serve\n"


def test_changed_requirements_are_installed_at_the_next_start(clone: Path) -> None:
    (clone / ".venv" / "bin").mkdir(parents=True)
    script(clone / ".venv" / "bin" / "python", 'echo "$@"')
    make(clone, "serve")
    later = time.time() + 10

    lock = clone / "requirements" / "run.txt"
    lock.write_text(lock.read_text() + "# changed\n")
    subprocess.run(["touch", "-d", f"@{later}", str(lock)], check=True)

    assert "-m pip install" in make(clone, "serve").stdout


def test_only_wheels_with_written_hashes_are_installed(clone: Path) -> None:
    (clone / ".venv" / "bin").mkdir(parents=True)
    script(clone / ".venv" / "bin" / "python", 'echo "$@"')

    installed = make(clone, "serve").stdout

    assert "--require-hashes --only-binary :all:" in installed
