"""What a device may have, changed at once; and its card, for whoever still holds its key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction

from server.projects import audit, device_passwords
from server.projects.access import digest
from server.projects.accounts import NewAppUser, locked
from server.projects.audit import Actor, Object
from server.projects.models import AppUser
from server.projects.problems import AppUserSecretOutdated, AppUserUnknown


def find(project_id: int, app_user_id: int) -> AppUser:
    """Return one inspector's device, taken back or not. Raises AppUserUnknown."""
    found = (
        AppUser.objects.inspectors()
        .select_related("project")
        .filter(project=project_id, pk=app_user_id)
        .first()
    )
    if found is None:
        raise AppUserUnknown(id=app_user_id)
    return found


@transaction.atomic(durable=True)
def set_grants(
    app_user_id: int, form_ids: Sequence[str] | None, commune_uids: Sequence[str], by: Actor
) -> AppUser:
    """Say which forms a device opens and which communes they offer, in place of what it had.

    form_ids: None for every form of the project. commune_uids: empty for all. Repeating it changes
    nothing. Raises AppUserUnknown.
    """
    app_user = locked(app_user_id)
    given = {
        "opens_all_forms": form_ids is None,
        "form_ids": sorted(set(form_ids or ())),
        "commune_uids": sorted(set(commune_uids)),
    }
    had = {
        "opens_all_forms": app_user.opens_all_forms,
        "form_ids": sorted(app_user.form_ids),
        "commune_uids": sorted(app_user.commune_uids),
    }
    if given == had:
        return app_user
    for name, value in given.items():
        setattr(app_user, name, value)
    app_user.save(update_fields=list(given))
    device = Object("app_user", app_user.pk, app_user.project_id)
    said = {"formIds": None if form_ids is None else given["form_ids"]}
    audit.record(by, "field_key.update", device, {**said, "communes": given["commune_uids"]})
    return app_user


def proven(project_id: int, secrets: Mapping[int, str]) -> list[NewAppUser]:
    """Return devices as they were handed out, for whoever shows their keys or passwords.

    secrets: by the number of the device. Nothing of them is kept, so nobody else can have a card.
    Raises AppUserUnknown, AppUserSecretOutdated.
    """
    found = (
        AppUser.objects.inspectors()
        .select_related("project")
        .filter(project=project_id, revoked_at=None)
        .in_bulk(list(secrets))
    )
    return [_proven(found.get(number), number, secret) for number, secret in secrets.items()]


def _proven(app_user: AppUser | None, number: int, secret: str) -> NewAppUser:
    if app_user is None:
        raise AppUserUnknown(id=number)
    if digest(secret) == app_user.token_sha256:
        return NewAppUser(app_user, secret)
    proof = device_passwords.proof(app_user.username, app_user.project_id)
    if proof is not None and device_passwords.ha1(app_user.username, secret) == proof.ha1:
        return NewAppUser(app_user, "", secret)
    raise AppUserSecretOutdated(name=app_user.display_name)
