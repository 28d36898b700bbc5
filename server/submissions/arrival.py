"""Read what arrived, and find the form that it fills in and what came before under its id."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings

from server.forms import schema
from server.forms.models import FormVersion
from server.statements import one_row
from server.submissions.files import MAX_NAME, storable
from server.submissions.instance import MAX_ID, Instance, expected_files, parse
from server.submissions.models import Submission, SubmissionVersion
from server.submissions.problems import FormUnknown, VersionUnknown
from server.submissions.record import Arrival, Sender
from server.xml import XmlTooLarge

_WITHOUT_ID = uuid.UUID("6f1d2a52-6f0c-4a55-9a52-0b7b6d1f3c9e")  # ours, drawn once


@dataclass(frozen=True, slots=True)
class Incoming:
    """One instance that was read and not yet looked up."""

    xml: bytes
    xml_sha256: str
    instance: Instance
    sender: Sender

    @property
    def instance_id(self) -> str:
        """Return the instance's own id, or the one made for it."""
        return self.instance.instance_id or self.made_id

    @property
    def made_id(self) -> str:
        """Return an id for what has none of its own, or one that is taken."""
        # From the content and not at random: a phone that never got our answer sends the same
        # bytes again, and must not make a second record (Central draws one each time,
        # openrosa.md §4.6).
        words = f"{self.instance.form_id} {self.xml_sha256}"
        return f"uuid:{uuid.uuid5(_WITHOUT_ID, words)}"


def read(xml: bytes, sender: Sender) -> Incoming:
    """Return what an instance says of itself. Raises XmlTooLarge and those of instance.parse."""
    refuse_large(xml)
    return Incoming(xml, hashlib.sha256(xml).hexdigest(), parse(xml), sender)


def refuse_large(xml: bytes) -> None:
    """Refuse an instance of more bytes than any is read of. Raises XmlTooLarge."""
    if len(xml) > settings.MAX_XML_BYTES:
        raise XmlTooLarge(size=len(xml), most=settings.MAX_XML_BYTES)


@dataclass(frozen=True, slots=True)
class Match:
    """What arrived, and what it meets."""

    arrival: Arrival
    form_state: str
    standing: SubmissionVersion | None  # what its form received under the same instanceID


def match(incoming: Incoming) -> Match:
    """Find the form version that an instance fills in. Raises FormUnknown, VersionUnknown."""
    instance = incoming.instance
    found = _found(incoming)
    arrival = Arrival(
        xml=incoming.xml,
        xml_sha256=incoming.xml_sha256,
        instance=instance,
        instance_id=incoming.instance_id,
        form_version_id=found.id,
        form_id=found.form_id,
        expected=files_named(instance, _binary_paths(found.id)),
        sender=incoming.sender,
    )
    standing = _version_of(found.received) if found.received[0] is not None else None
    return Match(arrival, found.state, _standing(standing, arrival, incoming.made_id))


def files_named(instance: Instance, binary_paths: frozenset[str]) -> tuple[str, ...]:
    """Return the names of the files that an instance refers to, as we keep them."""
    # Cut like the names of the parts, so that both stay the same name.
    names: Iterable[str] = expected_files(instance, binary_paths)
    return tuple(dict.fromkeys(storable(name, MAX_NAME) for name in names))


class _Found(NamedTuple):
    id: int  # of the form version
    form_id: int
    state: str  # of the form
    received: Sequence[Any]  # as `_version_of` reads it


_RECEIVED = "id", "submission_id", "deprecated_id", "xml_sha256"
_COLUMNS = f"{', '.join(f'received.{name}' for name in _RECEIVED)}, submission.deleted_at"
_MATCH = f"""
SELECT version.id, form.id, form.state, {_COLUMNS}
FROM forms_formversion version JOIN forms_form form ON form.id = version.form_id
LEFT JOIN submissions_submissionversion received
  ON received.form_id = form.id AND received.instance_id = %s
LEFT JOIN submissions_submission submission ON submission.id = received.submission_id
WHERE form.project_id = %s AND form.form_id = %s AND form.deleted_at IS NULL
  AND version.version = %s
"""  # noqa: S608  (names of our own columns, here and below)


def _found(incoming: Incoming) -> _Found:
    """Return any published version, not only the current one (openrosa.md SB15)."""
    # Asked each time, not remembered: a form that was just closed must take nothing more.
    project_id, instance = incoming.sender.project_id, incoming.instance
    form_id, version = instance.form_id, instance.version
    row = one_row(_MATCH, [incoming.instance_id, project_id, form_id, version])
    if row is not None:
        pk, form_pk, state, *received = row
        return _Found(pk, form_pk, state, received)
    others = FormVersion.objects.filter(
        form__project=project_id, form__form_id=form_id, form__deleted_at=None
    )
    if others.exists():
        raise VersionUnknown(form_id=form_id, version=version[:MAX_ID])
    raise FormUnknown(form_id=form_id[:MAX_ID])  # a stranger's words, to be shown on a phone


@lru_cache(maxsize=256)
def _binary_paths(form_version_id: int) -> frozenset[str]:
    """Return the fields that name files; a version never changes once published."""
    stored = FormVersion.objects.values_list("schema", flat=True).get(pk=form_version_id)
    return frozenset(field.path for field in schema.load(stored).fields if field.is_binary)


# What came before --------------------------------------------------------------------------------

_VERSION_UNDER = f"""
SELECT {_COLUMNS}
FROM submissions_submissionversion received
JOIN submissions_submission submission ON submission.id = received.submission_id
WHERE received.form_id = %s AND received.instance_id = %s
"""  # noqa: S608


def standing_for(arrival: Arrival, made_id: str) -> SubmissionVersion | None:
    """Return what this form received under the same instanceID by now, if anything."""
    return _standing(version_under(arrival.form_id, arrival.instance_id), arrival, made_id)


def _standing(
    found: SubmissionVersion | None, arrival: Arrival, made_id: str
) -> SubmissionVersion | None:
    if found is None or found.xml_sha256 == arrival.xml_sha256:
        return found
    # Perhaps a person has let this one in beside the other, under the id made for it.
    return version_under(arrival.form_id, made_id) or found


def version_under(form_id: int, instance_id: str) -> SubmissionVersion | None:
    """Return the version that a form received under an instanceID, if any."""
    row = one_row(_VERSION_UNDER, [form_id, instance_id])
    return None if row is None else _version_of(row)


def _version_of(row: Sequence[Any]) -> SubmissionVersion:
    *of_version, deleted_at = row
    # As Django's only(): whatever else is asked of them is fetched then.
    version: SubmissionVersion = SubmissionVersion.from_db("default", _RECEIVED, of_version)
    version.submission = Submission.from_db(
        "default", ("id", "deleted_at"), (version.submission_id, deleted_at)
    )
    return version
