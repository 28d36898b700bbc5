"""Keys to one form that may be given to anybody; they stand in no list of inspectors."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import QuerySet

from server.projects import accounts, audit
from server.projects.access import digest
from server.projects.accounts import NewAppUser
from server.projects.audit import SERVER, Actor, Object
from server.projects.models import AppUser, Project
from server.projects.problems import AppUserUnknown


def create(
    project: Project,
    form_id: str,
    *,
    name: str = "",
    expires_at: dt.datetime | None = None,
    takes_once: bool = False,
    by: Actor = SERVER,
) -> NewAppUser:
    """Make a link; its key can be read now and never again.

    takes_once: from each browser or phone, by the device id that it sends, one record.
    """
    token = accounts.new_token()
    with transaction.atomic():
        app_user = AppUser.objects.create(
            project=project,
            display_name=name or f"Liên kết công khai: {form_id}",
            token_sha256=digest(token),
            expires_at=expires_at,
            opens_all_forms=False,
            form_ids=[form_id],
            is_public=True,
            takes_once=takes_once,
        )
        device = Object("app_user", app_user.pk, project.pk)
        audit.record(by, "public_link.create", device, {"formIds": [form_id]})
    return NewAppUser(app_user, token)


def listed(project_id: int, form_id: str) -> QuerySet[AppUser]:
    """Return the links to a form that were not taken back, the newest first."""
    links = AppUser.objects.filter(project=project_id, is_public=True, form_ids=[form_id])
    return links.filter(revoked_at=None).order_by("-pk")


def find(project_id: int, form_id: str, number: int) -> AppUser:
    """Return one link to a form, taken back or not. Raises AppUserUnknown."""
    links = AppUser.objects.filter(project=project_id, is_public=True, form_ids=[form_id])
    found = links.filter(pk=number).first()
    if found is None:
        raise AppUserUnknown(id=number)
    return found


def revoke(project_id: int, form_id: str, number: int, by: Actor) -> None:
    """Take a link back, now; repeating it changes nothing. Raises AppUserUnknown."""
    accounts.revoke_app_user(find(project_id, form_id, number).pk, by)
