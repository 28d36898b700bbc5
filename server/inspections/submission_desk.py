"""Submissions as ODK Central's clients list, send, correct and complete them, within what they may.

Whoever reviews reads (`review.within_scope`); a manager also writes. What a program sends goes the
way of what phones send, `intake.receive`, with the person in place of the device: so nobody
approves what they sent, and what cannot be taken is kept for a decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from django.db.models import Exists, F, OuterRef, QuerySet

from server import blobs
from server.forms.models import Form
from server.inspections import derive
from server.inspections.list_page import skipped
from server.inspections.review import with_deleted, within_scope
from server.inspections.whole_list import WholeList
from server.projects.audit import Actor
from server.projects.models import AppUser, Membership, User
from server.submissions import trash
from server.submissions.arrival import read
from server.submissions.desk_problems import (
    AttachmentFilled,
    AttachmentUnknown,
    DeprecatedIdMissing,
    EditOfOther,
    OtherForm,
    SubmissionExists,
    VersionMissing,
)
from server.submissions.files import Spelling
from server.submissions.intake import Receipt, Sender, SentFile, receive
from server.submissions.models import Submission, SubmissionAttachment, SubmissionVersion
from server.submissions.problems import FormUnknown, SubmissionUnknown

# What Central's answers say of a version; its XML and its form's are large.
_BEHIND_VERSION = ("app_user", "person", "form_version")
_OF_VERSION = (
    "submission",
    "instance_id",
    "instance_name",
    "device_id",
    "user_agent",
    "edit_reason",
    "received_at",
    *(f"app_user__{name}" for name in ("display_name", "created_at", "revoked_at")),
    *(f"person__{name}" for name in ("display_name", "created_at")),
    "form_version__version",
)


@dataclass(frozen=True, slots=True)
class Told:
    """One submission with the versions that Central's answer is made of, without their XML."""

    submission: Submission
    first: SubmissionVersion  # who sent it, with what
    current: SubmissionVersion


@dataclass(frozen=True, slots=True)
class Slot:
    """A file that a version names, with what came for it."""

    name: str
    file: SubmissionAttachment | None


def form_of(membership: Membership, form_id: str) -> Form:
    """Return a form of the project that is not deleted. Raises FormUnknown."""
    found = Form.objects.filter(
        project=membership.project_id, form_id=form_id, deleted_at=None
    ).first()
    if found is None:
        raise FormUnknown(form_id=form_id)
    return found


def listed(membership: Membership, form: Form) -> QuerySet[Submission]:
    """Return a form's submissions that a person may see, the newest first."""
    return within_scope(membership, form).order_by("-pk")


def in_trash(membership: Membership, form: Form) -> QuerySet[Submission]:
    """Return a form's deleted submissions that a person may see, the newest first."""
    found = with_deleted(membership, form)
    return found.exclude(deleted_at=None).order_by("-pk")


def remove(submission: Submission, by: Actor) -> None:
    """Take a submission away. Raises SubmissionUnknown."""
    trash.remove(submission.pk, by)
    derive.attempt(submission.pk)


def restore(membership: Membership, form: Form, instance_id: str, by: Actor) -> None:
    """Bring one back that a person may see; repeating it is fine. Raises SubmissionUnknown."""
    found = with_deleted(membership).filter(form=form, instance_id=instance_id).first()
    if found is None:
        raise SubmissionUnknown(instance_id=instance_id)
    trash.restore(found.pk, by)
    derive.attempt(found.pk)


def page(
    found: QuerySet[Submission], start: int, many: int, whole: WholeList | None = None
) -> list[Told]:
    """Give so many of what was found, after the first `start`.

    whole: what is all told, instead of what was found; then that is its `broad`.
    """
    return told(_part(found, whole, start, many))


def pages(
    found: QuerySet[Submission],
    size: int = 1000,
    *,
    start: int = 0,
    whole: WholeList | None = None,
) -> Iterator[list[Told]]:
    """Give what was found after the first `start`, with no more than a page in memory.

    whole: as `page` takes it. What arrives meanwhile is left out, and nothing comes twice.
    """
    page = told(_part(found, whole, start, size))
    while page:
        yield page
        page = told(_part(found, whole, 0, size, page[-1].submission.pk))


def _part(
    found: QuerySet[Submission],
    whole: WholeList | None,
    start: int,
    many: int,
    below: int | None = None,
) -> QuerySet[Submission]:
    if whole is not None:
        return whole.part(found, many, skip=start, below=below)
    ahead = found if below is None else found.filter(pk__lt=below)
    return skipped(ahead, start)[:many]


def told(submissions: QuerySet[Submission]) -> list[Told]:
    """Return submissions with their versions: two questions for any number."""
    of_current = [f"current_version__{name}" for name in _OF_VERSION]
    rows = list(
        submissions.select_related(*(f"current_version__{name}" for name in _BEHIND_VERSION)).only(
            "instance_id",
            "review_state",
            "created_at",
            "updated_at",
            "deleted_at",
            *of_current,
        )
    )
    changed = [row.pk for row in rows if row.updated_at is not None]  # edited, perhaps
    first = {
        version.submission_id: version
        for version in _without_bytes(
            SubmissionVersion.objects.filter(
                submission__in=changed, instance_id=F("submission__instance_id")
            )
        )
    }
    return [
        Told(row, first.get(row.pk, row.current_version), row.current_version)
        for row in rows
        if row.current_version is not None
    ]


