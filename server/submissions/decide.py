"""Decide about something in quarantine: let it in, or leave it out. Never taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db import IntegrityError, transaction
from django.utils import timezone

from server.blobs import Blob
from server.forms import schema
from server.forms.models import FormState, FormVersion
from server.projects import audit
from server.projects.audit import Actor, Object
from server.projects.models import User
from server.submissions import record
from server.submissions.arrival import Incoming, match, read, version_under
from server.submissions.difference import Change, changes
from server.submissions.files import KeptFile, Spelling
from server.submissions.instance import parse
from server.submissions.models import Decision, Quarantined, QuarantineReason, SubmissionVersion
from server.submissions.problems import (
    FormStillClosed,
    FormStillUnknown,
    FormUnknown,
    OriginalStillUnknown,
    QuarantinedDecided,
    QuarantinedUnknown,
    SubmissionDeleted,
    VersionUnknown,
)
from server.submissions.record import Arrival, Sender


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a person decided, and why."""

    decision: Decision
    by: User
    reason: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where an instance in quarantine would stand if it were let in."""

    arrival: Arrival  # as it would be recorded
    here: SubmissionVersion | None  # the same bytes, where they came in meanwhile
    over: SubmissionVersion | None  # the current version, which it would follow as an edit
    is_closed: bool  # its form takes nothing at the moment


def find(project_id: int, quarantined_id: int) -> Quarantined:
    """Return one of a project's. Raises QuarantinedUnknown."""
    row = (
        Quarantined.objects.filter(project=project_id, pk=quarantined_id)
        .select_related("app_user", "person", "decided_by", "submission")
        .first()
    )
    if row is None:
        raise QuarantinedUnknown(id=quarantined_id)
    return row


def decide(project_id: int, quarantined_id: int, verdict: Verdict) -> Quarantined:
    """Record a decision and do as it says; the same one again changes nothing.

    Raises QuarantinedUnknown, QuarantinedDecided; when it is to be let in also FormStillUnknown,
    FormStillClosed, OriginalStillUnknown, SubmissionDeleted, and then it waits on.
    """
    row = find(project_id, quarantined_id)
    if row.decided_at is None:
        try:
            _carry_out(row, verdict)
        except IntegrityError:  # a device got in between our look and our write
            _carry_out(row, verdict)
        row = find(project_id, quarantined_id)
    if row.decision != verdict.decision:
        raise QuarantinedDecided(decision=row.decision)
    return row


def place(row: Quarantined) -> Place:
    """Return where an instance would stand now.

    What has the id of another record, or comes after a later edit, would be the next version of
    that record: both texts stay, the newer decision counts. Raises FormStillUnknown,
    OriginalStillUnknown.
    """
    incoming = _incoming(row)
    try:
        found = match(incoming)
    except (FormUnknown, VersionUnknown) as error:
        raise FormStillUnknown(form_id=row.form_id, version=row.version) from error
    is_closed = found.form_state == FormState.CLOSED
    arrival, standing = found.arrival, found.standing
    if standing is not None and standing.xml_sha256 == arrival.xml_sha256:
        return Place(arrival, standing, None, is_closed)
    original = _original(arrival, standing)
    if original is None:
        return Place(arrival, None, None, is_closed)
    current = original.submission.current_version
    if current is None:
        raise OriginalStillUnknown
    # The database knows one chain of edits, so this one follows its last link, whatever its XML
    # says; the XML itself stays as it came.
    chained = replace(
        arrival,
        instance_id=incoming.made_id if standing is not None else arrival.instance_id,
        instance=replace(arrival.instance, deprecated_id=current.instance_id),
    )
    return Place(chained, None, current, is_closed)


def compared(row: Quarantined) -> tuple[SubmissionVersion, tuple[Change, ...]] | None:
    """Return what an instance would come after, and what it changes there; None for nothing.

    Encrypted ones cannot be compared, and change nothing that could be told.
    """
    try:
        found = place(row)
    except (FormStillUnknown, OriginalStillUnknown):
        return None
    return None if found.over is None else (found.over, changed_by(found))


def changed_by(found: Place) -> tuple[Change, ...]:
    """Return what letting an instance in would change of what it would follow."""
    if found.over is None:
        return ()
    if found.over.is_encrypted or found.arrival.instance.is_encrypted:
        return ()
    versions = {found.over.form_version_id, found.arrival.form_version_id}
    schemas = FormVersion.objects.filter(pk__in=versions).values_list("schema", flat=True)
    old = parse(bytes(found.over.xml)).root
    new = found.arrival.instance.root
    return changes(old, new, [schema.load(stored) for stored in schemas])


def _incoming(row: Quarantined) -> Incoming:
    sender = Sender(
        row.project_id, row.app_user, row.device_id, row.user_agent, row.person, row.edit_reason
    )
    return read(bytes(row.xml), sender)


def _original(arrival: Arrival, standing: SubmissionVersion | None) -> SubmissionVersion | None:
    deprecated_id = arrival.instance.deprecated_id
    if standing is not None and deprecated_id in ("", standing.deprecated_id):
        return standing
    if not deprecated_id:
        return None
    original = version_under(arrival.form_id, deprecated_id)
    if original is None:
        raise OriginalStillUnknown
    return original


@transaction.atomic(durable=True)
def _carry_out(row: Quarantined, verdict: Verdict) -> None:
    # Locked, so that two people decide one after the other, and no file is added meanwhile.
    row = Quarantined.objects.select_for_update(no_key=True).get(pk=row.pk)
    if row.decided_at is not None:
        return
    if verdict.decision == Decision.ACCEPT:
        row.submission_id = _let_in(row)
    row.decision, row.decided_by = verdict.decision, verdict.by
    row.decision_reason, row.decided_at = verdict.reason, timezone.now()
    row.save(
        update_fields=["decision", "decided_by", "decision_reason", "decided_at", "submission"]
    )
    what = Object("quarantine", row.pk, row.project_id)
    said = {"decision": verdict.decision, "reason": row.reason}
    audit.record(Actor.person(verdict.by), "quarantine.decide", what, said)


def _let_in(row: Quarantined) -> int:
    found = place(row)
    kept = _files(row, found.arrival.expected)
    if found.here is not None:
        return record.add_files_within(found.arrival, kept, found.here).submission_id
    # A conflict with what a form took before it closed is decided at any time.
    if row.reason == QuarantineReason.FORM_CLOSED and found.is_closed:
        raise FormStillClosed(form_id=row.form_id)
    if found.over is not None and found.over.submission.deleted_at is not None:
        raise SubmissionDeleted
    return record.add_within(found.arrival, kept).submission_id


def _files(row: Quarantined, expected: Sequence[str]) -> list[KeptFile]:
    """Return its files; while the form was unknown nobody could tell which ones it names."""
    spelling = Spelling(expected)
    kept = []
    for file in row.files:
        name = spelling.as_expected(file["name"])
        blob = Blob(file["sha256"], file["size"])
        kept.append(KeptFile(name, blob, file["content_type"], name in expected))
    return kept
