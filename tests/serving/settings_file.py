"""server/settings.py, read as text and run with an environment of the test's own."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

PATH = Path(__file__).resolve().parents[2] / "server" / "settings.py"
# Read by the functions it calls rather than by name in its text.
INDIRECT = {"VAR_DIR"}


def variables() -> set[str]:
    """Return every variable that the settings read."""
    calls = [node for node in ast.walk(ast.parse(PATH.read_text())) if isinstance(node, ast.Call)]
    firsts = [call.args[0] for call in calls if call.args and _reads(call.func)]
    names = [arg.value for arg in firsts if isinstance(arg, ast.Constant)]
    return {name for name in names if isinstance(name, str) and name.isupper()} | INDIRECT


def _reads(function: ast.expr) -> bool:
    """Tell `env.str` and the settings' own readers from the methods of dictionaries."""
    if isinstance(function, ast.Attribute):
        return isinstance(function.value, ast.Name) and function.value.id == "env"
    return isinstance(function, ast.Name)


def run(monkeypatch: pytest.MonkeyPatch, **environ: str) -> ModuleType:
    """Run the settings with these variables and no other of theirs."""
    for name in variables() - {"VAR_DIR"}:
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    spec = importlib.util.spec_from_file_location("settings_under_test", PATH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
