"""Read what arrived, and find the form that it fills in."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from django.conf import settings

from server.forms import schema
from server.forms.models import FormVersion
from server.statements import one_row
from server.submissions.files import MAX_NAME, storable
from server.submissions.instance import MAX_ID, Instance, expected_files, parse
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
    if len(xml) > settings.MAX_XML_BYTES:
        raise XmlTooLarge(size=len(xml), most=settings.MAX_XML_BYTES)
    return Incoming(xml, hashlib.sha256(xml).hexdigest(), parse(xml), sender)


def match(incoming: Incoming) -> tuple[Arrival, str]:
    """Return what arrived, with the form version it fills in, and the state of that form.

    Raises FormUnknown, VersionUnknown.
    """
    instance = incoming.instance
    found = _form_version(incoming.sender.project_id, instance.form_id, instance.version)
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
    return arrival, found.state


def files_named(instance: Instance, binary_paths: frozenset[str]) -> tuple[str, ...]:
    """Return the names of the files that an instance refers to, as we keep them."""
    # Cut like the names of the parts, so that both stay the same name.
    names: Iterable[str] = expected_files(instance, binary_paths)
    return tuple(dict.fromkeys(storable(name, MAX_NAME) for name in names))


class _Version(NamedTuple):
    id: int
    form_id: int
    state: str  # of the form


_FORM_VERSION = """
SELECT version.id, form.id, form.state
FROM forms_formversion version JOIN forms_form form ON form.id = version.form_id
WHERE form.project_id = %s AND form.form_id = %s AND form.deleted_at IS NULL
  AND version.version = %s
"""


def _form_version(project_id: int, form_id: str, version: str) -> _Version:
    """Return any published version, not only the current one (openrosa.md SB15)."""
    # Asked each time, not remembered: a form that was just closed must take nothing more.
    found = one_row(_FORM_VERSION, [project_id, form_id, version])
    if found is not None:
        return _Version(*found)
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
