"""Fill forms with JavaRosa, the engine inside ODK Collect (the jar that comes with pyxform).

The Java classes beside this file are compiled once per session (tests/javarosa/engine.py). Without
Java the calling test is skipped with the reason, or fails in CI, where Java must be installed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from tests.javarosa import engine

TODAY = date(2026, 11, 20)


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
    return _done(Job(xform, media, count, seed, manner or Manner()))


@dataclass(frozen=True, slots=True)
class Job:
    """One form to fill `count` times, or once per row, as `fill` and `fill_rows` do."""

    xform: bytes
    media: Mapping[str, bytes]
    count: int = 0
    seed: int = 0
    manner: Manner = field(default_factory=Manner)
    rows: Sequence[Mapping[str, str]] = ()


def fill_all(jobs: Sequence[Job]) -> list[list[FilledInstance]]:
    """Do several jobs and return what each gave, in their order."""
    return [_done(job) for job in jobs]


def fill_rows(
    xform: bytes,
    media: Mapping[str, bytes],
    rows: Sequence[Mapping[str, str]],
) -> list[FilledInstance]:
    """Fill a form once per row with exactly these answers, by path; every row has the same paths.

    A path may name a row of a repeat, from 1: `b_village[2]/bv_team`. "" leaves a question blank.
    Nothing is asked, so neither relevance nor constraints hold an answer back; calculations and
    relevance are the engine's own.
    """
    return _done(Job(xform, media, rows=rows))


def _done(job: Job) -> list[FilledInstance]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        task = folder / "task"
        task.write_bytes("\0".join(_prepared(job, folder)).encode())
        answer = engine.running().do(task)
        if answer != engine.DONE:
            raise FillingFailed(answer)
        return _written(folder)


def _prepared(job: Job, folder: Path) -> list[str]:
    """Write what the engine reads, and return what to call it with."""
    form, attachments = folder / "form.xml", folder / "media"
    attachments.mkdir(parents=True)
    form.write_bytes(job.xform)
    for file_name, content in job.media.items():
        (attachments / file_name).write_bytes(content)
    options = job.manner.arguments()
    if job.rows:
        lines = ["\t".join(job.rows[0]), *("\t".join(row.values()) for row in job.rows)]
        table = folder / "rows.tsv"
        table.write_text("\n".join(lines) + "\n", encoding="utf-8")
        options += ["--rows", str(table)]
    size = [str(job.count), str(job.seed)]
    return [str(form), str(attachments), *size, str(folder / "out"), *options]


def _written(folder: Path) -> list[FilledInstance]:
    return [_read(path) for path in sorted((folder / "out").glob("*.xml"))]


def _read(path: Path) -> FilledInstance:
    attached = path.with_suffix("")
    files = {file.name: file.read_bytes() for file in sorted(attached.glob("*"))}
    return FilledInstance(path.read_bytes(), files)
