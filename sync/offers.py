"""What a device may have: the listed forms, their versions, and the files that go with them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from server.entities import rendering
from server.entities.rendering import Scope
from server.forms.models import (
    AttachmentSource,
    Draft,
    Form,
    FormAttachment,
    FormState,
    FormVersion,
    NeededFile,
)
from server.inspections import lists
from server.plans.offered import assigned
from server.projects import access
from server.projects.models import AppUser
from server.statements import all_rows
from sync.problems import FileNotHere, FormNotHere, FormNotOffered, VersionNotHere


@dataclass(frozen=True, slots=True)
class Offer:
    """One listed form."""

    form_id: str
    title: str
    version: str
    md5: str
    has_files: bool  # it needs some, uploaded or not (FL25)


@dataclass(frozen=True, slots=True)
class File:
    """One file of a version, with its bytes or the address of them."""

    name: str
    md5: str
    content_type: str
    content: bytes | None  # of a list, rendered just now
    sha256: str  # blob of an uploaded file; "" for a list
    list_name: str = ""  # of an entity list, else ""
    needs_approval: bool = False  # before an entity of that list is there


_LISTED = """
SELECT form.form_id, version.title, version.version, version.md5, EXISTS (
  SELECT FROM forms_formattachment needed WHERE needed.form_version_id = version.id
)
FROM forms_form form JOIN forms_formversion version ON version.id = form.current_version_id
JOIN projects_project project ON project.id = form.project_id
WHERE form.project_id = %s AND form.state = %s AND form.deleted_at IS NULL
  AND project.archived_at IS NULL
ORDER BY version.title, form.form_id
"""


def listed(app_user: AppUser, form_id: str = "") -> list[Offer]:
    """Return every form that the device should hold, or the one asked for; by title, then id.

    What plans give to other teams only is left out (plans.offered); of a project that is over,
    everything. What was begun with its forms is taken still.
    One statement, so one moment: a phone in match-exactly mode deletes what is not named here
    (openrosa.md §1.5). Whatever fails must fail the whole list.
    """
    offers = [Offer(*row) for row in all_rows(_LISTED, [app_user.project_id, FormState.OPEN])]
    assignment = assigned(app_user, _today())
    elsewhere = assignment.elsewhere if assignment else frozenset()
    return [
        offer
        for offer in offers
        if access.may_open(app_user, offer.form_id)
        and offer.form_id not in elsewhere
        and form_id in ("", offer.form_id)
    ]


def published(app_user: AppUser, form_id: str, version: str | None) -> FormVersion:
    """Return a published version, the current one for None; its bytes are fetched when used.

    Raises FormNotHere (404), also for what the device was not granted, VersionNotHere (404),
    FormNotOffered (403) for a closed form.
    """
    form = Form.objects.living().filter(project=app_user.project_id, form_id=form_id).first()
    is_granted = access.may_open(app_user, form_id)
    if form is None or form.current_version_id is None or not is_granted:
        raise FormNotHere(form_id=form_id)
    if form.state == FormState.CLOSED:
        raise FormNotOffered(form_id=form_id)
    versions = FormVersion.objects.only("form", "version", "md5").filter(form=form)
    found = (
        versions.filter(pk=form.current_version_id)
        if version is None
        else versions.filter(version=version)
    ).first()
    if found is None:
        raise VersionNotHere(form_id=form_id, version=version)
    return found


def files(version: FormVersion, app_user: AppUser, form_id: str) -> Iterator[File]:
    """Give the files of a version whose bytes are there, by name; the others are left out."""
    communes = _communes(app_user, form_id)
    for attachment in version.attachments.order_by("name"):
        file = _file_for(app_user, attachment, communes)
        if file is not None:
            yield file


def file(version: FormVersion, app_user: AppUser, form_id: str, name: str) -> File:
    """Return one file of a version. Raises FileNotHere."""
    attachment = version.attachments.filter(name=name).first()
    communes = _communes(app_user, form_id)
    found = _file_for(app_user, attachment, communes) if attachment is not None else None
    if found is None:
        raise FileNotHere(form_id=form_id, name=name)
    return found


def draft_files(draft: Draft) -> Iterator[File]:
    """Give the files of a draft whose bytes are there, by name."""
    for attachment in draft.attachments.order_by("name"):
        file = _file(attachment, draft.form.project_id)
        if file is not None:
            yield file


def draft_file(draft: Draft, name: str) -> File:
    """Return one file of a draft. Raises FileNotHere."""
    attachment = draft.attachments.filter(name=name).first()
    found = _file(attachment, draft.form.project_id) if attachment is not None else None
    if found is None:
        raise FileNotHere(form_id=draft.form.form_id, name=name)
    return found


def scope(app_user: AppUser) -> Scope | None:
    """Return whose entities a device gets; None for a link that anybody may have.

    Not limited by plans: a list must be the same for every form, or a phone would delete rows.
    """
    if app_user.is_public:
        return None
    return Scope(frozenset(app_user.commune_uids), app_user.username)


def integrity(
    version: FormVersion, app_user: AppUser, list_name: str, ids: Collection[str] | None
) -> dict[UUID, bool]:
    """Return which entities of a list are deleted (openrosa.md §2.5); None asks for all.

    Raises FileNotHere for a list that the form does not use.
    """
    linked = {"source": AttachmentSource.ENTITIES, "list_name": list_name}
    whose = scope(app_user)
    if whose is None or not version.attachments.filter(**linked).exists():
        raise FileNotHere(form_id=version.form.form_id, name=list_name)
    uuids = None if ids is None else [uuid for one in ids if (uuid := _uuid(one)) is not None]
    return rendering.deleted(app_user.project_id, list_name, uuids, whose)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None


def _communes(app_user: AppUser, form_id: str) -> frozenset[str]:
    """Return the communes that a device may choose in a form; empty for all.

    Those it was granted, and of these what a plan gives its team, if a plan speaks of both.
    """
    granted = frozenset(app_user.commune_uids)
    assignment = assigned(app_user, _today())
    planned = assignment.communes.get(form_id, frozenset()) if assignment else frozenset()
    return (granted & planned or granted) if granted and planned else granted or planned


def _today() -> dt.date:
    return timezone.localdate(timezone=ZoneInfo(settings.LOCAL_TIME_ZONE))


def _file_for(
    app_user: AppUser, attachment: FormAttachment, communes: Collection[str]
) -> File | None:
    is_public = app_user.is_public
    return _file(
        attachment, app_user.project_id, communes, is_public=is_public, scope=scope(app_user)
    )


def _file(
    attachment: NeededFile,
    project_id: int,
    commune_uids: Collection[str] = (),
    *,
    is_public: bool = False,
    scope: Scope | None = None,
) -> File | None:
    if attachment.source != AttachmentSource.FILE:
        made = lists.rendered(
            attachment, project_id, commune_uids, is_public=is_public, scope=scope
        )
        file = File(attachment.name, made.md5, "text/csv; charset=utf-8", made.content, "")
        if attachment.source != AttachmentSource.ENTITIES:
            return file
        needs_approval = rendering.needs_approval(project_id, attachment.list_name)
        return replace(file, list_name=attachment.list_name, needs_approval=needs_approval)
    if not attachment.sha256:
        return None
    return File(attachment.name, attachment.md5, attachment.content_type, None, attachment.sha256)
