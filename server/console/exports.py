"""Tệp tải về: files that people ask for with a purpose, and fetch when they are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import content_disposition_header

from server import slots, stores
from server.console import filters
from server.console.export_words import FORMATS, STATES
from server.console.filters import LABELS, Filters
from server.console.page import BOTH, EVERYBODY, WRITING, Visit, go, page
from server.console.problems import ExportFormWrong
from server.console.wording import language, t
from server.console.words import PERIODS, REVIEW, STATUS
from server.errors import Problem
from server.inspections import personal, summary
from server.inspections.expected import local_day
from server.inspections.flag_kinds import KINDS
from server.inspections.review import REVIEWERS
from server.projects.audit import Actor
from server.reports import export_audit, export_kinds, jobs, selection, tasks
from server.reports.export_kinds import Format
from server.reports.jobs import Wanted
from server.reports.models import WAITING, Export, ExportState, Profile
from server.reports.offered import Offered, offered
from server.reports.problems import ExportGone
from server.submissions.models import ReviewState

_SHOWN = 50
_SHORTEST, _LONGEST = 5, 200  # characters of a purpose
_OPTIONS: Mapping[Format, Mapping[str, Any]] = {
    Format.CENTRAL_CSV: {
        "splits_multiples": False,
        "has_group_paths": True,
        "has_deleted_fields": False,
        "has_attachments": True,
    },
    Format.PEOPLE_CSV: {"separator": ";"},
    Format.MEDIA: {"is_stripped": True},
}


@dataclass(frozen=True, slots=True)
class _Row:
    """One file as it is shown."""

    export: Export
    what: str  # in words
    state: str
    failure: str

    @property
    def is_waiting(self) -> bool:
        """Tell whether it is still to be made."""
        return self.export.state in WAITING

    @property
    def is_ready(self) -> bool:
        """Tell whether it can be fetched."""
        return self.export.state == ExportState.READY


@page(*EVERYBODY)
def exports(visit: Visit) -> HttpResponse:
    """Show the files that a person asked for; a manager those of all."""
    known = offered(visit.membership, local_day())
    rows = [_row(one, known) for one in jobs.seen_by(visit.membership)[:_SHOWN]]
    return visit.show(
        "console/exports.html",
        here="exports",
        rows=rows,
        is_waiting=any(row.is_waiting for row in rows),
        sees_records=visit.membership.role in REVIEWERS,
        days=settings.EXPORT_KEPT_DAYS,
    )


@page(*EVERYBODY, methods=BOTH)
def new_export(visit: Visit) -> HttpResponseBase:
    """Ask what for and as what, within the filter of the address; then have it made."""
    asked, given = filters.read(visit.request.GET), visit.request.POST
    if visit.request.method != "POST":
        return _ask(visit, asked, given, None)
    try:
        wanted = _wanted(visit, asked, given)
        jobs.ask(visit.membership, wanted, Actor.person(visit.user))
    except Problem as problem:
        return _ask(visit, asked, given, problem)
    tasks.nudge()
    visit.say(t("Đã ghi yêu cầu. Tệp hiện ở đây khi tạo xong."))
    return go(reverse("exports", args=[visit.membership.project_id]))


@page(*EVERYBODY)
def export_file(visit: Visit, export_id: int) -> HttpResponseBase:
    """Give a file that is ready; the log tells of it."""
    found = jobs.opened(visit.membership, export_id)
    try:
        pieces = stores.pieces(found.sha256, 0, found.size or 0)
    except FileNotFoundError as lost:
        raise ExportGone(id=export_id, days=settings.EXPORT_KEPT_DAYS) from lost
    given = slots.held(pieces, found.size or 0)
    if visit.request.method == "GET":
        export_audit.record(Actor.person(visit.user), "export.download", found)
    response = StreamingHttpResponse(given, content_type=found.content_type)
    response["Content-Length"] = str(found.size)
    response["Content-Disposition"] = content_disposition_header(True, found.name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@page(*EVERYBODY, methods=WRITING)
def cancel_export(visit: Visit, export_id: int) -> HttpResponseBase:
    """Stop making a file, or let go of one that is made."""
    jobs.cancel(visit.membership, export_id, Actor.person(visit.user))
    visit.say(t("Đã hủy. Tệp đã tạo (nếu có) không tải được nữa."))
    return go(reverse("exports", args=[visit.membership.project_id]))


def _wanted(visit: Visit, asked: Filters, given: QueryDict) -> Wanted:
    """Return what the form asks for. Raises ExportFormWrong, ExportProfileUnavailable, …"""
    if given.get("format") not in FORMATS:
        raise ExportFormWrong(reason=t("Chọn một dạng tệp."))
    format = Format(given.get("format", ""))
    profile = Profile.FULL if given.get("profile") == Profile.FULL else Profile.DEIDENTIFIED
    export_kinds.check(format, profile)
    purpose = " ".join(given.get("purpose", "").replace("\0", "").split())
    if not _SHORTEST <= len(purpose) <= _LONGEST:
        raise ExportFormWrong(reason=t("Ghi mục đích, từ 5 đến 200 ký tự."))
    if personal.traces(purpose):
        raise ExportFormWrong(
            reason=t("Mục đích có thể chứa tên hoặc số của một người. Chỉ ghi việc cần làm.")
        )
    if asked.problems:
        # A filter that is passed over would give out more than was asked for.
        raise ExportFormWrong(reason=asked.problems[0])
    summary.published_form(visit.membership.project_id, given.get("form", ""))
    chosen = replace(asked.selection, form_id=given.get("form", ""))
    if "approved" in given:
        chosen = replace(chosen, states=(ReviewState.APPROVED.value,))
    kept = {"selection": selection.dump(chosen), "options": dict(_OPTIONS.get(format, {}))}
    return Wanted(format, profile, kept, purpose)


def _ask(visit: Visit, asked: Filters, given: QueryDict, problem: Problem | None) -> HttpResponse:
    membership, is_first = visit.membership, visit.request.method != "POST"
    known = offered(membership, local_day())
    form = given.get("form") or asked.selection.form_id
    sees_records = membership.role in REVIEWERS
    default = Profile.FULL if sees_records else Profile.DEIDENTIFIED
    profile = given.get("profile", default)
    return visit.show(
        "console/export_new.html",
        problem.status if problem else 200,
        here="exports",
        asked=asked,
        given=given,
        narrowed=[
            (t(LABELS[name]), _told(name, value, known))
            for name, value in asked.values.items()
            if name != "form"
        ],
        forms=[(one, title, one == form) for one, title in known.forms],
        formats=[
            (code, *words, code == given.get("format", Format.XLSX))
            for code, words in FORMATS.items()
            if sees_records or Profile.DEIDENTIFIED in export_kinds.KINDS[Format(code)].profiles
        ],
        sees_records=sees_records,
        profile=profile,
        is_approved="approved" in given or (is_first and not asked.selection.states),
        problems=[problem.sentence(language())] if problem else [],
        action=f"{visit.request.path}?{asked.query(page=None, columns=None, sort=None)}",
    )


def _row(export: Export, known: Offered) -> _Row:
    chosen: dict[str, Any] = dict(export.asked.get("selection", {}))
    form, text = str(chosen.pop("form_id", "")), chosen.pop("text", "")
    parts = [
        f"{t(LABELS[name])}: {told}" if name in _UNCLEAR_ALONE else told
        for name, value in chosen.items()
        for told in [_told(_NAMES.get(name, name), value, known)]
    ]
    parts = [_told("form", form, known), *parts, *([t("theo từ tìm")] if text else [])]
    words = FORMATS.get(export.format)
    format = t(words[0]) if words else export.format
    told = f"{format}: {', '.join(filter(None, parts))}"
    return _Row(export, told, t(STATES[export.state]), _why(export.failure))


def _why(failure: str) -> str:
    """Return what to tell whoever helps with an export that could not be made, or ""."""
    return t("Mã lỗi: {code}", code=failure) if failure else ""


# Their values alone do not say what they are of.
_UNCLEAR_ALONE = ("visited_from", "visited_to", "received_from", "received_to", "severe", "version")
_NAMES = {"states": "state"}  # of Selection, in the words of the address


def _told(name: str, value: Any, known: Offered) -> str:
    """Return a filter's value in words."""
    codes = value if isinstance(value, list) else str(value).split(",")
    if name == "state":
        return ", ".join(t(REVIEW[code].word) for code in codes if code in REVIEW)
    if name == "result":
        return t(STATUS[value].word) if value in STATUS else str(value)
    if name == "period":
        return t(PERIODS[value]) if value in PERIODS else str(value)
    if name == "severe":
        return t("có")
    if name == "flag" and value in KINDS:
        return KINDS[value].label[language()]
    names = dict({"form": known.forms, "commune": known.communes}.get(name, ()))
    if name.endswith(("_from", "_to")) and "-" in str(value):
        return "/".join(reversed(str(value).split("-")))
    return names.get(str(value), str(value))
