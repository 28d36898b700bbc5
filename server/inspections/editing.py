"""Correct a record at a desk: open all of it with a reason, and send its next version.

Whoever corrects an answer sees the others, so that opening is revealing what is restricted. What
is sent goes the way of what phones send: the version before it stays, the record waits for review
again, and whoever corrected it approves it no more.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from server.forms.models import FormState
from server.inspections import asked, reveals, spoken, submission_desk
from server.inspections.problems import EditClosed, EditDrops, EditEncrypted, EditReasonMissing
from server.projects.models import User
from server.submissions import instance
from server.submissions.arrival import refuse_large
from server.submissions.difference import changes
from server.submissions.files import SentFile
from server.submissions.instance import AUDIT
from server.submissions.models import Submission, SubmissionVersion
from server.submissions.problems import EditOutdated, FormClosed
from server.submissions.record import Sender
from server.submissions.respelled import as_in_form
from server.xml import parse

_ROW = re.compile(r"\[\d+\]")
_MOST_TOLD = 5  # questions


def restricted(version: SubmissionVersion) -> tuple[str, ...]:
    """Return the questions of a version's form that are restricted, by path."""
    form = asked.asked_by(version.form_version_id)
    return tuple(path for path in form.fields if form.is_restricted(path))


def check(submission: Submission) -> SubmissionVersion:
    """Return the version that would be edited. Raises VersionMissing, EditEncrypted, FormClosed."""
    version = submission_desk.current(submission)
    if version.is_encrypted:
        raise EditEncrypted
    if submission.form.state == FormState.CLOSED:
        raise FormClosed(form_id=submission.form.form_id)
    return version


def begin(
    submission: Submission, by: User, reason: str, *, is_confirmed: bool = False
) -> SubmissionVersion:
    """Open a record that `review.find` returned to a person who says why they change it.

    is_confirmed: they say that the reason holds no personal data. Raises as `check`, and
    EditReasonMissing, WordsPersonal.
    """
    version = check(submission)
    if not reason.strip():
        raise EditReasonMissing
    spoken.check(reason, is_confirmed=is_confirmed)
    questions = restricted(version)
    if questions:
        reveals.reveal(submission, by, questions, reason, is_confirmed=is_confirmed)
    return version


def opened(submission: Submission, by: User, instance_id: str) -> SubmissionVersion:
    """Return a version that a person has begun to edit.

    Raises as `check`; EditClosed where its restricted questions are not open to them, or no
    longer; EditOutdated where it is not the current one any more.
    """
    version = check(submission)
    if not reveals.open_to(submission, by).issuperset(restricted(version)):
        raise EditClosed
    if version.instance_id != instance_id:
        raise EditOutdated
    return version


def for_engine(version: SubmissionVersion) -> bytes:
    """Return a version for ODK Web Forms, spelled as its form is."""
    return as_in_form(bytes(version.xml), bytes(version.form_version.xform))


def photos(version: SubmissionVersion) -> tuple[str, ...]:
    """Return the names of the files that answer a version's questions, as far as they came."""
    form = asked.asked_by(version.form_version_id)
    repeats = frozenset(path for path, field in form.fields.items() if field.is_repeat)
    answers = instance.answers(parse(bytes(version.xml)), repeats)
    rows = (answers.flat, *(row for rows in answers.repeats.values() for row in rows))
    asked_for = [path for path, field in form.fields.items() if field.is_binary and path != AUDIT]
    named = {row.get(path, "") for row in rows for path in asked_for}
    return tuple(
        slot.name
        for slot in submission_desk.slots(version)
        if slot.file is not None and slot.name in named
    )


def dropped(submission: Submission, xml: bytes) -> tuple[str, ...]:
    """Return the labels of questions that a version answers and its edit does not, once each.

    Nothing for the edit of another version. Raises XmlTooLarge, and those of instance.parse.
    """
    refuse_large(xml)
    version, edited = submission_desk.current(submission), instance.parse(xml)
    if edited.deprecated_id != version.instance_id:
        return ()
    form = asked.asked_by(version.form_version_id)
    before = instance.parse(bytes(version.xml)).root
    lost = (
        form.fields.get(_ROW.sub("", change.path))
        for change in changes(before, edited.root, [form.schema])
        if change.old and not change.new
    )
    labels = (field.label for field in lost if field is not None and field.label)
    return tuple(dict.fromkeys(label.get("vi") or next(iter(label.values())) for label in labels))


def send(
    submission: Submission,
    xml: bytes,
    files: Sequence[SentFile],
    sender: Sender,
    *,
    may_drop: bool = False,
) -> Submission:
    """Take the next version of a record; files that it names and does not bring are kept.

    may_drop: whoever sends it was told of answers that are there no more.
    Raises EditReasonMissing, EditDrops, and as submission_desk.edit.
    """
    if not sender.reason.strip():
        raise EditReasonMissing
    lost = () if may_drop else dropped(submission, xml)
    if lost:
        told = "; ".join(f"«{label}»" for label in lost[:_MOST_TOLD])
        raise EditDrops(count=len(lost), questions=told)
    return submission_desk.edit(submission, xml, sender, files)
