"""Biểu mẫu: which forms there are, the versions of each, what changed, and who holds which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpResponse
from django.urls import reverse

from server.console.page import MANAGERS, Visit, page
from server.console.problems import PageUnknown
from server.console.wording import language, t
from server.console.words import Badge
from server.errors import Problem
from server.forms import publish, register
from server.forms.changes import changes
from server.forms.desk_problems import DraftNotThere
from server.forms.difference import Change, Difference, Kind
from server.forms.difference_told import COLUMNS, SHEETS
from server.forms.models import (
    AttachmentSource,
    Definition,
    Draft,
    DraftAttachment,
    FormState,
    FormVersion,
)
from server.forms.problems import FormUnknown, FormVersionUnknown
from server.forms.validate import SKIPPED
from server.submissions import counts
from server.submissions.counts import FormCount
from server.submissions.holders import holders

DRAFT = "ban-thu"  # how the draft is called in addresses; versions as their designers called them
STATES: Mapping[str, Badge] = {
    FormState.OPEN: Badge("Đang mở", "check", "good"),
    FormState.CLOSING: Badge("Sắp đóng", "clock", "doubt"),
    FormState.CLOSED: Badge("Đã đóng", "lock", "neutral"),
    "": Badge("Chưa phát hành", "edit", "waiting"),
}
STATE_HINTS: Mapping[str, str] = {
    FormState.OPEN: "Máy tải được biểu và gửi được phiếu.",
    FormState.CLOSING: "Máy không tải biểu mới nữa; phiếu đang làm dở vẫn gửi được.",
    FormState.CLOSED: "Máy không tải và không gửi được; phiếu gửi đến nằm ở Cách ly.",
}
KINDS: Mapping[str, Badge] = {
    Kind.ADDED: Badge("Thêm mới", "plus", "good"),
    Kind.REMOVED: Badge("Bỏ đi", "cross", "bad"),
    Kind.MOVED: Badge("Đổi chỗ", "return", "neutral"),
    Kind.CHANGED: Badge("Thay đổi", "edit", "waiting"),
}
NO_JAVA = "Máy chủ không có Java nên chưa chạy ODK Validate. Thử bản này trên điện thoại kỹ hơn."


@dataclass(frozen=True, slots=True)
class Line:
    """One form of the list."""

    entry: register.FormEntry
    versions: int
    count: FormCount
    state: Badge


@dataclass(frozen=True, slots=True)
class ShownChange:
    """One change in words."""

    change: Change
    kind: Badge
    column: str  # which cell, "" for the whole row


@page(*MANAGERS)
def forms(visit: Visit) -> HttpResponse:
    """Show the project's forms."""
    project_id = visit.membership.project_id
    versions, counted = register.version_counts(project_id), counts.by_form(project_id)
    lines = [
        Line(
            entry,
            versions.get(entry.form.pk, 0),
            counted.get(entry.form.pk, FormCount()),
            STATES[entry.form.state if entry.published_at else ""],
        )
        for entry in register.entries(project_id, with_drafts=True)
    ]
    return visit.show("console/forms.html", here="forms", lines=lines)


@page(*MANAGERS)
def form(visit: Visit, form_id: str) -> HttpResponse:
    """Show one form."""
    return show_form(visit, form_id)


