"""From a workbook to a version that phones can download: all of it, or nothing.

What is stored is what will be served: the bytes are never compiled again (house.md 1.6).
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any  # columns of a model
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from server import blobs
from server.forms import (
    attachments,
    compatibility,
    entity_lists,
    expected,
    findings,
    indicators,
    rules,
    sandbox,
    schema,
    validate,
)
from server.forms.attachments import KeptFile
from server.forms.compatibility import Meant
from server.forms.compiled import CompiledForm, Places
from server.forms.desk_problems import EntityListSpelt, FormTaken
from server.forms.entity_lists import DeclaredList
from server.forms.expected import ITEMSETS, ExpectedFile
from server.forms.indicators import Indicators
from server.forms.models import Definition, Form, FormState, FormVersion, RuleVersion
from server.forms.problems import (
    Complaint,
    FormDeleted,
    FormIdDiffers,
    FormUnknown,
    FormVersionUnknown,
    VersionUnchanged,
    WorkbookRefused,
)
from server.forms.schema import Schema
from server.projects import audit
from server.projects.audit import SERVER, Actor, Object
from server.projects.models import Project


@dataclass(frozen=True, slots=True)
class CheckedForm:
    """A form that every check has passed, but for what depends on earlier versions."""

    compiled: CompiledForm
    schema: Schema
    entity_lists: tuple[DeclaredList, ...]
    warnings: tuple[str, ...]  # of pyxform and of ODK Validate, as they wrote them


@dataclass(frozen=True, slots=True)
class PreparedForm:
    """A checked form whose workbook and files are stored; only rows are missing."""

    checked: CheckedForm
    workbook_sha256: str
    wanted: tuple[ExpectedFile, ...]
    files: Mapping[str, KeptFile]


def publish(
    project: Project,
    workbook: bytes,
    *,
    media: Mapping[str, bytes] | None = None,
    form_id: str | None = None,
    by: Actor = SERVER,
) -> FormVersion:
    """Publish a workbook with the files beside it, and make it the version that phones get.

    media: by file name; those that the form does not refer to are left out.
    form_id: what the workbook must say, when the caller knows.
    The same workbook is the same version: nothing is written, save files that have changed.

    Raises WorkbookRefused with every complaint; NotAWorkbook, WorkbookTooBig, WorkbookUnsafe,
    CompilingTooDear, FormUnusable, SearchUnreadable, EntitiesVersionUnknown, EntityNameInvalid;
    FormIdDiffers, FormDeleted, VersionUnchanged; the Problems of server.xml.
    """
    sha256 = hashlib.sha256(workbook).hexdigest()
    version = _published(project, sha256)
    if version is not None:
        _refuse_other_id(version.form.form_id, form_id)
        files = attachments.keep(expected.read(bytes(version.xform)), media or {})
        _attach_later(version, files)
        return version
    return _record(project, prepare(workbook, media or {}, form_id), by)


def publish_new(project: Project, prepared: PreparedForm, by: Actor) -> FormVersion:
    """Publish the first version of a form that the project does not have yet.

    Raises FormTaken, FormDeleted; WorkbookRefused.
    """
    return _record(project, prepared, by, is_new=True)


def prepare(workbook: bytes, media: Mapping[str, bytes], form_id: str | None) -> PreparedForm:
    """Check a workbook and store it with its files, before any row. Raises as `publish` does."""
    checked = check(workbook)
    _refuse_other_id(checked.compiled.form_id, form_id)
    return store(checked, workbook, media)


def store(checked: CheckedForm, workbook: bytes | None, media: Mapping[str, bytes]) -> PreparedForm:
    """Store a checked form's workbook, if it has one, and its files. Raises StorageFull."""
    wanted = expected.read(checked.compiled.xform)
    itemsets = checked.compiled.itemsets
    given = {**media, **({} if itemsets is None else {ITEMSETS: itemsets})}
    files = attachments.keep(wanted, given)
    sha256 = "" if workbook is None else blobs.put(io.BytesIO(workbook)).sha256
    return PreparedForm(checked, sha256, wanted, files)


