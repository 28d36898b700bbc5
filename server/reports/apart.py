"""What waits apart, as a reviewer looks at it: why, from whom, what letting it in would change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from server.errors import Problem
from server.forms.models import Form
from server.inspections import reveals, review
from server.inspections.asked import asked_by
from server.inspections.list_page import Page, cut
from server.projects.models import Membership
from server.reports import answer_sheet
from server.reports.answer_sheet import Section
from server.reports.told import Teller, names_of
from server.submissions import decide, instance
from server.submissions.decide import Place
from server.submissions.difference import Change
from server.submissions.models import Quarantined, QuarantineReason, Submission, SubmissionVersion
from server.submissions.problems import FormStillClosed, FormStillUnknown, OriginalStillUnknown

LONGEST = dt.timedelta(hours=24)  # that something should wait (features §5.2)
MOST_CHANGES = 500  # shown of one comparison


@dataclass(frozen=True, slots=True)
class Listed:
    """One of those that wait, or were decided."""

    row: Quarantined
    form_title: str  # the form's id where it is not known here
    is_late: bool  # it waits for longer than anything should


@dataclass(frozen=True, slots=True)
class Apart:
    """One of them, as one reader may see it."""

    row: Quarantined
    form_title: str
    is_late: bool
    twin: SubmissionVersion | None  # what it would come after
    twin_of: Submission | None
    teller: Teller | None  # None where the form is not known, or the text cannot be read
    changes: tuple[Change, ...]  # against the twin
    more_changes: int
    sections: tuple[Section, ...]  # what it answers, where there is nothing to compare with
    obstacle: Problem | None  # why it cannot be let in now


def listed(membership: Membership, *, is_decided: bool, number: int) -> Page[Listed]:
    """Return a page of what waits, the longest first, or of what was decided, the latest first."""
    found = review.quarantined_within(membership).filter(decided_at__isnull=not is_decided)
    ordered = found.defer("xml").order_by("-decided_at" if is_decided else "pk", "pk")
    return cut(found.count(), number, lambda part: _listed(membership, list(ordered[part])))


def _listed(membership: Membership, rows: Sequence[Quarantined]) -> list[Listed]:
    titles = _titles(membership, {row.form_id for row in rows})
    return [Listed(row, titles.get(row.form_id, row.form_id), _is_late(row)) for row in rows]


def apart(membership: Membership, quarantined_id: int, language: str) -> Apart:
    """Return one that a person may see. Raises QuarantinedUnknown."""
    row = review.find_quarantined(membership, quarantined_id)
    place, obstacle = _place(row)
    twin = place.over if place else None
    twin_of = twin.submission if twin else None
    changes = decide.changed_by(place) if place else ()
    teller, sections = None, tuple[Section, ...]()
    if place is not None and not place.arrival.instance.is_encrypted:
        shown = reveals.open_to(twin_of, membership.user) if twin_of else frozenset[str]()
        teller, sections = _told(place, language, shown, changes, row.project_id)
    titles = _titles(membership, {row.form_id})
    return Apart(
        row=row,
        form_title=titles.get(row.form_id, row.form_id),
        is_late=_is_late(row),
        twin=twin,
        twin_of=twin_of,
        teller=teller,
        changes=changes[:MOST_CHANGES],
        more_changes=max(0, len(changes) - MOST_CHANGES),
        sections=() if twin else sections,
        obstacle=obstacle,
    )


def _place(row: Quarantined) -> tuple[Place | None, Problem | None]:
    if row.decided_at is not None:
        return None, None
    try:
        place = decide.place(row)
    except (FormStillUnknown, OriginalStillUnknown) as problem:
        return None, problem
    if row.reason == QuarantineReason.FORM_CLOSED and place.is_closed:
        return place, FormStillClosed(form_id=row.form_id)
    return place, None


def _told(
    place: Place, language: str, shown: frozenset[str], changes: Sequence[Change], project_id: int
) -> tuple[Teller, tuple[Section, ...]]:
    asked = asked_by(place.arrival.form_version_id)
    repeats = frozenset(field.path for field in asked.schema.fields if field.is_repeat)
    answers = instance.answers(place.arrival.instance.root, repeats)
    rows = (row for rows in answers.repeats.values() for row in rows)
    texts = [*answers.flat.values(), *(text for row in rows for text in row.values())]
    texts += [change.old for change in changes]
    teller = Teller(asked, language, shown, answers.flat, names_of(texts, project_id))
    return teller, answer_sheet.sections(teller, answers.repeats)


def _titles(membership: Membership, form_ids: set[str]) -> dict[str, str]:
    forms = Form.objects.filter(project=membership.project_id, form_id__in=form_ids)
    return {
        form_id: title
        for form_id, title in forms.values_list("form_id", "current_version__title")
        if title
    }


def _is_late(row: Quarantined) -> bool:
    return row.decided_at is None and timezone.now() - row.received_at > LONGEST
