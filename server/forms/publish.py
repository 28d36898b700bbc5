"""From a workbook to a version that phones can download: all of it, or nothing.

What is stored is what will be served: the bytes are never compiled again (house.md 1.6).
"""

from __future__ import annotations

import hashlib
import io
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from server import blobs
from server.blobs import Blob
from server.forms import compatibility, expected, findings, sandbox, schema, validate
from server.forms.compatibility import Meant
from server.forms.compiled import CompiledForm, Places
from server.forms.expected import ITEMSETS, ExpectedFile
from server.forms.models import AttachmentSource, Form, FormAttachment, FormVersion
from server.forms.problems import (
    Complaint,
    FormDeleted,
    FormIdDiffers,
    FormUnknown,
    VersionUnchanged,
    WorkbookRefused,
)
from server.forms.schema import Schema
from server.projects.models import Project

# Files that the server makes from its tables, for as long as nobody gives another by that name.
LISTS = {
    "communes.csv": AttachmentSource.COMMUNES,
    "inspectors.csv": AttachmentSource.INSPECTORS,
}
_CONTENT_TYPES = {".csv": "text/csv", ".geojson": "application/geo+json"}  # openrosa.md §2.3


@dataclass(frozen=True, slots=True)
class CheckedForm:
    """A form that every check has passed, but for what depends on earlier versions."""

    compiled: CompiledForm
    schema: Schema
    warnings: tuple[str, ...]  # of pyxform and of ODK Validate, as they wrote them


@dataclass(frozen=True, slots=True)
class _Kept:
    """A file of a version, already a blob."""

    blob: Blob
    md5: str


def publish(
    project: Project,
    workbook: bytes,
    *,
    media: Mapping[str, bytes] | None = None,
    form_id: str | None = None,
) -> FormVersion:
    """Publish a workbook with the files beside it, and make it the version that phones get.

    media: by file name; those that the form does not refer to are left out.
    form_id: what the workbook must say, when the caller knows.
    The same workbook is the same version: nothing is written, save files that have changed.

    Raises WorkbookRefused with every complaint; NotAWorkbook, WorkbookTooBig, WorkbookUnsafe,
    CompilingTooDear, FormUnusable, SearchUnreadable; FormIdDiffers, FormDeleted,
    VersionUnchanged; the Problems of server.xml.
    """
    sha256 = hashlib.sha256(workbook).hexdigest()
    version = _published(project, sha256)
    if version is not None:
        _refuse_other_id(version.form.form_id, form_id)
        files = _kept(expected.read(bytes(version.xform)), media or {})
        _attach_later(version, files)
        return version
    checked = check(workbook)
    _refuse_other_id(checked.compiled.form_id, form_id)
    wanted = expected.read(checked.compiled.xform)
    itemsets = checked.compiled.itemsets
    given = {**(media or {}), **({} if itemsets is None else {ITEMSETS: itemsets})}
    files = _kept(wanted, given)
    blobs.put(io.BytesIO(workbook))
    return _record(project, checked, sha256, wanted, files)


def check(workbook: bytes) -> CheckedForm:
    """Compile a workbook and check the form as phones will see it; nothing is stored.

    ODK Validate is asked when there is a Java. Raises as `publish` does.
    """
    compiled = sandbox.compile_apart(workbook)
    fields = schema.read(compiled.xform, compiled.extras)
    said = (
        validate.check(compiled.xform, compiled.places)
        if validate.is_available()
        else (validate.SKIPPED,)
    )
    return CheckedForm(compiled, fields, (*compiled.warnings, *said))


def exported(project: Project, form_id: str) -> bytes:
    """Return the workbook of a form's current version with its calculations filled in.

    It works on any ODK server. Raises FormUnknown when there is none.
    """
    form = Form.objects.living().filter(project=project, form_id=form_id).first()
    version = form.current_version if form else None
    if version is None or not version.workbook_sha256:
        raise FormUnknown(form_id=form_id, project_id=project.pk)
    with blobs.open_blob(version.workbook_sha256) as file:
        return sandbox.compile_apart(file.read()).filled


def _published(project: Project, sha256: str) -> FormVersion | None:
    versions = FormVersion.objects.select_related("form").filter(
        form__project=project, form__deleted_at=None, workbook_sha256=sha256
    )
    return versions.first()


def _refuse_other_id(found: str, wanted: str | None) -> None:
    if wanted is not None and found != wanted:
        raise FormIdDiffers(folder=wanted, form_id=found)