def check(workbook: bytes) -> CheckedForm:
    """Compile a workbook and check the form as phones will see it; nothing is stored.

    ODK Validate is asked when there is a Java. Raises as `publish` does.
    """
    compiled = sandbox.compile_apart(workbook)
    if compiled.lint:
        raise WorkbookRefused(compiled.lint)
    return check_compiled(compiled)


def check_compiled(compiled: CompiledForm) -> CheckedForm:
    """Check a form as phones will see it, wherever it comes from. Raises as `publish` does."""
    fields = schema.read(compiled.xform, compiled.extras)
    lists = entity_lists.read(compiled.xform)
    said = (
        validate.check(compiled.xform, compiled.places)
        if validate.is_available()
        else (validate.SKIPPED,)
    )
    return CheckedForm(compiled, fields, lists, (*compiled.warnings, *said))


def exported(project: Project, form_id: str) -> bytes:
    """Return the workbook of a form's current version with its calculations filled in.

    It works on any ODK server. Raises FormUnknown when there is none.
    """
    return sandbox.compile_apart(workbook_of(project.pk, form_id)).filled


def workbook_of(project_id: int, form_id: str, version: str = "") -> bytes:
    """Return the workbook that a version was published from; without `version`, the current one.

    Raises FormUnknown, FormVersionUnknown.
    """
    form = Form.objects.living().filter(project=project_id, form_id=form_id).first()
    current = form.current_version if form else None
    if form is None or current is None:
        raise FormUnknown(form_id=form_id, project_id=project_id)
    wanted = form.versions.filter(version=version).first() if version else current
    if wanted is None:
        raise FormVersionUnknown(form_id=form_id, version=version, current=current.version)
    if not wanted.workbook_sha256:
        raise FormUnknown(form_id=form_id, project_id=project_id)
    with blobs.open_blob(wanted.workbook_sha256) as file:
        return file.read()


@transaction.atomic(durable=True)
def set_state(project_id: int, form_id: str, state: FormState, by: Actor) -> None:
    """Say what devices may do with a form from now on. Raises FormUnknown."""
    forms = Form.objects.living().filter(project=project_id, form_id=form_id)
    if not forms.update(state=state):
        raise FormUnknown(form_id=form_id, project_id=project_id)
    audit.record(by, "form.update", Object("form", form_id, project_id), {"state": state})


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
    project: Project, prepared: PreparedForm, by: Actor, *, is_new: bool = False
) -> FormVersion:
    compiled = prepared.checked.compiled
    form = locked_form(project, compiled.form_id, is_new=is_new)
    new = FormVersion(form=form, **columns(prepared))
    same = form.versions.filter(version=compiled.version).first()
    if same is None:
        make_current(form, new, compiled.places)
    else:
        new = _saved_again(same, new)
    attachments.attach(new, prepared.wanted, prepared.files)
    attachments.link_lists(new)
    told = Object("form", form.form_id, project.pk)
    audit.record(by, "form.update.publish", told, {"version": new.version})
    return new


def make_current(form: Form, new: FormVersion, places: Places) -> None:
    """Write a version that a locked form does not have yet, for phones to get from now on.

    places: in the survey sheet, for the complaints. Raises WorkbookRefused.
    """
    conditions = _meant(new).conditions
    refuse_incompatible(form, new, places)
    new.rule_version = rules.of_publication(form, new.version, conditions)
    new.warnings += _book_unknown(new.rule_version, conditions.criteria_set)
    new.save()
    form.current_version = new
    form.save(update_fields=["current_version"])
    form.drafts.living().update(ended_at=timezone.now())  # what was tried is over


def _book_unknown(rule_version: RuleVersion | None, code: str) -> list[str]:
    if not code or rule_version is None or rule_version.criteria_set_id is not None:
        return []
    return [f"Bộ tiêu chí {code} chưa có trong danh mục (load_criteria_sets)."]


