"""The figures of a period as bytes that anybody can compare: same figures, same bytes, same hash.

Nothing of it is computed again when it is read, so what happens afterwards - a correction, another
rule, other boundaries - cannot change it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import asdict
from typing import Any

from server.forms.models import Form
from server.inspections import summary
from server.inspections.summary import Summary
from server.plans.expected import expected
from server.plans.models import Period, PeriodCode
from server.plans.problems import PeriodEmpty


def figures(period: Period, due_on: dt.date) -> bytes:
    """Return the approved figures of all forms of a period, as canonical JSON (UTF-8).

    The communes are those of the period's last day. Raises PeriodEmpty.
    """
    plans = expected(period.project_id, [period.year], _last_day(period))
    tables = [
        summary.summarise(
            form,
            year=period.year,
            period=period.code,
            on_date=_last_day(period),
            only_approved=True,
            expected=plans,
        )
        for form in _forms(period.project_id)
    ]
    if not any(table.totals.inspections for table in tables):
        raise PeriodEmpty(period=f"{period.year}-{period.code}")
    content = {
        "project": period.project_id,
        "period": f"{period.year}-{period.code}",
        "due_on": due_on,
        "forms": [_content(table) for table in tables],
    }
    return json.dumps(
        content, default=str, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    ).encode()


def _content(table: Summary) -> dict[str, Any]:
    """Return a table as it is kept; of a form about communes as before there were others."""
    content = asdict(table)
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
