"""`manage.py error_table > docs/errors.md`: every problem there is, for whoever meets its code."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.management.base import BaseCommand

from server.errors import Problem

PACKAGES = ("server", "sync")
# Run by importing them, or never by themselves.
_NOT_READ = ("manage", "wsgi", "migrations", "management", "__main__")

HEAD = """# Errors

Written by `python server/manage.py error_table > docs/errors.md`; a test fails when it is stale.

Every error that a caller can act on has a code that never changes, an HTTP status and a sentence in
Vietnamese and English. Devices get them as an `OpenRosaResponse` whose `message` has the code in
its attribute `nature`; programs get `{"message", "code", "details"}`, where `details.nature` is
the code and `code` is ODK Central's number for the same thing, or the status. Commands print the
sentence. Words in braces are filled in.

| code | status | Central | what it is | tiếng Việt | English |
|---|---|---|---|---|---|
"""


class Command(BaseCommand):
    """Write the table of problems."""

    help = "In bảng mọi mã lỗi (docs/errors.md)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the page."""
        self.stdout.write(page(), ending="")


def page() -> str:
    """Return docs/errors.md as it should be."""
    rows = sorted(problems(), key=lambda problem: problem.code)
    return HEAD + "".join(_row(problem) for problem in rows)


def problems() -> Iterator[type[Problem]]:
    """Give every problem of ours that has a code."""
    for package in PACKAGES:
        _import_all(package)
    for problem in _below(Problem):
        if "code" in vars(problem) and problem.__module__.split(".")[0] in PACKAGES:
            yield problem


def _import_all(package: str) -> None:
    found = importlib.import_module(package)
    for module in pkgutil.iter_modules(found.__path__, f"{package}."):
        if module.name.rpartition(".")[2] in _NOT_READ:
            continue
        if module.ispkg:
            _import_all(module.name)
        else:
            importlib.import_module(module.name)


def _below(kind: type[Problem]) -> Iterator[type[Problem]]:
    for problem in kind.__subclasses__():
        yield problem
        yield from _below(problem)


def _row(problem: type[Problem]) -> str:
    central = "" if problem.central is None else f"{problem.central}"
    meaning = (problem.__doc__ or "").partition("\n")[0]
    cells = (f"`{problem.code}`", f"{problem.status}", central, meaning, problem.vi, problem.en)
    return f"| {' | '.join(_cells(cells))} |\n"


def _cells(texts: Iterable[str]) -> Iterator[str]:
    return (" ".join(text.split()).replace("|", "\\|") for text in texts)