def tell(submission: Submission) -> Told:
    """Return one of them."""
    return told(Submission.objects.filter(pk=submission.pk))[0]


def versions(submission: Submission) -> list[SubmissionVersion]:
    """Return the versions of a submission without their XML, the newest first."""
    return list(_without_bytes(submission.versions.order_by("-pk")))


def version(submission: Submission, instance_id: str) -> SubmissionVersion:
    """Return one version of a submission, with its XML. Raises VersionMissing."""
    found = (
        submission.versions.filter(instance_id=instance_id)
        .select_related(*_BEHIND_VERSION)
        .only(*_OF_VERSION, "xml", "expected_files")
        .first()
    )
    if found is None:
        raise VersionMissing(instance_id=instance_id)
    return found


def current(submission: Submission) -> SubmissionVersion:
    """Return the version that counts, with its XML. Raises VersionMissing."""
    found = submission.current_version
    if found is None:
        raise VersionMissing(instance_id=submission.instance_id)
    return found


def _without_bytes(found: QuerySet[SubmissionVersion]) -> QuerySet[SubmissionVersion]:
    return found.select_related(*_BEHIND_VERSION).only(*_OF_VERSION)


def submitters(membership: Membership, form: Form) -> Sequence[AppUser | User]:
    """Return the devices and the people that sent a form's submissions: two questions."""
    # Asked of each device and each person, who are few, and not of each submission.
    sent = SubmissionVersion.objects.filter(
        submission__in=within_scope(membership, form),
        instance_id=F("submission__instance_id"),
    )
    devices = AppUser.objects.filter(
        Exists(sent.filter(app_user=OuterRef("pk"))), project=form.project_id
    )
    people = User.objects.filter(Exists(sent.filter(person=OuterRef("pk"))))
    return [*devices.order_by("pk"), *people.order_by("pk")]


# Writing -----------------------------------------------------------------------------------------


def send(form: Form, xml: bytes, sender: Sender) -> Submission:
    """Take a new submission of a form.

    Raises OtherForm, SubmissionExists when it is here already, and as intake.receive.
    """
    _refuse_other(form, xml, sender)
    receipt = _receive(xml, [], sender)
    if not receipt.is_new:
        raise SubmissionExists(instance_id=receipt.instance_id)
    return Submission.objects.get(pk=receipt.submission_id)


def edit(
    submission: Submission, xml: bytes, sender: Sender, files: Sequence[SentFile] = ()
) -> Submission:
    """Take the next version of a submission; the same again changes nothing.

    Raises OtherForm, DeprecatedIdMissing, EditOfOther, and as intake.receive.
    """
    deprecated_id = _refuse_other(submission.form, xml, sender)
    if not deprecated_id:
        raise DeprecatedIdMissing
    if not submission.versions.filter(instance_id=deprecated_id).exists():
        raise EditOfOther
    receipt = _receive(xml, files, sender)
    return Submission.objects.get(pk=receipt.submission_id)


def _refuse_other(form: Form, xml: bytes, sender: Sender) -> str:
    """Refuse an instance of another form; return what it edits, or ""."""
    instance = read(xml, sender).instance
    if instance.form_id != form.form_id:
        raise OtherForm(form_id=form.form_id)
    return instance.deprecated_id


def _receive(xml: bytes, files: Sequence[SentFile], sender: Sender) -> Receipt:
    receipt = receive(xml, files, sender)
    derive.arrived(receipt)
    return receipt


# Files -------------------------------------------------------------------------------------------


def slots(version: SubmissionVersion) -> list[Slot]:
    """Return the files that a version names, in document order, with what came for each."""
    shown = _shown(version)
    return [Slot(name, shown.get(name)) for name in version.expected_files]


def file(version: SubmissionVersion, name: str) -> SubmissionAttachment:
    """Return what came for a name. Raises AttachmentUnknown, also while nothing has come."""
    found = _shown(version).get(_as_named(version, name))
    if found is None:
        raise AttachmentUnknown(name=name)
    return found


def attach(submission: Submission, sent: SentFile, sender: Sender) -> None:
    """Take a file that the current version names; the same again changes nothing.

    What an edit took over from the version before it gives way. Raises AttachmentUnknown,
    AttachmentFilled, StorageFull, StorageUnavailable.
    """
    current = submission.current_version
    if current is None:
        raise AttachmentUnknown(name=sent.name)
    name = _as_named(current, sent.name)
    _refuse_filled(current, name, sent)
    # The very bytes that are here already, with one file more: as a phone does it.
    _receive(bytes(current.xml), [SentFile(name, sent.file, sent.content_type)], sender)
    _refuse_filled(current, name, sent)  # another may have come first meanwhile; both are kept


def _refuse_filled(version: SubmissionVersion, name: str, sent: SentFile) -> None:
    there = _shown(version).get(name)
    if there is not None and not there.is_carried_over and there.sha256 != _sha256(sent.file):
        raise AttachmentFilled(name=name)


def _sha256(file: IO[bytes]) -> str:
    return blobs.measure(file).sha256


def _as_named(version: SubmissionVersion, name: str) -> str:
    spelled = Spelling(version.expected_files).as_expected(name)
    if spelled not in version.expected_files:
        raise AttachmentUnknown(name=name)
    return spelled


def _shown(version: SubmissionVersion) -> dict[str, SubmissionAttachment]:
    rows: Iterable[SubmissionAttachment] = version.attachments.order_by("-pk")
    return {row.name: row for row in rows}  # the first of a name is shown
