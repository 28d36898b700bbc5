"""The figures of a period as bytes that anybody can compare: same figures, same bytes, same hash.

Nothing of it is computed again when it is read, so what happens afterwards - a correction, another
rule, other boundaries - cannot change it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import asdict
from typing import Any

from server.forms.models import Form
from server.inspections import summary
from server.inspections.figures import Asked
from server.inspections.summary import Summary
from server.plans import frozen
from server.plans.expected import expected
from server.plans.models import Period, PeriodCode
from server.plans.problems import PeriodEmpty


def figures(period: Period, due_on: dt.date) -> bytes:
    """Return the approved figures of all forms of a period, as canonical JSON (UTF-8).

    The communes are those of the period's last day. It holds sensitive counts as they are: show it
    with `frozen.shown`. Raises PeriodEmpty.
    """
    plans = expected(period.project_id, [period.year], _last_day(period))
    forms = _forms(period.project_id)
    tables = [
        summary.summarise(
            form,
            year=period.year,
            period=period.code,
            on_date=_last_day(period),
            only_approved=True,
            expected=plans,
        )
        for form in forms
    ]
    if not any(table.totals.inspections for table in tables):
        raise PeriodEmpty(period=f"{period.year}-{period.code}")
    content: dict[str, Any] = {
        "project": period.project_id,
        "period": f"{period.year}-{period.code}",
        "due_on": due_on,
        "forms": [
            _content(table, _indicators(form, period))
            for form, table in zip(forms, tables, strict=True)
        ],
    }
    if sealed := frozen.seal(frozen.canonical(content), content["forms"]):
        content["seal"] = sealed
    return frozen.canonical(content)


def _indicators(form: Form, period: Period) -> dict[str, Any] | None:
    return frozen.indicators(form, Asked(period.year, period.code, _last_day(period)))


def _content(table: Summary, indicators: dict[str, Any] | None) -> dict[str, Any]:
    """Return a table as it is kept; what a form does not have as before there was any."""
    content = asdict(table)
    if indicators is not None:
        content["indicators"] = indicators
    for counted in (*content["rows"], content["totals"]):
        if counted["subjects"] is None:
            del counted["subjects"]
    return content


def digest(content: bytes) -> str:
    """Return what is printed under every table made of a snapshot: its SHA-256, in hex."""
    return hashlib.sha256(content).hexdigest()


def _forms(project_id: int) -> list[Form]:
    return list(
        Form.objects.living()
        .filter(project=project_id, current_version__isnull=False)
        .select_related("current_version")
        .order_by("form_id")
    )


def _last_day(period: Period) -> dt.date:
    month, day = (6, 30) if period.code == PeriodCode.H1 else (12, 31)
    return dt.date(period.year, month, day)
