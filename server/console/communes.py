"""Xã, phường: which there are, and one of them on one sheet."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse

from server.communes.models import AdminUnit
from server.communes.problems import UnitUnknown
from server.communes.vietnamese import search_key
from server.console.addresses import RecordPlace, record_address
from server.console.maps import in_language
from server.console.page import EVERYBODY, Visit, page
from server.console.problems import PageUnknown
from server.console.words import STATUS, Badge
from server.inspections.expected import local_day
from server.inspections.overview import Asked, overview, published_forms
from server.plans.expected import expected
from server.reports.commune_sheet import FormHistory, Photo, Sheet, sheet


@dataclass(frozen=True, slots=True)
class ConditionLine:
    """One condition over time."""

    code: str
    label: str
    cells: tuple[Badge | None, ...]  # as the periods stand; None where it was not judged


@dataclass(frozen=True, slots=True)
class HistoryCard:
    """One form over time, with where its records open."""

    one: FormHistory
    results: tuple[tuple[Badge, str], ...]  # as the periods stand; address "" for others
    lines: tuple[ConditionLine, ...]


@dataclass(frozen=True, slots=True)
class ShownPhoto:
    """One picture."""

    one: Photo
    small: str
    record: str


@page(*EVERYBODY)
def communes(visit: Visit) -> HttpResponse:
    """List the communes with how each form stands this year."""
    today, project_id = local_day(), visit.membership.project_id
    asked = visit.request.GET.get("q", "").strip()[:200].replace("\0", "")
    forms = published_forms(project_id)
    table = overview(
        Asked(project_id, forms, [today.year], today), expected(project_id, [today.year], today)
    )
    names = AdminUnit.objects.communes().in_force(today)
    found = set(names.filter(search_key__contains=search_key(asked)).values_list("uid", flat=True))
    return visit.show(
        "console/communes.html",
        here="communes",
        table=table,
        rows=[
            (row, [STATUS[cell.status] for cell in row.cells])
            for row in table.rows
            if row.uid in found
        ],
        asked=asked,
    )


@page(*EVERYBODY)
def commune(visit: Visit, uid: str) -> HttpResponse:
    """Show one commune, to be printed on one A4."""
    today = local_day()
    try:
        found = sheet(visit.membership, uid, today)
    except UnitUnknown as unknown:
        raise PageUnknown from unknown
    project_id = visit.membership.project_id
    return visit.show(
        "console/commune.html",
        here="communes",
        found=found,
        today=today,
        histories=[_card(visit, found, one) for one in found.forms if one.periods],
        missing=[one.title for one in found.forms if not one.periods],
        photos=[
            ShownPhoto(photo, place.file(photo.name, "nho"), place.page())
            for photo in (found.followed.photos if found.followed else ())
            for place in [RecordPlace(project_id, photo.form_id, photo.instance_id)]
        ],
    )


def _card(visit: Visit, found: Sheet, one: FormHistory) -> HistoryCard:
    outcomes = [one.outcomes[period] for period in one.periods]
    project_id = visit.membership.project_id
    return HistoryCard(
        one,
        tuple(
            (
                STATUS[outcome.status],
                record_address(project_id, one.form_id, outcome.instance_id)
                if found.followed
                else "",
            )
            for outcome in outcomes
        ),
        tuple(
            ConditionLine(
                each.code,
                in_language(each.label),
                tuple(
                    STATUS[outcome.conditions[each.code]]
                    if each.code in outcome.conditions
                    else None
                    for outcome in outcomes
                ),
            )
            for each in one.conditions
        ),
    )
