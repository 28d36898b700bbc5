"""Fill forms with JavaRosa, the engine inside ODK Collect (the jar that comes with pyxform).

The Java classes beside this file are compiled once per session into a temporary folder. Without
Java the calling test is skipped with the reason, or fails in CI, where Java must be installed.
"""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib import resources
from pathlib import Path

import pytest

TODAY = date(2026, 11, 20)
_SOURCES = sorted(Path(__file__).parent.glob("*.java"))
_TIMEOUT_S = 300
_JVM = (
    "-XX:TieredStopAtLevel=1",  # short runs: the second compiler costs more than it gives
    "-Xmx384m",
    "-Djava.awt.headless=true",
    "-Dfile.encoding=UTF-8",  # JavaRosa reads CSV in the machine's own charset
    "-Duser.timezone=Asia/Ho_Chi_Minh",
)


@dataclass(frozen=True, slots=True)
class FilledInstance:
    """One filled-in form as Collect would send it."""

    xml: bytes
    files: Mapping[str, bytes]  # what the XML names, by file name


@dataclass(frozen=True, slots=True)
class Manner:
    """How to fill.

    sets: answers that are always given, by path below the root or by its last name.
    blank: how often (0..1) a question that is not required is left blank.
    username: who is logged in on the phone; "" for nobody.
    """

    sets: Mapping[str, str] = field(default_factory=dict)
    blank: float = 0.3
    today: date = TODAY
    username: str = "can_bo"

    def arguments(self) -> list[str]:
        """Return the manner as the command line says it."""
        given = [f"--set={path}={value}" for path, value in self.sets.items()]
        fixed = [f"--blank={self.blank}", f"--today={self.today}", f"--username={self.username}"]
        return [part for option in given + fixed for part in option.split("=", 1)]


class FillingFailed(AssertionError):
    """The engine refused the form, or nothing valid was found for a question; says which."""


def fill(
    xform: bytes,
    media: Mapping[str, bytes],
    *,
    count: int,
    seed: int,
    manner: Manner | None = None,
) -> list[FilledInstance]:
    """Fill a form `count` times with random valid answers; the same seed gives the same bytes.

    media: the files that the form's manifest lists, by name.
    Raises FillingFailed when the form cannot be loaded or a question cannot be answered.
    """
    arguments = (manner or Manner()).arguments()
    return _run(xform, media, [str(count), str(seed)], arguments)


def fill_rows(
    xform: bytes,
    media: Mapping[str, bytes],
    rows: Sequence[Mapping[str, str]],
) -> list[FilledInstance]:
    """Fill a form once per row with exactly these answers, by path; every row has the same paths.

    "" leaves a question blank. Nothing is asked, so neither relevance nor constraints hold an
    answer back; calculations and relevance are the engine's own.
    """
    lines = ["\t".join(rows[0]), *("\t".join(row.values()) for row in rows)]
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "rows.tsv"
        table.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return _run(xform, media, ["0", "0"], [*Manner().arguments(), "--rows", str(table)])


def _run(
    xform: bytes, media: Mapping[str, bytes], size: list[str], options: list[str]
) -> list[FilledInstance]:
    classes = _classes()
    with tempfile.TemporaryDirectory() as name:
        form, attachments, out = (Path(name) / part for part in ("form.xml", "media", "out"))
        form.write_bytes(xform)
        attachments.mkdir()
        for file_name, content in media.items():
            (attachments / file_name).write_bytes(content)
        program = ["java", *_JVM, "-cp", f"{_jar()}{os.pathsep}{classes}", "Filler"]
        _call([*program, str(form), str(attachments), *size, str(out), *options])
        return [_read(path) for path in sorted(out.glob("*.xml"))]


def _read(path: Path) -> FilledInstance:
    attached = path.with_suffix("")
    files = {file.name: file.read_bytes() for file in sorted(attached.glob("*"))}
    return FilledInstance(path.read_bytes(), files)


@functools.cache
def _classes() -> Path:
    """Compile the Java classes and return their folder, which goes when the session ends."""
    missing = [tool for tool in ("java", "javac") if shutil.which(tool) is None]
    if missing:
        reason = f"the phone's engine needs {' and '.join(missing)} (a JDK 17 or newer)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    folder = Path(tempfile.mkdtemp(prefix="javarosa-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    sources = [str(source) for source in _SOURCES]
    _call(["javac", "-nowarn", "-encoding", "UTF-8", "-cp", _jar(), "-d", str(folder), *sources])
    return folder


def _jar() -> str:
    return str(resources.files("pyxform") / "validators/odk_validate/bin/ODK_Validate.jar")


def _call(command: list[str]) -> None:
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False, encoding="utf-8"
    )
    if done.returncode != 0:
        raise FillingFailed(done.stderr)
