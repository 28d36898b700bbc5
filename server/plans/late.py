"""Which inspections came after their period was due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from django.conf import settings

from server.inspections.flags import RaisedFlag
from server.inspections.models import Visit
from server.plans import period
from server.plans.models import Period, PeriodCode
from server.submissions.models import Submission


def flags(visits: Sequence[Visit]) -> Mapping[int, RaisedFlag]:
    """Return `late` for those whose first version came on the due day or after, by submission."""
    arrived = dict(
        Submission.objects.filter(pk__in=[visit.pk for visit in visits]).values_list(
            "pk", "created_at"
        )
    )
    due = _due(visits)
    zone = ZoneInfo(settings.LOCAL_TIME_ZONE)
    found: dict[int, RaisedFlag] = {}
    for visit in visits:
        named, day = due.get(_name(visit)), arrived[visit.pk].astimezone(zone).date()
        if named is not None and period.is_late(day, named):
            details: dict[str, object] = {
                "received_on": day.isoformat(),
                "due_on": period.due_on(named).isoformat(),
            }
            found[visit.pk] = RaisedFlag("late", details)
    return found


_Name = tuple[int, int | None, str]  # project, year, period


def _name(visit: Visit) -> _Name:
    return visit.project_id, visit.year, visit.period


def _due(visits: Sequence[Visit]) -> dict[_Name, Period]:
    """Return the periods that some visits are of, made up where nobody has touched them."""
    found: dict[_Name, Period] = {
        (project, year, code): Period(project_id=project, year=year, code=code)
        for project, year, code in map(_name, visits)
        if year is not None and code in PeriodCode.values
    }
    rows = Period.objects.filter(
        project__in={name[0] for name in found}, year__in={name[1] for name in found}
    )
    found |= {(row.project_id, row.year, row.code): row for row in rows}
    return found
