"""Take in what a device sent: the one way in, whatever edge it came through.

When `receive` returns, the instance and its files survive a power cut, and only then may a phone
delete its copy. Until then nothing is promised, and the phone will send the same again: so files
are stored first, then rows in one transaction, and every step can be repeated
(docs/decisions/0001-raw-first.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import IntegrityError

from server.errors import Problem
from server.forms.models import FormState
from server.projects import access
from server.projects.problems import FormNotGranted
from server.submissions import quarantine, record
from server.submissions.arrival import Incoming, match, read, standing_for
from server.submissions.files import KeptFile, SentFile, keep
from server.submissions.models import QuarantineReason, SubmissionVersion
from server.submissions.problems import (
    EditOutdated,
    FormClosed,
    FormUnknown,
    IdTaken,
    InstanceConflict,
    LinkUsed,
    OriginalUnknown,
    QuarantineFull,
    SubmissionDeleted,
    VersionUnknown,
)
from server.submissions.record import Arrival, Receipt, Sender

__all__ = ["Receipt", "Sender", "SentFile", "receive"]


# What is refused and kept all the same, for a person to decide about.
_KEPT: Mapping[type[Problem], QuarantineReason] = {
    FormUnknown: QuarantineReason.FORM_UNKNOWN,
    VersionUnknown: QuarantineReason.VERSION_UNKNOWN,
    FormClosed: QuarantineReason.FORM_CLOSED,
    OriginalUnknown: QuarantineReason.ORIGINAL_UNKNOWN,
    EditOutdated: QuarantineReason.EDIT_OUTDATED,
    InstanceConflict: QuarantineReason.CONFLICT,
    IdTaken: QuarantineReason.CONFLICT,
}


def receive(xml: bytes, files: Sequence[SentFile], sender: Sender) -> Receipt:
    """Take one instance and the files sent with it; what was sent before is recognised.

    The same bytes again, with or without further files, add to the record that is there: a phone
    repeats itself after every lost answer, and sends many files in several posts.

    Raises the Problems of instance.parse, FormNotGranted, LinkUsed, SubmissionDeleted; after
    putting the instance in quarantine FormUnknown, VersionUnknown, FormClosed, OriginalUnknown,
    EditOutdated, InstanceConflict and IdTaken, or QuarantineFull; StorageFull,
    StorageUnavailable. Rules: openrosa.md §4.6 to §4.9.
    """
    incoming = read(xml, sender)
    try:
        return _take(incoming, files)
    except tuple(_KEPT) as refusal:
        is_kept = quarantine.keep(incoming, files, _KEPT[type(refusal)])
        # The sentence of a conflict promises that both are kept.
        if not is_kept and isinstance(refusal, InstanceConflict):
            raise QuarantineFull from refusal
        raise


def _take(incoming: Incoming, files: Sequence[SentFile]) -> Receipt:
    found = match(incoming)
    arrival, standing = found.arrival, found.standing
    _refuse_early(arrival, standing, found.form_state)
    kept = keep(files, arrival.expected, is_encrypted=arrival.instance.is_encrypted)
    try:
        return _record(arrival, kept, standing)
    except (IntegrityError, EditOutdated):
        # Perhaps a twin of this very post got in between our look and our write (openrosa.md
        # SB29): then it is a re-send, not an error. If not, the same is raised again.
        standing = standing_for(arrival, incoming.made_id)
        _refuse_early(arrival, standing, found.form_state)
        return _record(arrival, kept, standing)


def _record(
    arrival: Arrival, kept: Sequence[KeptFile], standing: SubmissionVersion | None
) -> Receipt:
    if standing is not None:
        return record.add_files(arrival, kept, standing)
    return record.add(arrival, kept)


def _has_sent(arrival: Arrival) -> bool:
    """Tell whether the same browser or phone sent another record by the same link.

    One that does not say which it is cannot be told from the others, and is let in.
    """
    said = record.said_by(arrival.sender)
    if not said["device_id"] or arrival.instance.deprecated_id:
        return False
    return SubmissionVersion.objects.filter(
        app_user=arrival.sender.app_user, device_id=said["device_id"]
    ).exists()


def _refuse_early(arrival: Arrival, standing: SubmissionVersion | None, form_state: str) -> None:
    """Refuse, before any file is stored, what cannot be taken whatever comes with it."""
    if standing is not None and standing.submission.deleted_at is not None:
        raise SubmissionDeleted
    sender, form_id = arrival.sender.app_user, arrival.instance.form_id
    # First: who was not granted the form leaves nothing for others to decide about.
    if standing is None and sender is not None and not access.may_open(sender, form_id):
        raise FormNotGranted(form_id=form_id)
    # What was taken before the form closed may be repeated: its 201 may have been lost.
    if standing is None and form_state == FormState.CLOSED:
        raise FormClosed(form_id=form_id)
    if standing is None and sender is not None and sender.takes_once and _has_sent(arrival):
        raise LinkUsed
    # Equal digests are equal bytes, as received: a re-serialised copy counts as another.
    if standing is not None and standing.xml_sha256 != arrival.xml_sha256:
        is_other_edit = arrival.instance.deprecated_id not in ("", standing.deprecated_id)
        raise IdTaken() if is_other_edit else InstanceConflict()
