"""Danh sách hồ sơ: which inspections came in, by filters that are the address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpResponse
from django.urls import reverse

from server.console import filters, saved_views
from server.console.addresses import record_address
from server.console.filters import COLUMNS, Filters
from server.console.page import REVIEWERS, Visit, page
from server.console.wording import language, t
from server.console.words import PERIODS, REVIEW, STATUS
from server.inspections.expected import local_day
from server.inspections.flag_kinds import KINDS
from server.inspections.models import Status
from server.reports import known, listing
from server.reports.listing import Listed
from server.reports.offered import Offered, offered
from server.reports.problems import FilterUnknown


@dataclass(frozen=True, slots=True)
class Row:
    """One record with where it opens."""

    record: Listed
    address: str
    mark: int = 0  # of the note on its result, which stands below the table once; 0: none


@page(*REVIEWERS)
def records(visit: Visit) -> HttpResponse:
    """Show a page of the records that a person answers for."""
    asked = filters.read(visit.request.GET)
    membership = visit.membership
    found = listing.page(membership, asked.selection, order=asked.order, number=asked.page)
    here = reverse("records", args=[membership.project_id])
    query = asked.query(page=None, columns=None)
    notes = list(dict.fromkeys(record.note for record in found.rows if record.note))
    rows = [
        Row(
            record,
            record_address(membership.project_id, record.form_id, record.instance_id, query),
            notes.index(record.note) + 1 if record.note else 0,
        )
        for record in found.rows
    ]
    chips = saved_views.chips(visit, asked)
    response = visit.show(
        "console/records.html",
        here="records",
        asked=asked,
        problems=[*asked.problems, *_unknown(visit, asked)],
        found=found,
        rows=rows,
        notes=notes if "result" in asked.columns else [],
        columns=[(name, COLUMNS[name]) for name in asked.columns],
        kept=asked.query(page=None, columns=None, sort=None),
        may_approve_many=asked.selection.is_one_place_or_period and bool(rows),
        chips=chips[: saved_views.SHOWN],
        more_chips=max(0, len(chips) - saved_views.SHOWN),
        is_saved=any(chip.is_open for chip in chips),
        all_kept=saved_views.question(asked),
        is_narrowed=bool(_BEHIND & asked.values.keys()),
        choices=_choices(offered(membership, local_day()), asked),
        previous=_turned(here, asked, found.number - 1) if found.number > 1 else "",
        next=_turned(here, asked, found.number + 1) if found.number < found.pages else "",
    )
    if visit.is_partial:  # the form asks with every field that it has, also the empty ones
        response["HX-Push-Url"] = _turned(here, asked, found.number)
    return response


def _unknown(visit: Visit, asked: Filters) -> Iterator[str]:
    """Give sentences about filters that nothing goes by: the list is empty because of them."""
    for problem in known.unknown(visit.membership, asked.selection):
        field = t(filters.LABELS[str(problem.details["field"])])
        yield FilterUnknown(**{**problem.details, "field": field}).sentence(language())


def _turned(here: str, asked: Filters, number: int) -> str:
    query = asked.query(page=number if number > 1 else None)
    return f"{here}?{query}" if query else here


def _choices(there: Offered, asked: Filters) -> dict[str, object]:
    """Return what the fields of the filter offer: (value, Vietnamese or name, is chosen)."""
    value = asked.values.get

    def chosen(name: str, pairs: list[tuple[str, str]]) -> list[tuple[str, str, bool]]:
        return [(code, label, code == value(name)) for code, label in pairs]

    return {
        "form": chosen("form", list(there.forms)),
        "commune": chosen("commune", list(there.communes)),
        "team": chosen("team", [(team, team) for team in there.teams]),
        "year": chosen("year", [(str(year), str(year)) for year in there.years]),
        "period": chosen("period", list(PERIODS.items())),
        "result": chosen("result", [(status, STATUS[status].word) for status in Status]),
        "flag": chosen("flag", [(code, kind.label["vi"]) for code, kind in KINDS.items()]),
        "state": [
            (state, badge.word, state in asked.selection.states) for state, badge in REVIEW.items()
        ],
        "columns": [(name, label, name in asked.columns) for name, label in COLUMNS.items()],
        "sort": [(name, label, name == asked.order) for name, label in SORTS],
    }


# Filters that do not stand in the first line: where one is set, the others are shown as well.
_BEHIND = frozenset(filters.LABELS) - {"q", "form", "result", "state"}
SORTS = (
    ("-received", "Mới nhận trước"),
    ("received", "Nhận lâu nhất trước"),
    ("-visited", "Mới kiểm tra trước"),
    ("visited", "Kiểm tra lâu nhất trước"),
    ("commune", "Theo tên xã"),
)
