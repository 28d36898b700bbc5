"""The files that phones need with a form: their bytes as blobs, and a row for each."""

from __future__ import annotations

import hashlib
import io
import mimetypes
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from server import blobs
from server.blobs import Blob
from server.forms import entity_lists
from server.forms.expected import ExpectedFile
from server.forms.models import (
    AttachmentSource,
    Draft,
    DraftAttachment,
    FormAttachment,
    FormVersion,
    NeededFile,
)

# Files that the server makes from its tables, for as long as nobody gives another by that name.
LISTS = {
    "communes.csv": AttachmentSource.COMMUNES,
    "inspectors.csv": AttachmentSource.INSPECTORS,
}
# Entity lists that the server keeps without any form that makes them, and their properties.
OWN_ENTITY_LISTS: Mapping[str, tuple[str, ...]] = {
    "viec": ("app_user", "bieu", "han", "ho_so", "ly_do", "trang_thai", "tu_ngay", "xa"),
}
_CONTENT_TYPES = {".csv": "text/csv", ".geojson": "application/geo+json"}  # openrosa.md §2.3


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file of a form, already a blob."""

    blob: Blob
    md5: str


def keep(wanted: Sequence[ExpectedFile], given: Mapping[str, bytes]) -> dict[str, KeptFile]:
    """Store the files that are wanted and given, by name. Raises StorageFull."""
    names = {file.name for file in wanted if file.name in given}
    return {
        name: KeptFile(
            blobs.put(io.BytesIO(given[name]), is_served=True),
            hashlib.md5(given[name], usedforsecurity=False).hexdigest(),
        )
        for name in sorted(names)
    }


def keep_one(file: IO[bytes]) -> KeptFile:
    """Store one file, which may be large. Raises StorageFull."""
    blob, md5 = blobs.put(file, is_served=True), hashlib.md5(usedforsecurity=False)
    file.seek(0)
    while chunk := file.read(blobs.CHUNK):
        md5.update(chunk)
    return KeptFile(blob, md5.hexdigest())


def carry(new: Draft | FormVersion, old: Draft | FormVersion) -> None:
    """Give a form's new version the files of an older one that it still wants, by name and kind."""
    rows = {(row.name, row.kind): row for row in new.attachments.all()}
    for before in old.attachments.filter(source=AttachmentSource.FILE).exclude(sha256=""):
        row = rows.get((before.name, before.kind))
        if row is not None and not row.sha256:
            row.source, row.list_name, row.sha256 = before.source, "", before.sha256
            row.md5, row.size, row.content_type = before.md5, before.size, before.content_type
            row.save()


def copy(new: Draft | FormVersion, old: Draft | FormVersion) -> None:
    """Give a form's new version all the files of an older one."""
    columns = [field.name for field in NeededFile._meta.fields]
    for row in old.attachments.all():
        new.attachments.create(**{column: getattr(row, column) for column in columns})


def attach(
    form: FormVersion | Draft, wanted: Sequence[ExpectedFile], files: Mapping[str, KeptFile]
) -> None:
    """Write the rows of a form's files; rows that already say the same are left alone.

    A file that nobody gives and that is called as an entity list of the project is that list
    (openrosa.md MF28).
    """
    lists = _known_lists(form.form.project_id) | _declared(form)
    rows = {row.name: row for row in form.attachments.all()}
    for file in wanted:
        if file.name not in rows:
            rows[file.name] = form.attachments.create(
                name=file.name,
                kind=file.kind,
                content_type=_content_type(file.name),
                **_source(file.name, lists),
            )
    for name, kept in files.items():
        row = rows[name]
        if row.sha256 != kept.blob.sha256:
            row.source, row.list_name = AttachmentSource.FILE, ""
            row.sha256, row.size, row.md5 = kept.blob.sha256, kept.blob.size, kept.md5
            row.save()


def link_lists(version: FormVersion) -> None:
    """Link the files that other forms still wait for and that are entity lists from now on."""
    names = [f"{name}.csv" for name in _declared(version)]
    project_id = version.form.project_id
    waiting = {"source": AttachmentSource.FILE, "sha256": "", "name__in": names}
    for row in (
        *FormAttachment.objects.filter(form_version__form__project=project_id, **waiting),
        *DraftAttachment.objects.filter(draft__form__project=project_id, **waiting),
    ):
        row.source, row.list_name = AttachmentSource.ENTITIES, row.name.removesuffix(".csv")
        row.save(update_fields=["source", "list_name"])


def _source(name: str, lists: Collection[str]) -> dict[str, str]:
    stem = name.removesuffix(".csv")
    if stem != name and stem in lists and name not in LISTS:
        return {"source": AttachmentSource.ENTITIES, "list_name": stem}
    return {"source": LISTS.get(name, AttachmentSource.FILE)}


def _known_lists(project_id: int) -> frozenset[str]:
    """Return the entity lists that any published version of a project makes or changes."""
    versions = FormVersion.objects.filter(form__project=project_id).exclude(entity_lists=[])
    declared = (_declared(version) for version in versions.only("entity_lists"))
    return frozenset(OWN_ENTITY_LISTS).union(*declared)


def _declared(form: FormVersion | Draft) -> frozenset[str]:
    return frozenset(declared.name for declared in entity_lists.load(form.entity_lists))


def _content_type(name: str) -> str:
    suffix = name[name.rfind(".") :].lower()
    return _CONTENT_TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
