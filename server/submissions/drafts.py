"""Take in what is sent to try a draft (openrosa.md §4.10): kept whole, and apart from everything.

The version that an instance names and the state of its form are not looked at: the draft is what
is being filled in. Nothing here is derived, counted or put in quarantine.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from server.forms import schema
from server.forms.models import Draft
from server.forms.problems import DraftUnknown
from server.submissions import files
from server.submissions.arrival import Incoming, files_named, read
from server.submissions.files import KeptFile, SentFile
from server.submissions.models import DraftSubmission
from server.submissions.problems import (
    DraftConflict,
    EditOutdated,
    FormIdDiffers,
    OriginalUnknown,
)
from server.submissions.record import Sender, said_by


def receive(xml: bytes, sent: Sequence[SentFile], draft: Draft, sender: Sender) -> tuple[str, ...]:
    """Take one instance and the files sent with it; return the names of those still to come.

    The same bytes again, with or without further files, add to what is there.

    Raises the Problems of instance.parse, FormIdDiffers, DraftConflict, OriginalUnknown,
    EditOutdated, StorageFull, StorageUnavailable; DraftUnknown when the draft ended meanwhile.
    """
    incoming = read(xml, sender)
    if incoming.instance.form_id != draft.form.form_id:
        raise FormIdDiffers(form_id=draft.form.form_id)
    fields = schema.load(draft.schema).fields
    expected = files_named(
        incoming.instance, frozenset(field.path for field in fields if field.is_binary)
    )
    kept = files.keep(sent, expected, is_encrypted=incoming.instance.is_encrypted)
    present = _record(incoming, kept, draft)
    return tuple(name for name in expected if name not in present)


@transaction.atomic(durable=True)
def _record(incoming: Incoming, kept: Sequence[KeptFile], draft: Draft) -> set[str]:
    """Write what arrived; return the names of all files that are here now."""
    # One post after the other, and none to a draft that is just being replaced.
    if not Draft.objects.living().select_for_update(of=("self",)).filter(pk=draft.pk).exists():
        raise DraftUnknown
    row = draft.submissions.filter(instance_id=incoming.instance_id).first() or _new(
        incoming, draft
    )
    if row.xml_sha256 != incoming.xml_sha256:
        raise DraftConflict
    here = {(file["name"], file["sha256"]) for file in row.files}
    fresh = [file.as_json() for file in kept if (file.name, file.blob.sha256) not in here]
    if fresh:
        row.files = [*row.files, *fresh]
        row.save(update_fields=["files"])
    return {file["name"] for file in row.files}


def _new(incoming: Incoming, draft: Draft) -> DraftSubmission:
    deprecated_id = incoming.instance.deprecated_id
    original_id: int | None = None
    if deprecated_id:
        deprecated = draft.submissions.filter(instance_id=deprecated_id).first()
        if deprecated is None:
            raise OriginalUnknown
        original_id = deprecated.original_id or deprecated.pk
        if draft.submissions.filter(deprecated_id=deprecated_id).exists():
            raise EditOutdated
    said = said_by(incoming.sender)
    return draft.submissions.create(
        instance_id=incoming.instance_id,
        deprecated_id=deprecated_id,
        original_id=original_id,
        xml=incoming.xml,
        xml_sha256=incoming.xml_sha256,
        device_id=said["device_id"],
        user_agent=said["user_agent"],
        received_at=timezone.now(),
    )
