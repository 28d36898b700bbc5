"""Versions to try on a phone before they are published (openrosa.md §4.10).

A draft has an address of its own with a token in it, and whoever has the address may try it. It
ends when it is replaced or when a new version of its form is published, and then its address
leads nowhere: a phone that still tries it is told to ask for a new one.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any  # columns of a model

from django.db import transaction
from django.utils import timezone

from server.forms import attachments, xform
from server.forms.attachments import KeptFile
from server.forms.compiled import Places
from server.forms.desk_problems import (
    AttachmentUnexpected,
    DraftNotThere,
    DraftOnly,
    NothingToCopy,
)
from server.forms.models import Definition, Draft, DraftAttachment, Form, FormVersion
from server.forms.problems import DraftUnknown, FormUnknown
from server.forms.publish import (
    PreparedForm,
    columns,
    locked_form,
    make_current,
    prepare,
    refuse_incompatible,
    unchanged,
)
from server.projects import audit
from server.projects.access import digest
from server.projects.audit import SERVER, Actor, Object
from server.projects.models import Project


@dataclass(frozen=True, slots=True)
class NewDraft:
    """A draft with its token, on the only occasion that it can be read."""

    draft: Draft
    token: str  # 43 characters of [A-Za-z0-9_-]


def create(
    project: Project,
    workbook: bytes,
    *,
    media: Mapping[str, bytes] | None = None,
    form_id: str | None = None,
    by: Actor = SERVER,
) -> NewDraft:
    """Make a workbook the draft of its form, in place of the one there was.

    Every time under a new token: Collect compares files by their content alone and would not
    notice some changes at an address that it knows (openrosa.md SY14).

    Raises as publish.publish does, but for VersionUnchanged: a version string counts from its
    publication on.
    """
    return _record(project, prepare(workbook, media or {}, form_id), by)


def keep(project: Project, prepared: PreparedForm, *, is_new: bool = False, by: Actor) -> NewDraft:
    """Make a prepared form the draft of its form, with the files of the one before it.

    Of the draft that it takes the place of, else of the current version; by name and kind.
    is_new: the project must not have the form yet. Raises FormDeleted, FormTaken, WorkbookRefused.
    """
    return _record(project, prepared, by, is_new=is_new, carries=True)


@transaction.atomic(durable=True)
def copy(project_id: int, form_id: str, by: Actor) -> NewDraft:
    """Make the current version the draft of its form, files and all.

    Raises FormUnknown, NothingToCopy.
    """
    form = locked(project_id, form_id)
    current = form.current_version
    if current is None:
        raise NothingToCopy(form_id=form_id)
    token = secrets.token_urlsafe(32)
    form.drafts.living().update(ended_at=timezone.now())
    draft = Draft.objects.create(form=form, token_sha256=digest(token), **_columns(current))
    attachments.copy(draft, current)
    _tell(by, "form.update.draft.set", form, draft.version)
    return NewDraft(draft, token)


@transaction.atomic(durable=True)
def reissue(project_id: int, form_id: str, by: Actor) -> NewDraft:
    """Give the draft of a form a new token; the address that it had leads nowhere any more.

    Raises FormUnknown, DraftNotThere.
    """
    form = locked(project_id, form_id)
    draft = form.drafts.living().first()
    if draft is None:
        raise DraftNotThere(form_id=form_id)
    token = secrets.token_urlsafe(32)
    draft.token_sha256 = digest(token)
    draft.save(update_fields=["token_sha256"])
    _tell(by, "form.update.draft.replace", form, draft.version)
    return NewDraft(draft, token)


@transaction.atomic(durable=True)
def publish(
    project_id: int, form_id: str, by: Actor, version: str | None = None, *, note: str = ""
) -> FormVersion:
    """Make the draft of a form the version that phones get, under another version string if given.

    note: what is new, for whoever asks later. Raises FormUnknown, DraftNotThere,
    VersionUnchanged, WorkbookRefused.
    """
    form = locked(project_id, form_id)
    draft = form.drafts.living().first()
    if draft is None:
        raise DraftNotThere(form_id=form_id)
    new = FormVersion(form=form, note=note, **_columns(draft))
    if version is not None and version != draft.version:
        new.version, new.xform = version, xform.renamed(bytes(draft.xform), version)
        new.md5 = hashlib.md5(new.xform, usedforsecurity=False).hexdigest()
    if form.versions.filter(version=new.version).exists():
        raise unchanged(new)
    make_current(form, new, Places())
    attachments.copy(new, draft)
    attachments.link_lists(new)
    _tell(by, "form.update.publish", form, new.version)
    return new


@transaction.atomic(durable=True)
def give(project_id: int, form_id: str, name: str, kept: KeptFile, by: Actor) -> DraftAttachment:
    """Give the draft of a form a file that it refers to, in place of any other of that name.

    Raises FormUnknown, DraftNotThere, AttachmentUnexpected.
    """
    draft = locked(project_id, form_id).drafts.living().first()
    if draft is None:
        raise DraftNotThere(form_id=form_id)
    if not draft.attachments.filter(name=name).exists():
        raise AttachmentUnexpected(form_id=form_id, name=name)
    attachments.attach(draft, (), {name: kept})
    said = {"sha256": kept.blob.sha256}
    audit.record(by, "form.attachment.update", Object("form", form_id, project_id), said)
    return draft.attachments.get(name=name)


@transaction.atomic(durable=True)
def discard(project_id: int, form_id: str, by: Actor) -> None:
    """End the draft of a published form. Raises FormUnknown, DraftOnly, DraftNotThere."""
    form = locked(project_id, form_id)
    if form.current_version_id is None:
        raise DraftOnly(form_id=form_id)
    if not form.drafts.living().update(ended_at=timezone.now()):
        raise DraftNotThere(form_id=form_id)
    audit.record(by, "form.update.draft.delete", Object("form", form_id, project_id))


def _tell(by: Actor, action: str, form: Form, version: str) -> None:
    audit.record(by, action, Object("form", form.form_id, form.project_id), {"version": version})


def locked(project_id: int, form_id: str) -> Form:
    """Return a form while nobody else can publish or draft it. Raises FormUnknown."""
    # Not its key, which what is sent to it refers to: who sends must not wait at their commit.
    forms = Form.objects.living().select_for_update(no_key=True)
    form = forms.filter(project=project_id, form_id=form_id).first()
    if form is None:
        raise FormUnknown(form_id=form_id, project_id=project_id)
    return form


def _columns(form: Definition) -> dict[str, Any]:
    return {field.name: getattr(form, field.name) for field in Definition._meta.fields}


def find(token: str, project_id: int, form_id: str) -> Draft:
    """Return the draft that a token opens, which must be of this form. Raises DraftUnknown."""
    found = (
        Draft.objects.living()
        .select_related("form")
        .filter(token_sha256=digest(token), form__project=project_id, form__form_id=form_id)
        .first()
    )
    if found is None:
        raise DraftUnknown
    return found


def was_given_out(token: str) -> bool:
    """Tell whether a token is that of a draft, whatever became of it."""
    return Draft.objects.filter(token_sha256=digest(token)).exists()


@transaction.atomic(durable=True)
def _record(
    project: Project,
    prepared: PreparedForm,
    by: Actor,
    *,
    is_new: bool = False,
    carries: bool = False,
) -> NewDraft:
    compiled = prepared.checked.compiled
    form = locked_form(project, compiled.form_id, is_new=is_new)
    before = form.drafts.living().first() or form.current_version
    token = secrets.token_urlsafe(32)
    draft = Draft(form=form, token_sha256=digest(token), **columns(prepared))
    refuse_incompatible(form, draft, compiled.places)
    form.drafts.living().update(ended_at=timezone.now())
    draft.save()
    attachments.attach(draft, prepared.wanted, prepared.files)
    if carries and before is not None:
        attachments.carry(draft, before)
    _tell(by, "form.create" if is_new else "form.update.draft.set", form, draft.version)
    return NewDraft(draft, token)
