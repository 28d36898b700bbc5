"""Indicators as one person reads them: what is restricted is shown by their role, and logged."""

from __future__ import annotations

from django.conf import settings

from server.forms.models import Form
from server.inspections.figures import Asked, IndicatorTable, figures
from server.inspections.readers import reader
from server.projects import audit
from server.projects.audit import Actor, Object
from server.projects.models import Membership


def read_indicators(
    membership: Membership, actor: Actor, form: Form, asked: Asked
) -> IndicatorTable:
    """Return a form's indicators for one reader.

    form: as `summary.published_form` gives it. Raises as `figures`.
    """
    who = reader(membership)
    table = figures(form, asked, who, k=settings.SMALL_CELL_K)
    if table.sensitive and who.sees_any:
        # domain.md §5.1.9: every read of a restricted field is logged.
        what = Object("form", form.form_id, membership.project_id)
        said = {"year": table.year, "period": table.period}
        audit.record(actor, "indicators.read", what, said)
    return table
