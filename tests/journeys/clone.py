"""A clone of the project in which the commands of the documentation can be run as they stand."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands(document: str, heading: str) -> list[list[str]]:
    """Return the lines of each block of commands below a heading of a document of docs/."""
    text = (ROOT / "docs" / document).read_text()
    _, found, below = text.partition(f"\n## {heading}\n")
    assert found, heading
    section, _, _ = below.partition("\n## ")
    return [block.splitlines() for block in _BLOCK.findall(section)]


def make(folder: Path) -> Path:
    """Make a clone in `folder`: our code and our packages, and no `var/`."""
    folder.mkdir()
    (folder / "server").symlink_to(ROOT / "server")
    programs = folder / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (programs / "python").chmod(0o700)
    return folder


def run(clone: Path, lines: Sequence[str]) -> None:
    """Run lines as somebody who types them there. Raises subprocess.CalledProcessError."""
    environ = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    subprocess.run(
        ["bash", "-eu", "-c", "\n".join(lines)],
        cwd=clone,
        env={**environ, "VAR_DIR": str(clone / "var")},
        check=True,
    )
