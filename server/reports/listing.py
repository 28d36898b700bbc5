"""A page of records for people: which they are, and what is to be known of each at a glance.

However many records there are, the number of queries is the same.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Func, IntegerField, QuerySet
from django.db.models.functions import Coalesce

from server.forms.eras import standing_note
from server.inspections.flag_kinds import KINDS, Severity
from server.inspections.list_page import Page, cut
from server.inspections.models import Flag
from server.projects.models import Membership
from server.reports.selection import Selection, select
from server.submissions.models import Submission, SubmissionAttachment

# {what it is called: by which columns}; the key decides between equals, so that no page repeats.
ORDERS: Mapping[str, tuple[str, ...]] = {
    "-received": ("-created_at", "-pk"),
    "received": ("created_at", "pk"),
    "-visited": ("-inspection__visit_date", "-pk"),
    "visited": ("inspection__visit_date", "pk"),
    "commune": ("inspection__unit__sort_key", "-pk"),
}
NEWEST = "-received"


@dataclass(frozen=True, slots=True)
class Listed:
    """One record."""

    instance_id: str
    form_id: str
    form_title: str
    commune: str
    visit_date: dt.date | None
    year: int | None
    period: str
    result: str  # a Status, or ""
    note: str  # why the result is only for now; "" where the set in force gave it
    review_state: str
    received_at: dt.datetime
    updated_at: dt.datetime | None
    team: str
    sender: str
    files_expected: int
    files_missing: int
    flags: Mapping[str, int] = field(default_factory=dict)  # by Severity, the most severe first


def page(
    membership: Membership, asked: Selection, *, order: str = NEWEST, number: int = 1
) -> Page[Listed]:
    """Return one page of what a person may see of what is asked for."""
    found = select(membership, asked)
    # Their keys first: so that only these are sorted, and not all that is shown of all records.
    ordered = found.order_by(*ORDERS[order]).values_list("pk", flat=True)
    return cut(found.count(), number, lambda part: _shown(list(ordered[part])))


def _shown(keys: Sequence[int]) -> list[Listed]:
    by_key = {row["pk"]: row for row in _columns(Submission.objects.filter(pk__in=keys))}
    return _listed([by_key[key] for key in keys if key in by_key])  # one may be gone meanwhile


def _columns(found: QuerySet[Submission]) -> QuerySet[Submission, Any]:
    expected = Func(
        F("current_version__expected_files"), function="cardinality", output_field=IntegerField()
    )
    return found.values(
        "pk",
        "instance_id",
        "review_state",
        "updated_at",
        "current_version",
        form_name=F("form__form_id"),
        form_title=F("form__current_version__title"),
        commune=F("inspection__unit__name"),
        visit_date=F("inspection__visit_date"),
        year=F("inspection__year"),
        period=F("inspection__period"),
        result=F("inspection__result"),
        criteria_set=F("inspection__criteria_set"),
        awaited_set=F("inspection__awaited_set"),
        is_provisional=F("inspection__is_provisional"),
        received_at=F("created_at"),
        team=F("current_version__app_user__team"),
        sender=Coalesce(
            F("current_version__app_user__display_name"),
            F("current_version__person__display_name"),
        ),
        files_expected=Coalesce(expected, 0),
    )


def _listed(rows: Sequence[Mapping[str, Any]]) -> list[Listed]:
    flags = _flags([row["pk"] for row in rows])
    present = _present([row["current_version"] for row in rows])
    return [
        Listed(
            instance_id=row["instance_id"],
            form_id=row["form_name"],
            form_title=row["form_title"] or row["form_name"],
            commune=row["commune"] or "",
            visit_date=row["visit_date"],
            year=row["year"],
            period=row["period"] or "",
            result=row["result"] or "",
            note=standing_note(
                row["criteria_set"] or "",
                row["awaited_set"] or "",
                is_provisional=bool(row["is_provisional"]),
            ),
            review_state=row["review_state"],
            received_at=row["received_at"],
            updated_at=row["updated_at"],
            team=row["team"] or "",
            sender=row["sender"] or "",
            files_expected=row["files_expected"],
            files_missing=row["files_expected"] - present[row["current_version"]],
            flags=flags.get(row["pk"], {}),
        )
        for row in rows
    ]


def _flags(keys: Sequence[int]) -> dict[int, dict[str, int]]:
    counted: dict[int, Counter[str]] = defaultdict(Counter)
    raised = Flag.objects.filter(inspection__submission__in=keys)
    for key, code in raised.values_list("inspection__submission", "code"):
        counted[key][KINDS[code].severity] += 1
    return {
        key: {kind.value: found[kind] for kind in Severity if found[kind]}
        for key, found in counted.items()
    }


def _present(versions: Sequence[int | None]) -> Counter[int | None]:
    came = SubmissionAttachment.objects.filter(version__in=versions, is_expected=True)
    names = came.order_by().values_list("version", "name").distinct()
    return Counter(version for version, _ in names)
