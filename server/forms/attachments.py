"""The files that phones need with a form: their bytes as blobs, and a row for each."""

from __future__ import annotations

import hashlib
import io
import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from server import blobs
from server.blobs import Blob
from server.forms.expected import ExpectedFile
from server.forms.models import AttachmentSource, Draft, FormVersion

# Files that the server makes from its tables, for as long as nobody gives another by that name.
LISTS = {
    "communes.csv": AttachmentSource.COMMUNES,
    "inspectors.csv": AttachmentSource.INSPECTORS,
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


def attach(
    form: FormVersion | Draft, wanted: Sequence[ExpectedFile], files: Mapping[str, KeptFile]
) -> None:
    """Write the rows of a form's files; rows that already say the same are left alone."""
    rows = {row.name: row for row in form.attachments.all()}
    for file in wanted:
        if file.name not in rows:
            rows[file.name] = form.attachments.create(
                name=file.name,
                kind=file.kind,
                source=LISTS.get(file.name, AttachmentSource.FILE),
                content_type=_content_type(file.name),
            )
    for name, kept in files.items():
        row = rows[name]
        if row.sha256 != kept.blob.sha256:
            row.source = AttachmentSource.FILE
            row.sha256, row.size, row.md5 = kept.blob.sha256, kept.blob.size, kept.md5
            row.save()


def _content_type(name: str) -> str:
    suffix = name[name.rfind(".") :].lower()
    return _CONTENT_TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
