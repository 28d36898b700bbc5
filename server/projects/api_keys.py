"""Keys for scripts: a person's, to one project, with no more rights than they have, for a time.

A script with a key does what its owner could, in the key's role or the owner's, whichever is less,
at the moment of each call: who loses their role takes their keys with them. Only the SHA-256 of a
key is kept. A key opens neither other keys nor the audit log of all projects, and ends no session.

A supervisor of some communes has no key of a viewer: what everybody may see hides small counts, and
next to the exact ones of those communes it would tell the others'.
"""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from server.projects import audit
from server.projects.access import digest
from server.projects.audit import Actor, Object
from server.projects.models import ApiKey, Membership, Role, User
from server.projects.problems import (
    ApiKeyExpired,
    ApiKeyLifeRefused,
    ApiKeyRefused,
    ApiKeyRevoked,
    ApiKeyTellsOthers,
    ApiKeyTooStrong,
    ApiKeyUnknown,
)

PREFIX = "sxk_"  # so that a key is seen for what it is, wherever somebody left it
LONGEST_LIFE = dt.timedelta(days=366)
_RANDOM_BYTES = 36
_SEEN_EVERY = dt.timedelta(minutes=1)
_WEIGHT = (Role.VIEWER, Role.SUPERVISOR, Role.MANAGER)


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A key, on the only occasion that it can be read."""

    api_key: ApiKey
    token: str  # PREFIX and 48 characters of [A-Za-z0-9_-]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a key is to be."""

    name: str
    role: Role
    is_read_only: bool
    expires_at: dt.datetime


def create(membership: Membership, wanted: Wanted) -> NewApiKey:
    """Make a key for a member of a project.

    Raises ApiKeyTooStrong, ApiKeyTellsOthers, ApiKeyLifeRefused.
    """
    if wanted.role != lesser(wanted.role, Role(membership.role)):
        raise ApiKeyTooStrong(role=wanted.role, own=membership.role)
    if tells_others(membership, wanted.role):
        raise ApiKeyTellsOthers
    now = timezone.now()
    if not now < wanted.expires_at <= now + LONGEST_LIFE:
        raise ApiKeyLifeRefused(most_days=LONGEST_LIFE.days)
    token = PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)
    with transaction.atomic(durable=True):
        made = ApiKey.objects.create(
            owner=membership.user,
            project_id=membership.project_id,
            name=wanted.name,
            role=wanted.role,
            is_read_only=wanted.is_read_only,
            token_sha256=digest(token),
            expires_at=wanted.expires_at,
        )
        said = {
            "role": made.role,
            "readOnly": made.is_read_only,
            "expiresAt": made.expires_at.isoformat(),
        }
        audit.record(Actor.person(membership.user), "api_key.create", _object(made), said)
    return NewApiKey(made, token)


def holder(token: str) -> User:
    """Return the owner of a key, carrying it. Raises ApiKeyRefused, ApiKeyRevoked, ApiKeyExpired.

    An account that was closed has no keys any more.
    """
    key = ApiKey.objects.filter(token_sha256=digest(token)).select_related("owner").first()
    if key is None or not key.owner.is_active:
        raise ApiKeyRefused
    if key.revoked_at is not None:
        raise ApiKeyRevoked
    if key.expires_at <= timezone.now():
        raise ApiKeyExpired
    _seen(key)
    key.owner.api_key = key
    return key.owner


def _seen(key: ApiKey) -> None:
    """Note that a key is used, at most once a minute."""
    now = timezone.now()
    due = Q(last_used_at=None) | Q(last_used_at__lte=now - _SEEN_EVERY)
    if key.last_used_at is None or key.last_used_at <= now - _SEEN_EVERY:
        ApiKey.objects.filter(due, pk=key.pk).update(last_used_at=now)


def listed(membership: Membership) -> QuerySet[ApiKey]:
    """Return the keys that a member may see and take back, the newest first.

    One's own; a manager's are all of the project. Those that were taken back are not among them.
    """
    found = ApiKey.objects.filter(project=membership.project_id, revoked_at=None)
    if membership.role != Role.MANAGER:
        found = found.filter(owner=membership.user_id)
    return found.select_related("owner").order_by("-pk")


def find(membership: Membership, api_key_id: int) -> ApiKey:
    """Return one of those that a member may take back. Raises ApiKeyUnknown."""
    key = listed(membership).filter(pk=api_key_id).first()
    if key is None:
        raise ApiKeyUnknown
    return key


def revoke(membership: Membership, api_key_id: int) -> None:
    """Take a key back, at once. Raises ApiKeyUnknown for one that is not among `listed`."""
    with transaction.atomic(durable=True):
        rows = listed(membership).select_for_update(of=("self",))
        key = rows.filter(pk=api_key_id).first()
        if key is None:
            raise ApiKeyUnknown
        key.revoked_at = timezone.now()
        key.save(update_fields=["revoked_at"])
        audit.record(Actor.person(membership.user), "api_key.delete", _object(key))


def lesser(one: Role, other: Role) -> Role:
    """Return the role that may less."""
    return min(one, other, key=_WEIGHT.index)


def tells_others(membership: Membership, role: Role) -> bool:
    """Tell whether a role would show a member, beside exact counts, those that hide the others'."""
    is_of_some = membership.role == Role.SUPERVISOR and bool(membership.commune_uids)
    return is_of_some and role == Role.VIEWER


def _object(key: ApiKey) -> Object:
    return Object("api_key", key.pk, key.project_id)
