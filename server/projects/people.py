"""The people of a project, as its managers keep them: added, given a role, shut out, let back in.

A role is of one project; locking, passwords and codes are of the whole account. So those are only
for accounts that open nothing beyond the projects of the manager who does it: otherwise a manager
of one project could take over an account of another. Nobody resets their own password or codes so,
since `own_account` asks for the password first. A project keeps a manager who can sign in.

Locks are taken in this order: projects by their numbers, the person, then what hangs on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from server.projects import accounts, audit, passwords, second_factor
from server.projects.account_problems import (
    LastManager,
    PersonIsYou,
    PersonKnown,
    PersonOfOthers,
    PersonUnknown,
)
from server.projects.audit import Actor, Object
from server.projects.models import ApiKey, Membership, PasswordLink, Project, Role, Session, User
from server.projects.passwords import NewLink


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who is to be added, as what."""

    email: str
    name: str
    role: Role
    commune_uids: Sequence[str] = ()  # that a supervisor answers for; empty: all


@dataclass(frozen=True, slots=True)
class Added:
    """Somebody new in a project."""

    user: User
    link: NewLink | None  # None for somebody who had an account already


@transaction.atomic(durable=True)
def add(by: Membership, wanted: Wanted) -> Added:
    """Give somebody a role in a project; make the account, and a link, where there is none.

    commune_uids must be known ones (`communes.scope.known_communes`). An account that there is
    keeps its name and its password. Raises PersonKnown.
    """
    project = _locked_projects([by.project_id])[0]
    user = User.objects.filter(email=wanted.email.strip().lower()).first()
    is_new = user is None
    if user is None:
        user = accounts.create_user(wanted.email, wanted.name, None, by=Actor.person(by.user))
    elif Membership.objects.filter(project=project, user=user).exists():
        raise PersonKnown(email=user.email)
    uids = _scope(wanted.role, wanted.commune_uids)
    accounts.join(user, project, wanted.role, commune_uids=uids, by=Actor.person(by.user))
    link = passwords.give_link(user, Actor.person(by.user), project.pk) if is_new else None
    return Added(user, link)


@transaction.atomic(durable=True)
def set_role(by: Membership, user_id: int, role: Role, commune_uids: Sequence[str]) -> None:
    """Give somebody of a project another role or other communes; repeating it changes nothing.

    Raises PersonUnknown, LastManager.
    """
    project = _locked_projects([by.project_id])[0]
    membership = _membership(by, user_id)
    uids = sorted(_scope(role, commune_uids))
    if (membership.role, sorted(membership.commune_uids)) == (role, uids):
        return
    if role != Role.MANAGER:
        _keep_a_manager(membership.user, [project.pk])
    accounts.join(membership.user, project, role, commune_uids=uids, by=Actor.person(by.user))


@transaction.atomic(durable=True)
def remove(by: Membership, user_id: int) -> None:
    """Take somebody out of a project; the account stays. Raises PersonUnknown, LastManager."""
    project = _locked_projects([by.project_id])[0]
    membership = _membership(by, user_id)
    _keep_a_manager(membership.user, [project.pk])
    membership.delete()
    _record(by, "user.assignment.delete", user_id)


@transaction.atomic(durable=True)
def lock(by: Membership, user_id: int) -> None:
    """Shut an account out, now: its sessions and API keys end and stay so; repeatable.

    Raises PersonUnknown, PersonOfOthers, LastManager.
    """
    managed = Membership.objects.filter(user=user_id, role=Role.MANAGER)
    project_ids = list(managed.values_list("project_id", flat=True))
    _locked_projects(project_ids)
    user = _account(by, user_id)
    _keep_a_manager(user, project_ids)
    if not user.is_active:
        return
    user.is_active = False
    user.save(update_fields=["is_active"])
    Session.objects.filter(user=user).delete()
    PasswordLink.objects.filter(user=user).delete()
    keys = ApiKey.objects.filter(owner=user, revoked_at=None).update(revoked_at=timezone.now())
    _record(by, "user.lock", user_id, apiKeys=keys)


@transaction.atomic(durable=True)
def unlock(by: Membership, user_id: int) -> None:
    """Let an account in again, with the password that it had; repeatable.

    Raises PersonUnknown, PersonOfOthers.
    """
    user = _account(by, user_id)
    if not user.is_active:
        user.is_active = True
        user.save(update_fields=["is_active"])
        _record(by, "user.unlock", user_id)


@transaction.atomic(durable=True)
def reset_password(by: Membership, user_id: int) -> NewLink:
    """Make a person's password and sessions void, and return a link to set another.

    Raises PersonUnknown, PersonOfOthers, PersonIsYou.
    """
    user = _account_of_another(by, user_id)
    passwords.replace(user, None)
    return passwords.give_link(user, Actor.person(by.user), by.project_id)


@transaction.atomic(durable=True)
def reset_codes(by: Membership, user_id: int) -> None:
    """Let a person who has lost phone and recovery codes in without; their sessions end.

    Raises PersonUnknown, PersonOfOthers, PersonIsYou.
    """
    user = _account_of_another(by, user_id)
    # In this order, as whoever confirms codes does.
    second_factor.remove(user, Actor.person(by.user), by.project_id)
    Session.objects.filter(user=user).delete()


def answers_for(by: Membership, user: User) -> bool:
    """Tell whether a manager may lock an account and reset what it signs in with."""
    managed = Membership.objects.filter(user=by.user, role=Role.MANAGER).values("project")
    elsewhere = Membership.objects.filter(user=user).exclude(project__in=managed)
    return not user.is_auditor and not elsewhere.exists()


def _account_of_another(by: Membership, user_id: int) -> User:
    if user_id == by.user_id:
        raise PersonIsYou
    return _account(by, user_id)


def _account(by: Membership, user_id: int) -> User:
    """Return somebody's account, locked, if it is this manager's to change."""
    user = _membership(by, user_id).user
    if not answers_for(by, user):
        raise PersonOfOthers
    return user


def _membership(by: Membership, user_id: int) -> Membership:
    user = User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
    found = Membership.objects.filter(project=by.project_id, user=user_id).first()
    if user is None or found is None:
        raise PersonUnknown(id=user_id)
    found.user = user
    return found


def _locked_projects(project_ids: Iterable[int]) -> list[Project]:
    rows = Project.objects.select_for_update(no_key=True).filter(pk__in=project_ids)
    return list(rows.order_by("pk"))


def _keep_a_manager(user: User, project_ids: Iterable[int]) -> None:
    """Refuse what leaves a project without a manager who can sign in. Raises LastManager."""
    managing = Membership.objects.filter(role=Role.MANAGER)
    able = managing.filter(user__is_active=True).exclude(user__password__startswith=_NO_PASSWORD)
    for project_id in project_ids:
        is_one = managing.filter(project=project_id, user=user).exists()
        if is_one and not able.filter(project=project_id).exclude(user=user).exists():
            raise LastManager(name=user.display_name)


_NO_PASSWORD = "!"  # noqa: S105 - Django's mark for none


def _scope(role: Role, commune_uids: Sequence[str]) -> list[str]:
    """Return the communes that a role is of: only supervisors answer for some."""
    return list(commune_uids) if role == Role.SUPERVISOR else []


def _record(by: Membership, action: str, user_id: int, **said: object) -> None:
    audit.record(Actor.person(by.user), action, Object("user", user_id, by.project_id), said)
