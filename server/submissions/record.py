"""Write what arrived into the tables. Each public function is one durable transaction.

Whatever is written here was decided by `intake`; the constraints of the tables have the last
word when two posts race.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Exists
from django.utils import timezone

from server.hooks import telling
from server.hooks.models import Event, Webhook
from server.projects import audit
from server.projects.audit import Actor, Object
from server.projects.models import AppUser, User
from server.statements import Columns, one_row
from server.submissions import thumbnails
from server.submissions.files import KeptFile, storable
from server.submissions.instance import Instance
from server.submissions.models import (
    ReviewState,
    Submission,
    SubmissionAttachment,
    SubmissionVersion,
)
from server.submissions.problems import (
    EditOutdated,
    OriginalUnknown,
    SubmissionDeleted,
)

MOST_REASON = 2000  # characters kept of why somebody edits
_MAX_WORDS = 255  # characters kept of what a device says about itself (openrosa.md §4.11)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent it, as far as the edge knows."""

    project_id: int
    app_user: AppUser | None
    device_id: str
    user_agent: str
    person: User | None = None  # at a desk, where no device sent it
    reason: str = ""  # of theirs, at a desk


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of it."""

    submission_id: int
    instance_id: str
    is_new: bool  # a new submission or a new version of one; False when it was here already
    missing: tuple[str, ...]  # names of files that the XML refers to and that are not here yet
    has_more: bool  # something was recorded that was not here before
    # A new submission and its version as just written, so that nobody need read them again.
    written: Submission | None


@dataclass(frozen=True, slots=True)
class Arrival:
    """One instance, understood as far as recording needs."""

    xml: bytes
    xml_sha256: str
    instance: Instance
    instance_id: str  # the instance's own, or the one made for it
    form_version_id: int
    form_id: int  # the Form's key, not its formID
    expected: tuple[str, ...]  # names of files
    sender: Sender


def add(arrival: Arrival, kept: Sequence[KeptFile]) -> Receipt:
    """Record a new submission, or the next version of one. Raises what add_within raises."""
    if not arrival.instance.deprecated_id and arrival.sender.person is None:
        return _create(arrival, kept)  # one statement is a transaction by itself
    with transaction.atomic(durable=True):
        return add_within(arrival, kept)


def add_within(arrival: Arrival, kept: Sequence[KeptFile]) -> Receipt:
    """Do so in the transaction of the caller, for whom more depends on it.

    Raises OriginalUnknown, SubmissionDeleted, EditOutdated; IntegrityError when its id was taken
    meanwhile.
    """
    is_edit = bool(arrival.instance.deprecated_id)
    receipt = (_edit if is_edit else _create)(arrival, kept)
    _audit(arrival, "submission.update.version" if is_edit else "submission.create")
    return receipt


def _audit(arrival: Arrival, action: str) -> None:
    """Tell of what a person sends from a desk; what a device sent says so itself."""
    if arrival.sender.person is not None:
        what = Object("submission", arrival.instance_id, arrival.sender.project_id)
        audit.record(Actor.person(arrival.sender.person), action, what)


_SUBMISSION = Columns(Submission, frozenset({"id", "current_version_id"}))
_VERSION = Columns(SubmissionVersion, frozenset({"id", "submission_id"}))
_ATTACHMENT = Columns(SubmissionAttachment, frozenset({"id", "version_id"}))
# Submission and version name each other, so both keys are drawn before either is written; the
# foreign keys are looked at when all of it is there. In one statement, because each that the
# ORM puts together takes a millisecond of processor time.
_CREATE = f"""
WITH drawn AS MATERIALIZED (
  SELECT nextval(pg_get_serial_sequence('submissions_submission', 'id')) AS submission_id,
         nextval(pg_get_serial_sequence('submissions_submissionversion', 'id')) AS version_id
), submission AS (
  INSERT INTO submissions_submission (id, current_version_id, {_SUBMISSION.names})
  SELECT submission_id, version_id, {_SUBMISSION.marks} FROM drawn
), version AS (
  INSERT INTO submissions_submissionversion (id, submission_id, {_VERSION.names})
  SELECT version_id, submission_id, {_VERSION.marks} FROM drawn
), attachment AS (
  INSERT INTO submissions_submissionattachment (version_id, {_ATTACHMENT.names})
  SELECT version_id, file.* FROM drawn, jsonb_to_recordset(%s) AS file ({_ATTACHMENT.types})
), told AS (
  {telling.told_within("drawn.submission_id", "drawn")}
)
SELECT submission_id, version_id FROM drawn
"""  # noqa: S608  (names of our own columns)


def _create(arrival: Arrival, kept: Sequence[KeptFile]) -> Receipt:
    now = timezone.now()
    submission = Submission(
        form_id=arrival.form_id,
        instance_id=arrival.instance_id,
        created_at=now,
        derive_owed_at=now,
    )
    version = _version(arrival, submission, now)
    parameters = [
        *_SUBMISSION.values(submission),
        *_VERSION.values(version),
        _ATTACHMENT.as_json(_attachments(version, kept, now)),
        *telling.parameters(Event.SUBMISSION_CREATED, arrival.form_id, submission.review_state),
    ]
    written = one_row(_CREATE, parameters)
    submission.pk, version.pk = written or (None, None)
    submission.current_version = version
    names = {file.name for file in kept}
    return _receipt(arrival, submission.pk, names, is_new=True, written=submission)


def _edit(arrival: Arrival, kept: Sequence[KeptFile]) -> Receipt:
    """Record the next version of a submission (openrosa.md §4.8)."""
    original, is_heard = _locked_original(arrival)
    now = timezone.now()
    version = _version(arrival, original.submission, now)
    version.save(force_insert=True)
    Submission.objects.filter(pk=original.submission_id).update(
        current_version=version,
        review_state=ReviewState.EDITED,
        updated_at=now,
        **_debt(now),
    )
    names = {file.name for file in kept}
    _attach(version, kept, now)
    names |= _carry_over(original, version, set(arrival.expected) - names)
    if is_heard:
        telling.tell(Event.SUBMISSION_EDITED, [original.submission_id], ReviewState.EDITED)
    return _receipt(arrival, original.submission_id, names, is_new=True)


def add_files(arrival: Arrival, kept: Sequence[KeptFile], standing: SubmissionVersion) -> Receipt:
    """Record files that came with an instance that is here already. Raises SubmissionDeleted."""
    if not (kept or arrival.expected):  # most re-sends have no file, and cost no query here
        return _receipt(arrival, standing.submission_id, set(), is_new=False, has_more=False)
    names, fresh = _fresh(kept, standing)
    if fresh:
        _add_fresh_durably(arrival, standing, fresh)
    return _receipt(arrival, standing.submission_id, names, is_new=False, has_more=bool(fresh))


def add_files_within(
    arrival: Arrival, kept: Sequence[KeptFile], standing: SubmissionVersion
) -> Receipt:
    """Do so in the transaction of the caller, for whom more depends on it."""
    names, fresh = _fresh(kept, standing)
    if fresh:
        _add_fresh(arrival, standing, fresh)
    return _receipt(arrival, standing.submission_id, names, is_new=False, has_more=bool(fresh))


def _fresh(
    kept: Sequence[KeptFile], standing: SubmissionVersion
) -> tuple[set[str], list[KeptFile]]:
    """Return the names of all files that a version will have, and the files to be added."""
    rows = list(standing.attachments.values_list("name", "sha256", "is_carried_over"))
    present = {(name, sha256) for name, sha256, is_carried_over in rows if not is_carried_over}
    fresh = [file for file in kept if (file.name, file.blob.sha256) not in present]
    return {name for name, _, _ in rows} | {file.name for file in fresh}, fresh


def _locked_original(arrival: Arrival) -> tuple[SubmissionVersion, bool]:
    """Return the version that was edited, while nobody else can edit its submission.

    And whether any webhook listens, which is not worth a statement of its own.
    """
    original = (
        SubmissionVersion.objects.filter(
            form=arrival.form_id, instance_id=arrival.instance.deprecated_id
        )
        .select_related("submission")
        .annotate(is_heard=Exists(Webhook.objects.filter(is_active=True)))
        .select_for_update(of=("submission",))
        .first()
    )
    if original is None:
        raise OriginalUnknown
    if original.submission.deleted_at is not None:
        raise SubmissionDeleted
    if original.submission.current_version_id != original.pk:
        raise EditOutdated
    return original, original.is_heard


def _version(arrival: Arrival, submission: Submission, now: dt.datetime) -> SubmissionVersion:
    """Return the version that an instance becomes, not saved yet."""
    return SubmissionVersion(
        submission=submission,
        form_id=arrival.form_id,
        form_version_id=arrival.form_version_id,
        instance_id=arrival.instance_id,
        deprecated_id=arrival.instance.deprecated_id,
        instance_name=arrival.instance.instance_name,
        xml=arrival.xml,
        xml_sha256=arrival.xml_sha256,
        is_encrypted=arrival.instance.is_encrypted,
        expected_files=list(arrival.expected),
        received_at=now,
        edit_reason=storable(arrival.sender.reason, MOST_REASON),
        **said_by(arrival.sender),
    )


def said_by(sender: Sender) -> dict[str, Any]:
    """Return the columns that say who sent something."""
    return {
        "app_user": sender.app_user,
        "person": sender.person,
        "device_id": storable(sender.device_id, _MAX_WORDS),
        "user_agent": storable(sender.user_agent, _MAX_WORDS),
    }


def _debt(now: dt.datetime) -> dict[str, Any]:
    return {"derive_owed_at": now, "derive_attempts": 0, "derive_failure": ""}


@transaction.atomic(durable=True)
def _add_fresh_durably(
    arrival: Arrival, standing: SubmissionVersion, fresh: Sequence[KeptFile]
) -> None:
    _add_fresh(arrival, standing, fresh)


def _add_fresh(arrival: Arrival, standing: SubmissionVersion, fresh: Sequence[KeptFile]) -> None:
    # Locked first, as in every other write to a submission, so that writers queue up and never
    # deadlock, and derive never clears the debt of a file that it has not seen.
    submission = Submission.objects.select_for_update().get(pk=standing.submission_id)
    if submission.deleted_at is not None:
        raise SubmissionDeleted
    now = timezone.now()
    standing.attachments.filter(
        is_carried_over=True, name__in=[file.name for file in fresh]
    ).delete()
    _attach(standing, fresh, now)
    _carry_forward(submission, standing)
    Submission.objects.filter(pk=submission.pk).update(**_debt(now))
    _audit(arrival, "submission.attachment.update")


def _attach(version: SubmissionVersion, kept: Iterable[KeptFile], now: dt.datetime) -> None:
    rows = _attachments(version, kept, now)
    if rows:
        SubmissionAttachment.objects.bulk_create(rows, ignore_conflicts=True)


def _attachments(
    version: SubmissionVersion, kept: Iterable[KeptFile], now: dt.datetime
) -> list[SubmissionAttachment]:
    """Return what files become, not saved yet."""
    return [
        SubmissionAttachment(
            version=version,
            name=file.name,
            sha256=file.blob.sha256,
            size=file.blob.size,
            content_type=file.content_type,
            is_expected=file.is_expected,
            received_at=now,
            thumbnails_owed_at=now if thumbnails.is_image(file.content_type) else None,
        )
        for file in kept
    ]


def _carry_over(
    original: SubmissionVersion, version: SubmissionVersion, names: Iterable[str]
) -> set[str]:
    """Give `version` the files of the version it edits that it names but did not bring."""
    shown = (
        original.attachments.filter(name__in=list(names)).order_by("name", "pk").distinct("name")
    )
    rows = list(shown)
    for row in rows:
        row.pk, row.version, row.is_carried_over, row.is_expected = None, version, True, True
    SubmissionAttachment.objects.bulk_create(rows)
    return {row.name for row in rows}


def _carry_forward(submission: Submission, version: SubmissionVersion) -> None:
    """Give what came late for `version` to the edits that were made of it meanwhile."""
    if submission.current_version_id == version.pk:
        return
    # Each edit deprecates the version before it, so that the order of their keys is the chain.
    for later in submission.versions.filter(pk__gt=version.pk).order_by("pk"):
        present = later.attachments.values_list("name", flat=True)
        _carry_over(version, later, set(later.expected_files).difference(present))
        version = later


def _receipt(
    arrival: Arrival,
    submission_id: int,
    present: set[str],
    *,
    is_new: bool,
    has_more: bool = True,
    written: Submission | None = None,
) -> Receipt:
    return Receipt(
        submission_id=submission_id,
        instance_id=arrival.instance_id,
        is_new=is_new,
        has_more=has_more,
        written=written,
        missing=tuple(name for name in arrival.expected if name not in present),
    )