def show_form(
    visit: Visit,
    form_id: str,
    problem: Problem | None = None,
    typed: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Show one form: its draft, its versions, its phones, and above them what was refused."""
    entry = found(visit, form_id)
    project_id = visit.membership.project_id
    is_published = entry.published_at is not None
    draft = _draft(visit, form_id)
    return visit.show(
        "console/form.html",
        status=problem.status if problem else 200,
        here="forms",
        entry=entry,
        state=STATES[entry.form.state if is_published else ""],
        state_hint=STATE_HINTS[entry.form.state] if is_published else "",
        states=[(str(s), STATES[s].word, s == entry.form.state) for s in FormState],
        draft=draft,
        warnings=warnings(draft) if draft else [],
        tried=draft.submissions.count() if draft else 0,
        files=files(draft) if draft else [],
        versions=register.versions(project_id, form_id) if is_published else [],
        phones=holders(entry.form) if is_published else [],
        problems=told(problem),
        typed=typed or {"version": draft.version if draft else "", "note": ""},
        draft_name=DRAFT,
    )


@page(*MANAGERS)
def form_difference(visit: Visit, form_id: str) -> HttpResponse:
    """Show what changed from one version (`tu`) to another (`den`)."""
    entry = found(visit, form_id)
    given = visit.request.GET
    old, new = (definition(visit, form_id, given.get(name, "")) for name in ("tu", "den"))
    difference = changes(old, new)
    return visit.show(
        "console/form_difference.html",
        here="forms",
        entry=entry,
        old=old,
        new=new,
        is_draft=isinstance(new, Draft),
        difference=difference,
        sheets=_by_sheet(difference) if difference else [],
    )


@page(*MANAGERS)
def form_workbook(visit: Visit, form_id: str) -> HttpResponse:
    """Give the workbook of a version (`ban`), as it was uploaded."""
    version = visit.request.GET.get("ban", "")
    try:
        content = publish.workbook_of(visit.membership.project_id, form_id, version)
    except (FormUnknown, FormVersionUnknown) as unknown:
        raise PageUnknown from unknown
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    name = "".join(c if c.isascii() and (c.isalnum() or c in "_.-") else "_" for c in form_id)
    disposition = f'attachment; filename="{name}.xlsx"'
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": disposition})


def found(visit: Visit, form_id: str) -> register.FormEntry:
    """Return a form of this project. Raises PageUnknown."""
    try:
        return register.find(visit.membership.project_id, form_id, with_drafts=True)
    except FormUnknown as unknown:
        raise PageUnknown from unknown


def told(problem: Problem | None) -> list[str]:
    """Return the sentences of a refusal."""
    complaints = getattr(problem, "complaints", ())
    if problem is None:
        return []
    return [one.sentence(language()) for one in complaints] or [problem.sentence(language())]


def warnings(definition: Definition) -> list[str]:
    """Return what compilers and checks warned of; theirs are the words, but for one."""
    return [t(NO_JAVA) if text == SKIPPED else text for text in definition.warnings]


def files(draft: Draft) -> list[DraftAttachment]:
    """Return the files that somebody must upload for a draft, there or not; no lists of ours."""
    return list(draft.attachments.filter(source=AttachmentSource.FILE))


def address(visit: Visit, form_id: str) -> str:
    """Return where a form opens."""
    return reverse("form", args=[visit.membership.project_id, form_id])


def _draft(visit: Visit, form_id: str) -> Draft | None:
    try:
        return register.draft(visit.membership.project_id, form_id)
    except DraftNotThere:
        return None


def definition(visit: Visit, form_id: str, name: str) -> FormVersion | Draft:
    """Return a version, or the draft, of a form by its name in addresses. Raises PageUnknown."""
    project_id = visit.membership.project_id
    try:
        if name == DRAFT:
            return register.draft(project_id, form_id)
        return register.version(project_id, form_id, name)
    except (FormUnknown, FormVersionUnknown, DraftNotThere) as unknown:
        raise PageUnknown from unknown


def _by_sheet(difference: Difference) -> list[tuple[str, list[ShownChange]]]:
    """Return the sheets that changed with what changed in them."""
    kept = {
        sheet: [_shown(change) for change in difference.changes if change.sheet == sheet]
        for sheet in SHEETS
    }
    return [(t(SHEETS[sheet]), lines) for sheet, lines in kept.items() if lines]


def _shown(change: Change) -> ShownChange:
    family, _, spoken = change.column.partition("::")
    word = t(COLUMNS[family]) if family in COLUMNS else family
    return ShownChange(change, KINDS[change.kind], f"{word} [{spoken}]" if spoken else word)