@transaction.atomic(durable=True)
def _record(
    project: Project,
    checked: CheckedForm,
    sha256: str,
    wanted: tuple[ExpectedFile, ...],
    files: Mapping[str, _Kept],
) -> FormVersion:
    compiled = checked.compiled
    made, _ = Form.objects.get_or_create(project=project, form_id=compiled.form_id)
    form = Form.objects.select_for_update().get(pk=made.pk)  # one publication at a time
    if form.deleted_at is not None:
        raise FormDeleted(form_id=form.form_id)
    new = _row(form, checked, sha256)
    same = form.versions.filter(version=compiled.version).first()
    if same is None:
        _refuse_incompatible(form, new, compiled.places)
        new.save()
        form.current_version = new
        form.save(update_fields=["current_version"])
    else:
        new = _saved_again(same, new)
    _attach(new, wanted, files)
    return new


def _row(form: Form, checked: CheckedForm, sha256: str) -> FormVersion:
    compiled = checked.compiled
    return FormVersion(
        form=form,
        version=compiled.version,
        title=compiled.title,
        xform=compiled.xform,
        md5=hashlib.md5(compiled.xform, usedforsecurity=False).hexdigest(),
        workbook_sha256=sha256,
        schema=schema.dump(checked.schema),
        conditions=findings.dump(compiled.conditions),
        warnings=list(checked.warnings),
    )


def _saved_again(same: FormVersion, new: FormVersion) -> FormVersion:
    """Return the version there is, when the workbook only looks different.

    Excel writes other bytes at every save. What phones get and how it is judged must be the same.
    """
    if (same.md5, _meant(same)) != (new.md5, _meant(new)):
        raise VersionUnchanged(
            form_id=new.form.form_id, version=new.version, suggestion=_next_version(new.version)
        )
    same.workbook_sha256 = new.workbook_sha256
    same.save(update_fields=["workbook_sha256"])
    return same


def _next_version(version: str) -> str:
    """Return yyyymmddnn of today, or one more where that is not above the version there is."""
    today = timezone.localdate(timezone=ZoneInfo(settings.LOCAL_TIME_ZONE))
    fresh = int(f"{today:%Y%m%d}01")
    return str(max(fresh, int(version) + 1) if version.isdecimal() else fresh)


def _refuse_incompatible(form: Form, new: FormVersion, places: Places) -> None:
    complaints: dict[str, Complaint] = {}
    for old in form.versions.defer("xform").order_by("-pk"):
        for complaint in compatibility.check_compatible(_meant(old), _meant(new), places):
            complaints.setdefault(complaint.sentence(), complaint)
    if complaints:
        raise WorkbookRefused(list(complaints.values()))


def _meant(version: FormVersion) -> Meant:
    return Meant(schema.load(version.schema), findings.load(version.conditions))


# Files -------------------------------------------------------------------------------------------


def _kept(wanted: tuple[ExpectedFile, ...], given: Mapping[str, bytes]) -> dict[str, _Kept]:
    """Store the files that are wanted and given."""
    names = {file.name for file in wanted if file.name in given}
    return {
        name: _Kept(
            blobs.put(io.BytesIO(given[name])),
            hashlib.md5(given[name], usedforsecurity=False).hexdigest(),
        )
        for name in sorted(names)
    }


@transaction.atomic(durable=True)
def _attach_later(version: FormVersion, files: Mapping[str, _Kept]) -> None:
    _attach(version, (), files)


def _attach(
    version: FormVersion, wanted: tuple[ExpectedFile, ...], files: Mapping[str, _Kept]
) -> None:
    """Write the rows of a version's files; rows that already say the same are left alone."""
    rows = {row.name: row for row in version.attachments.all()}
    for file in wanted:
        if file.name not in rows:
            row = FormAttachment(form_version=version, name=file.name, kind=file.kind)
            row.source = LISTS.get(file.name, AttachmentSource.FILE)
            row.content_type = _content_type(file.name)
            row.save()
            rows[file.name] = row
    for name, kept in files.items():
        row = rows[name]
        if row.sha256 != kept.blob.sha256:
            row.source = AttachmentSource.FILE
            row.sha256, row.size, row.md5 = kept.blob.sha256, kept.blob.size, kept.md5
            row.save()


def _content_type(name: str) -> str:
    suffix = name[name.rfind(".") :].lower()
    return _CONTENT_TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
