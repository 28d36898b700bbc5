"""What was sent to try a draft, as its sender would see it of a record: answers and conditions.

Worked out each time and written nowhere: nothing of a draft counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from server.forms import findings, register
from server.forms.models import Draft
from server.inspections import scoring
from server.inspections.asked import asked_in
from server.reports import answer_sheet
from server.reports.answer_sheet import Section
from server.reports.judged import Judged, told
from server.reports.told import Teller, names_of
from server.submissions import instance
from server.submissions.models import DraftSubmission
from server.submissions.problems import SubmissionUnknown
from server.xml import parse

_SHOWN = 20  # of the list of what was sent


@dataclass(frozen=True, slots=True)
class Tried:
    """One instance that was sent to try a draft."""

    submission: DraftSubmission
    title: str  # of the draft
    sections: tuple[Section, ...]
    conditions: tuple[Judged, ...]
    result: str  # "" where the form judges nothing
    device_result: str  # what the phone or the browser calculated


def latest(draft: Draft) -> list[DraftSubmission]:
    """Return what was sent to a draft, the newest first, no more than fit on a page."""
    return list(draft.submissions.defer("xml").order_by("-pk")[:_SHOWN])


def tried(project_id: int, form_id: str, instance_id: str, language: str) -> Tried:
    """Return what was sent to the draft of a form under an instanceID; nothing is masked.

    language: vi or en. Raises FormUnknown, DraftNotThere, SubmissionUnknown.
    """
    draft = register.draft(project_id, form_id)
    found = draft.submissions.filter(instance_id=instance_id).first()
    if found is None or instance.parse(bytes(found.xml)).is_encrypted:
        raise SubmissionUnknown(instance_id=instance_id)
    asked = asked_in(draft)
    repeats = frozenset(path for path, field in asked.fields.items() if field.is_repeat)
    answers = instance.answers(parse(bytes(found.xml)), repeats)
    texts = (text for row in (answers.flat, *_rows(answers)) for text in row.values())
    names = names_of(texts, project_id)
    teller = Teller(asked, language, frozenset(asked.fields), answers.flat, names)
    conditions = findings.load(draft.conditions)
    scored = scoring.score(conditions, answers.flat)
    return Tried(
        submission=found,
        title=draft.title,
        sections=answer_sheet.sections(teller, answers.repeats),
        conditions=told(scored.findings, conditions, teller),
        result=scored.result,
        device_result=scored.device_result,
    )


def _rows(answers: instance.Answers) -> list[Mapping[str, str]]:
    return [row for rows in answers.repeats.values() for row in rows]
