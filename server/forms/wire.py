"""What crosses between the compiler's process and ours, as JSON.

Not pickle: the other side has just parsed a stranger's file. No Django, no pyxform.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any

from server import xml
from server.errors import Problem
from server.forms import findings, indicator_problems, indicators, lint_problems, problems
from server.forms.compiled import CompiledForm, Extra, Places
from server.forms.problems import Complaint, WorkbookRefused

_PROBLEMS: Mapping[str, type[Problem]] = {
    known.code: known
    for module in (problems, indicator_problems, lint_problems, xml)
    for known in vars(module).values()
    if isinstance(known, type) and issubclass(known, Problem) and hasattr(known, "code")
}


def dump(outcome: CompiledForm | Problem) -> bytes:
    """Return a form, or why there is none, as bytes; `load` is the way back."""
    given = _form(outcome) if isinstance(outcome, CompiledForm) else _problem(outcome)
    return json.dumps(given).encode()


def load(sent: bytes) -> CompiledForm:
    """Return the form that was sent. Raises the Problem that was sent in its place."""
    given = json.loads(sent)
    if "code" in given:
        raise _raised(given)
    return CompiledForm(
        form_id=given["form_id"],
        version=given["version"],
        title=given["title"],
        xform=base64.b64decode(given["xform"]),
        itemsets=None if given["itemsets"] is None else base64.b64decode(given["itemsets"]),
        warnings=tuple(given["warnings"]),
        conditions=findings.load(given["conditions"]),
        filled=base64.b64decode(given["filled"]),
        places=Places(given["rows"], given["columns"]),
        extras={path: Extra(said[0], tuple(said[1])) for path, said in given["extras"].items()},
        indicators=indicators.load(given["indicators"]),
        lint=_complaints(given["lint"]),
    )


def _form(form: CompiledForm) -> dict[str, Any]:
    return {
        "form_id": form.form_id,
        "version": form.version,
        "title": form.title,
        "xform": _text(form.xform),
        "itemsets": None if form.itemsets is None else _text(form.itemsets),
        "warnings": form.warnings,
        "conditions": findings.dump(form.conditions),
        "filled": _text(form.filled),
        "rows": dict(form.places.rows),
        "columns": dict(form.places.columns),
        "extras": {path: [e.sensitivity, e.evidence_for] for path, e in form.extras.items()},
        "indicators": indicators.dump(form.indicators),
        "lint": [_problem(complaint) for complaint in form.lint],
    }


def _problem(problem: Problem) -> dict[str, Any]:
    complaints = problem.complaints if isinstance(problem, WorkbookRefused) else ()
    details = {name: _plain(value) for name, value in problem.details.items()}
    return {
        "code": problem.code,
        "details": details,
        "complaints": [_problem(complaint) for complaint in complaints],
    }


def _raised(given: Mapping[str, Any]) -> Problem:
    if given["code"] == WorkbookRefused.code:
        return WorkbookRefused(_complaints(given["complaints"]))
    return _PROBLEMS[given["code"]](**given["details"])


def _complaints(given: Iterable[Mapping[str, Any]]) -> tuple[Complaint, ...]:
    raised = (_raised(complaint) for complaint in given)
    return tuple(c for c in raised if isinstance(c, Complaint))


def _plain(value: object) -> object:
    return value if isinstance(value, int) else str(value)


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
