"""The rules of the house, kept by machines so that people need not. `make lint` keeps the rest."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())

# One import for each contract of pyproject.toml, planted where it is forbidden.
OFFENCES = {
    "layers": ("server/projects/offence.py", "import server.reports.summary_table"),
    "wiring": ("server/projects/offence.py", "import server.settings"),
    "readers": ("server/communes/vietnamese.py", "import django"),
    "door-pyxform": ("server/forms/offence.py", "import pyxform"),
    "door-openpyxl": ("server/forms/offence.py", "import openpyxl"),
    "door-geometry": ("server/inspections/offence.py", "import shapely"),
    "door-lxml": ("server/api/offence.py", "from lxml import etree"),
    "door-rest": ("server/reports/offence.py", "import rest_framework.views"),
    "door-s3": ("server/submissions/offence.py", "import minio"),
    "door-celery": ("server/submissions/offence.py", "import celery"),
    "door-machine": ("server/submissions/offence.py", "import psycopg"),
    "door-segno": ("server/api/offence.py", "import segno"),
    "door-highs": ("server/api/offence.py", "import highspy"),
    "door-fpdf": ("server/api/offence.py", "import fpdf"),
    "door-static": ("server/api/offence.py", "import whitenoise"),
    "door-pillow": ("server/inspections/offence.py", "import PIL"),
    "door-docx": ("server/api/offence.py", "import docx"),
    "door-xlsxwriter": ("server/api/offence.py", "import xlsxwriter"),
    "door-arrow": ("server/api/offence.py", "import arro3.io"),
    "door-crypto": ("server/api/offence.py", "import Crypto"),
    "door-pyotp": ("server/api/offence.py", "import pyotp"),
}


def run(*command: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    program = str(BIN / command[0])
    return subprocess.run([program, *command[1:]], cwd=cwd, capture_output=True, text=True)


def tracked(*patterns: str) -> list[Path]:
    """Return the files that belong to the project: in git, or new and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


def modules() -> list[Path]:
    return [path for path in tracked("*.py") if "migrations" not in path.parts]


@dataclass(frozen=True, slots=True)
class Function:
    """What is asked of a function; the trees of all modules together would be too large to keep."""

    place: str  # file:line name
    lines: int
    imports: tuple[int, ...]  # lines


@cache
def functions() -> list[Function]:
    return [
        Function(
            f"{path.relative_to(ROOT)}:{node.lineno} {node.name}",
            (node.end_lineno or 0) - node.lineno + 1,
            tuple(n.lineno for n in ast.walk(node) if isinstance(n, ast.Import | ast.ImportFrom)),
        )
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def broken_contracts(report: str) -> set[str]:
    named = {
        contract["name"]: contract["id"]
        for contract in PYPROJECT["tool"]["importlinter"]["contracts"]
    }
    return {named[name] for name in re.findall(r"^(.+) BROKEN$", report, re.MULTILINE)}


def test_each_contract_on_imports_fails_when_it_is_broken(tmp_path: Path) -> None:
    for package in ("server", "sync"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("*.pyc"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for place, offence in OFFENCES.values():
        with (tmp_path / place).open("a") as module:
            module.write(f"\n{offence}\n")

    report = run("lint-imports", "--no-cache", cwd=tmp_path)

    assert broken_contracts(report.stdout) == set(OFFENCES), report.stdout


def test_every_contract_is_broken_on_purpose_by_the_test_above() -> None:
    ids = {contract["id"] for contract in PYPROJECT["tool"]["importlinter"]["contracts"]}

    assert ids == set(OFFENCES)


def test_no_function_is_longer_than_a_screen() -> None:
    long = [function.place for function in functions() if function.lines > 40]

    assert long == []


def test_no_module_is_longer_than_400_lines() -> None:
    long = [
        str(path.relative_to(ROOT))
        for path in modules()
        if len(path.read_text().splitlines()) > 400
    ]

    assert long == []


def test_nothing_is_imported_inside_a_function() -> None:
    hidden = [(function.place, function.imports) for function in functions() if function.imports]

    assert hidden == []


# Commands call these too, which then take the server for the actor.
_ACTS = {"accounts.create_app_user", "accounts.revoke_app_user", "drafts.create", "publish.publish"}


def test_what_people_do_at_an_edge_is_told_of_them_and_not_of_the_server() -> None:
    silent = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in tracked("server/api/*.py", "server/console/*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and ast.unparse(call.func) in _ACTS
        if "actor" not in ast.unparse(call).lower()
    ]

    assert silent == []


def test_no_module_is_called_by_a_name_that_says_nothing() -> None:
    empty = {"utils.py", "util.py", "helpers.py", "common.py", "misc.py", "services.py"}

    assert [str(path) for path in modules() if path.name in empty] == []


def test_the_readme_names_exactly_two_commands() -> None:
    text = (ROOT / "README.md").read_text()
    commands = re.findall(r"^(?:\$ )?(make \w+)", text, re.MULTILINE)

    assert commands == ["make serve", "make test"]


def test_no_file_names_a_path_of_one_machine_or_the_host_of_a_registry() -> None:
    path = re.compile(r"(?<![\w.}~-])/(?:work|root|home|opt)/(?!item)\w|(?<![\w.}~-])/tmp/\w")
    host = re.compile(r"https?://[\w.-]*(?:pypi|pythonhosted|npmjs|artifactory|nexus)[\w.-]*")
    found = [
        f"{file.relative_to(ROOT)}: {match[0]}"
        for file in tracked()
        if file.suffix not in {".xlsx", ".png", ".jpg", ".ttf"}
        for match in (*path.finditer(file.read_text()), *host.finditer(file.read_text()))
    ]

    assert found == []


def pinned(name: str) -> dict[str, str]:
    """Return what a lock file pins, version by name."""
    text = (ROOT / "requirements" / name).read_text()
    return dict(re.findall(r"^([\w.-]+)==([\w.]+)", text, re.MULTILINE))


@pytest.mark.parametrize("name", ["run.txt", "dev.txt"])
def test_every_dependency_is_pinned_with_its_hashes(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text()
    entries = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]

    assert entries
    assert [entry.split("\n")[0] for entry in entries if "--hash=sha256:" not in entry] == []


def normal(requirement: str) -> str:
    return re.split(r"[\[<>=;, ]", requirement)[0].lower().replace("_", "-")


def test_the_lock_files_hold_what_the_project_asks_for() -> None:
    project = PYPROJECT["project"]
    extras = [name for extra in project["optional-dependencies"].values() for name in extra]

    assert {normal(name) for name in project["dependencies"]} <= set(pinned("run.txt"))
    assert {normal(name) for name in extras} <= set(pinned("dev.txt"))
    assert pinned("run.txt").items() <= pinned("dev.txt").items()


def test_every_dependency_says_what_it_is_for() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    wanted = text[: text.index("[tool.ruff]")]
    asked = re.findall(r"""^    ["']([\w-]+).*["'],(.*)$""", wanted, re.MULTILINE)

    assert [name for name, reason in asked if not re.match(r"\s+# \w", reason)] == []