def locked_form(project: Project, form_id: str, *, is_new: bool = False) -> Form:
    """Return a form, new or not, while nobody else can publish or draft it.

    is_new: it must not be there yet. Raises FormDeleted, FormTaken.
    """
    found, is_made = Form.objects.get_or_create(project=project, form_id=form_id)
    form = Form.objects.select_for_update(no_key=True).get(pk=found.pk)
    if form.deleted_at is not None:
        raise FormDeleted(form_id=form.form_id)
    if is_new and not is_made:
        raise FormTaken(form_id=form.form_id)
    return form


def columns(prepared: PreparedForm) -> dict[str, Any]:
    """Return the columns of models.Definition."""
    checked, compiled = prepared.checked, prepared.checked.compiled
    return {
        "version": compiled.version,
        "title": compiled.title,
        "xform": compiled.xform,
        "md5": hashlib.md5(compiled.xform, usedforsecurity=False).hexdigest(),
        "workbook_sha256": prepared.workbook_sha256,
        "schema": schema.dump(checked.schema),
        "conditions": findings.dump(compiled.conditions),
        "indicators": indicators.dump(compiled.indicators),
        "entity_lists": entity_lists.dump(checked.entity_lists),
        "warnings": list(checked.warnings),
    }


def _saved_again(same: FormVersion, new: FormVersion) -> FormVersion:
    """Return the version there is, when the workbook only looks different.

    Excel writes other bytes at every save. What phones get, how it is judged and what is counted
    must be the same.
    """
    if (same.md5, _meant(same), _counted(same)) != (new.md5, _meant(new), _counted(new)):
        raise unchanged(new)
    same.workbook_sha256 = new.workbook_sha256
    same.save(update_fields=["workbook_sha256"])
    return same


def unchanged(new: FormVersion) -> VersionUnchanged:
    """Return the refusal of a version that phones already hold with other content."""
    return VersionUnchanged(
        form_id=new.form.form_id, version=new.version, suggestion=_next_version(new.version)
    )


def _next_version(version: str) -> str:
    """Return yyyymmddnn of today, or one more where that is not above the version there is."""
    today = timezone.localdate(timezone=ZoneInfo(settings.LOCAL_TIME_ZONE))
    fresh = int(f"{today:%Y%m%d}01")
    return str(max(fresh, int(version) + 1) if version.isdecimal() else fresh)


def refuse_incompatible(form: Form, new: Definition, places: Places) -> None:
    """Refuse what phones and answers of any published version could not live with.

    Raises WorkbookRefused, EntityListSpelt.
    """
    _refuse_other_spelling(form.project_id, new)
    complaints: dict[str, Complaint] = {}
    for old in form.versions.defer("xform").order_by("-pk"):
        for complaint in compatibility.check_compatible(_meant(old), _meant(new), places):
            complaints.setdefault(complaint.sentence(), complaint)
    for undone in rules.refuse_undone(form, _meant(new).conditions):
        complaints[undone.sentence()] = undone
    if complaints:
        raise WorkbookRefused(list(complaints.values()))


def _refuse_other_spelling(project_id: int, new: Definition) -> None:
    """Refuse a list that other forms spell otherwise: phones keep lists as files."""
    said = {found.name.casefold(): found.name for found in entity_lists.load(new.entity_lists)}
    if not said:
        return
    versions = FormVersion.objects.filter(form__project=project_id).exclude(entity_lists=[])
    for declared in versions.values_list("entity_lists", flat=True):
        for known in entity_lists.load(declared):
            name = said.get(known.name.casefold(), known.name)
            if name != known.name:
                raise EntityListSpelt(name=name, known=known.name)


def _meant(form: Definition) -> Meant:
    return Meant(schema.load(form.schema), findings.load(form.conditions))


def _counted(form: Definition) -> Indicators:
    return indicators.load(form.indicators)


@transaction.atomic(durable=True)
def _attach_later(version: FormVersion, files: Mapping[str, KeptFile]) -> None:
    attachments.attach(version, (), files)
