"""Take in what a device sent: the one way in, whatever edge it came through.

When `receive` returns, the instance and its files survive a power cut, and only then may a phone
delete its copy. Until then nothing is promised, and the phone will send the same again: so files
are stored first, then rows in one transaction, and every step can be repeated
(docs/decisions/0001-raw-first.md).
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from django.conf import settings
from django.db import IntegrityError

from server.forms import schema
from server.forms.models import FormState, FormVersion
from server.submissions import record
from server.submissions.files import MAX_NAME, KeptFile, SentFile, keep, storable
from server.submissions.instance import MAX_ID, expected_files, parse
from server.submissions.models import SubmissionVersion
from server.submissions.problems import (
    EditOutdated,
    FormClosed,
    FormUnknown,
    SubmissionDeleted,
    VersionUnknown,
)
from server.submissions.record import Arrival, Receipt, Sender
from server.xml import XmlTooLarge

__all__ = ["Receipt", "Sender", "SentFile", "receive"]


def receive(xml: bytes, files: Sequence[SentFile], sender: Sender) -> Receipt:
    """Take one instance and the files sent with it; what was sent before is recognised.

    The same bytes again, with or without further files, add to the record that is there: a phone
    repeats itself after every lost answer, and sends many files in several posts.

    Raises the Problems of instance.parse, FormUnknown, VersionUnknown, FormClosed,
    SubmissionDeleted, OriginalUnknown, EditOutdated; InstanceConflict and IdTaken, after putting
    the instance in quarantine; StorageFull. Rules: openrosa.md §4.6 to §4.9.
    """
    arrival, form_state = _arrival(xml, sender)
    standing = _standing(arrival)
    _refuse_early(arrival, standing, form_state)
    kept = keep(files, arrival.expected, is_encrypted=arrival.instance.is_encrypted)
    try:
        return _record(arrival, kept, standing)
    except (IntegrityError, EditOutdated):
        # Perhaps a twin of this very post got in between our look and our write (openrosa.md
        # SB29): then it is a re-send, not an error. If not, the same is raised again.
        return _record(arrival, kept, _standing(arrival))


def _record(
    arrival: Arrival, kept: Sequence[KeptFile], standing: SubmissionVersion | None
) -> Receipt:
    if standing is None:
        write = record.edit if arrival.instance.deprecated_id else record.create
        return write(arrival, kept)
    # Equal digests are equal bytes, as received: a re-serialised copy counts as another.
    if standing.xml_sha256 == arrival.xml_sha256:
        return record.add_files(arrival, kept, standing)
    raise record.quarantine(arrival, kept, standing)


def _arrival(xml: bytes, sender: Sender) -> tuple[Arrival, str]:
    """Return what arrived, and the state of the form it was sent to."""
    if len(xml) > settings.MAX_XML_BYTES:
        raise XmlTooLarge(size=len(xml), most=settings.MAX_XML_BYTES)
    instance = parse(xml)
    form_version = _form_version(sender.project_id, instance.form_id, instance.version)
    xml_sha256 = hashlib.sha256(xml).hexdigest()
    arrival = Arrival(
        xml=xml,
        xml_sha256=xml_sha256,
        instance=instance,
        instance_id=instance.instance_id or _made_id(instance.form_id, xml_sha256),
        form_version_id=form_version.id,
        form_id=form_version.form_id,
        expected=_storable(expected_files(instance, _binary_paths(form_version.id))),
        sender=sender,
    )
    return arrival, form_version.state


def _storable(names: Iterable[str]) -> tuple[str, ...]:
    # Cut like the names of the parts, so that both stay the same name.
    return tuple(dict.fromkeys(storable(name, MAX_NAME) for name in names))


_WITHOUT_ID = uuid.UUID("6f1d2a52-6f0c-4a55-9a52-0b7b6d1f3c9e")  # ours, drawn once


def _made_id(form_id: str, xml_sha256: str) -> str:
    # From the content and not at random: a phone that never got our answer sends the same bytes
    # again, and must not make a second record (Central draws one each time, openrosa.md §4.6).
    return f"uuid:{uuid.uuid5(_WITHOUT_ID, f'{form_id} {xml_sha256}')}"


class _Version(NamedTuple):
    id: int
    form_id: int
    state: str  # of the form


def _form_version(project_id: int, form_id: str, version: str) -> _Version:
    """Return any published version, not only the current one (openrosa.md SB15)."""
    # Asked each time, not remembered: a form that was just closed must take nothing more.
    versions = FormVersion.objects.filter(
        form__project_id=project_id, form__form_id=form_id, form__deleted_at=None
    )
    found = versions.filter(version=version).values_list("pk", "form_id", "form__state").first()
    if found is not None:
        return _Version(*found)
    if versions.exists():
        raise VersionUnknown(form_id=form_id, version=version[:MAX_ID])
    raise FormUnknown(form_id=form_id[:MAX_ID])  # a stranger's words, to be shown on a phone


@lru_cache(maxsize=256)
def _binary_paths(form_version_id: int) -> frozenset[str]:
    """Return the fields that name files; a version never changes once published."""
    stored = FormVersion.objects.values_list("schema", flat=True).get(pk=form_version_id)
    return frozenset(field.path for field in schema.load(stored).fields if field.is_binary)


def _standing(arrival: Arrival) -> SubmissionVersion | None:
    """Return what this form received under the same instanceID, if anything."""
    return (
        SubmissionVersion.objects.filter(form=arrival.form_id, instance_id=arrival.instance_id)
        .select_related("submission")
        .only("xml_sha256", "deprecated_id", "submission__deleted_at")
        .first()
    )


def _refuse_early(arrival: Arrival, standing: SubmissionVersion | None, form_state: str) -> None:
    """Refuse, before any file is stored, what cannot be taken whatever comes with it."""
    if standing is not None and standing.submission.deleted_at is not None:
        raise SubmissionDeleted
    # What was taken before the form closed may be repeated: its 201 may have been lost.
    if standing is None and form_state == FormState.CLOSED:
        raise FormClosed(form_id=arrival.instance.form_id)
