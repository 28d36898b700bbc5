"""docs/architecture.md names only what is there."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "docs/architecture.md").read_text()
NAMES = sorted(set(re.findall(r"(?<![\w/.])(?:server|sync)(?:\.\w+)+", TEXT)))
PATHS = sorted(set(re.findall(r"`((?:server|sync|docs|tests)/[\w./-]+)`", TEXT)))


@pytest.mark.parametrize("name", NAMES)
def test_every_module_and_function_that_it_names_exists(name: str) -> None:
    parts = name.split(".")
    modules = [".".join(parts[:end]) for end in range(len(parts), 0, -1)]
    found = next(module for module in modules if is_module(module))
    rest = parts[len(found.split(".")) :]

    assert len(rest) <= 1
    assert all(hasattr(importlib.import_module(found), attribute) for attribute in rest)


def is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


@pytest.mark.parametrize("path", PATHS)
def test_every_file_that_it_names_exists(path: str) -> None:
    assert (ROOT / path).exists()


def test_it_names_something() -> None:
    assert len(NAMES) > 30
    assert len(PATHS) > 2
