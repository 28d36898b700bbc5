"""The people of a project, as its managers keep them: added, given a role, shut out, let back in.

A role is of one project; locking, passwords and codes are of the whole account. So those are only
for accounts that open nothing beyond the projects of the manager who does it: otherwise a manager
of one project could take over an account of another. Nobody resets their own password or codes so,
since `own_account` asks for the password first. A project keeps a manager who can sign in. An
account that a program made and that is of no project yet is its maker's, who puts it into one.
Somebody whom others let in comes into a further project by an invitation (`invitations`).

Locks are taken in this order: projects by their numbers, the person, then what hangs on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from server.projects import accounts, audit, invitations, passwords, second_factor
from server.projects.account_problems import (
    LastManager,
    NotManagerNow,
    PersonIsYou,
    PersonKnown,
    PersonNeedsLink,
    PersonOfOthers,
    PersonUnknown,
)
from server.projects.audit import Actor, Object
from server.projects.models import (
    ApiKey,
    Invitation,
    Membership,
    PasswordLink,
    Project,
    Role,
    Session,
    User,
)
from server.projects.passwords import NewLink
from server.statements import Columns, one_row


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who is to be added, as what."""

    email: str
    name: str
    role: Role
    commune_uids: Sequence[str] = ()  # that a supervisor answers for; empty: all


@dataclass(frozen=True, slots=True)
class NewAccount:
    """Who is to have an account, before anybody says in which project."""

    email: str
    name: str
    password: str | None = None  # None: a link sets it
    wants_link: bool = False  # now; otherwise one is given later


@dataclass(frozen=True, slots=True)
class Added:
    """Somebody new."""

    user: User
    link: NewLink | None  # None where none is needed, or is to be had yet
    is_invited: bool = False  # the link is an invitation: they come in once they accept it


# Asked by every request about a project.
_OF_MEMBERSHIP, _OF_PROJECT = Columns(Membership), Columns(Project)
_MEMBERSHIP = f"""
SELECT {_OF_MEMBERSHIP.of("m")}, {_OF_PROJECT.of("p")}
FROM projects_membership m JOIN projects_project p ON p.id = m.project_id
WHERE m.project_id = %s AND m.user_id = %s
"""  # noqa: S608  (our own words)


def membership(project_id: int, user: User) -> Membership | None:
    """Return what somebody is in a project, with both; None where nothing."""
    row = one_row(_MEMBERSHIP, [project_id, user.pk])
    if row is None:
        return None
    count = len(Membership._meta.concrete_fields)
    found: Membership = _OF_MEMBERSHIP.read(row[:count])
    found.project, found.user = _OF_PROJECT.read(row[count:]), user
    return found


def managed(user: User) -> QuerySet[Membership]:
    """Return somebody's memberships as a manager; with an API key, of its project alone."""
    mine = Membership.objects.filter(user=user, role=Role.MANAGER).order_by("project")
    if user.api_key is None:
        return mine
    is_enough = user.api_key.role == Role.MANAGER
    return mine.filter(project=user.api_key.project_id) if is_enough else mine.none()


def known_to(manager: User) -> QuerySet[User]:
    """Return whom a manager may be told of: people of their projects, and whom they made.

    The latter while they are of no project: whoever puts them into one answers for them then.
    """
    mine = managed(manager)
    theirs = Membership.objects.filter(project__in=mine.values("project"))
    known = Q(pk__in=theirs.values("user"))
    if manager.api_key is None and mine.exists():
        is_of_one = Exists(Membership.objects.filter(user=OuterRef("pk")))
        known |= Q(~is_of_one, let_in_by=manager)
    return User.objects.filter(known)


@transaction.atomic(durable=True)
def invite(by: Membership, wanted: NewAccount) -> Added:
    """Make an account that is of no project yet.

    It waits for a link, unless it is given a password.
    Raises EmailTaken, NotManagerNow, and as `passwords.refuse_weak`.
    """
    actor = Actor.person(by.user)
    _locked_project(by)
    if wanted.password is not None:
        address = wanted.email.strip().lower()
        passwords.refuse_weak(wanted.password, User(email=address, display_name=wanted.name))
    user = accounts.create_user(wanted.email, wanted.name, wanted.password, by=actor)
    has_link = wanted.password is None and wanted.wants_link
    return Added(user, passwords.give_link(user, actor, by.project_id) if has_link else None)


@transaction.atomic(durable=True)
def assign(
    by: Membership,
    user_id: int,
    role: Role,
    commune_uids: Sequence[str],
    *,
    email: str = "",
    wants_link: bool = False,
) -> Added:
    """Give a role to somebody of a project, or put somebody into it; repeatable.

    email: the address of whoever is not known to the manager (`known_to`): who cannot say it
    learns nothing by trying numbers. wants_link: the link that `add` returns is told to the person.
    Raises PersonUnknown, PersonNeedsLink, LastManager, NotManagerNow.
    """
    project = _locked_project(by)
    user = _locked_user(user_id)
    found = Membership.objects.filter(project=project, user=user).first()
    if found is not None:
        found.user = user
        _change(by, found, role, commune_uids)
        return Added(user, None)
    if user.email != email.strip().lower() and not known_to(by.user).filter(pk=user.pk).exists():
        raise PersonUnknown(id=user_id)
    if not wants_link and not invitations.is_trusted(user, project):
        raise PersonNeedsLink
    return _bring_in(by, user, project, role, commune_uids)


@transaction.atomic(durable=True)
def add(by: Membership, wanted: Wanted) -> Added:
    """Give somebody a role in a project; make the account, and a link, where there is none.

    commune_uids must be known ones (`communes.scope.known_communes`). An account that there is
    keeps its name. Raises PersonKnown, NotManagerNow.
    """
    project, actor = _locked_project(by), Actor.person(by.user)
    address = wanted.email.strip().lower()
    user = User.objects.select_for_update(no_key=True).filter(email=address).first()
    if user is None:
        user = accounts.create_user(wanted.email, wanted.name, None, by=actor)
        uids = _scope(wanted.role, wanted.commune_uids)
        accounts.join(user, project, wanted.role, commune_uids=uids, by=actor)
        return Added(user, passwords.give_link(user, actor, project.pk))
    if Membership.objects.filter(project=project, user=user).exists():
        raise PersonKnown(email=user.email)
    return _bring_in(by, user, project, wanted.role, wanted.commune_uids)


def _bring_in(
    by: Membership, user: User, project: Project, role: Role, commune_uids: Sequence[str]
) -> Added:
    """Put a locked person who has an account into a project, so that nobody comes in with them."""
    actor, uids = Actor.person(by.user), _scope(role, commune_uids)
    if invitations.is_trusted(user, project):
        accounts.join(user, project, role, commune_uids=uids, by=actor)
        return Added(user, None)
    if not invitations.is_of_nobody(user):
        return Added(user, invitations.give(by, user, role, uids), is_invited=True)
    # It opens nothing anywhere, so it loses nothing by beginning anew.
    second_factor.remove(user, actor, project.pk)
    accounts.join(user, project, role, commune_uids=uids, by=actor)
    return Added(user, _let_in(by, user))


def _let_in(by: Membership, user: User) -> NewLink:
    """Make a locked person's password void, and return a link to set another."""
    passwords.replace(user, None)
    user.let_in_by = by.user
    user.save(update_fields=["let_in_by"])
    return passwords.give_link(user, Actor.person(by.user), by.project_id)


@transaction.atomic(durable=True)
def withdraw(by: Membership, user_id: int) -> None:
    """Take an invitation back. Raises PersonUnknown for who has none, NotManagerNow."""
    project = _locked_project(by)
    user = _locked_user(user_id)
    gone, _ = Invitation.objects.filter(project=project, user=user).delete()
    if gone:
        _record(by, "user.invitation.delete", user_id)
    elif not Membership.objects.filter(project=project, user=user).exists():
        raise PersonUnknown(id=user_id)


@transaction.atomic(durable=True)
def set_role(by: Membership, user_id: int, role: Role, commune_uids: Sequence[str]) -> None:
    """Give somebody of a project another role or other communes; repeating it changes nothing.

    Raises PersonUnknown, LastManager, NotManagerNow.
    """
    _locked_project(by)
    _change(by, _membership(by, user_id), role, commune_uids)


def _change(by: Membership, membership: Membership, role: Role, uids: Sequence[str]) -> None:
    wanted = sorted(_scope(role, uids))
    if (membership.role, sorted(membership.commune_uids)) == (role, wanted):
        return
    user, project = membership.user, membership.project
    if role != Role.MANAGER:
        _keep_a_manager(user, [project.pk])
    accounts.join(user, project, role, commune_uids=wanted, by=Actor.person(by.user))


@transaction.atomic(durable=True)
def remove(by: Membership, user_id: int) -> None:
    """Take somebody out of a project; the account stays.

    Raises PersonUnknown, LastManager, NotManagerNow.
    """
    project = _locked_project(by)
    membership = _membership(by, user_id)
    _keep_a_manager(membership.user, [project.pk])
    membership.delete()
    _record(by, "user.assignment.delete", user_id)


@transaction.atomic(durable=True)
def rename(by: Membership, user_id: int, name: str) -> User:
    """Call somebody otherwise; repeatable. Raises PersonUnknown, PersonOfOthers."""
    user = _account(by, user_id)
    if user.display_name != name:
        user.display_name = name
        user.save(update_fields=["display_name"])
        _record(by, "user.update", user_id, displayName="changed")
    return user


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

    Raises PersonUnknown, PersonOfOthers, PersonIsYou, NotManagerNow.
    """
    _locked_project(by)
    return _let_in(by, _account_of_another(by, user_id))


@transaction.atomic(durable=True)
def reset_codes(by: Membership, user_id: int) -> None:
    """Let a person who has lost phone and recovery codes in without; their sessions end.

    Raises PersonUnknown, PersonOfOthers, PersonIsYou, NotManagerNow.
    """
    _locked_project(by)
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
    user = _locked_user(user_id)
    if not Membership.objects.filter(project=by.project_id, user=user).exists() and (
        user.let_in_by_id != by.user_id or Membership.objects.filter(user=user).exists()
    ):
        raise PersonUnknown(id=user_id)
    if not answers_for(by, user):
        raise PersonOfOthers
    return user


def _membership(by: Membership, user_id: int) -> Membership:
    user = _locked_user(user_id)
    found = Membership.objects.filter(project=by.project_id, user=user_id).first()
    if found is None:
        raise PersonUnknown(id=user_id)
    found.user = user
    return found


def _locked_user(user_id: int) -> User:
    user = User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
    if user is None:
        raise PersonUnknown(id=user_id)
    return user


def _locked_project(by: Membership) -> Project:
    """Return the project that a manager acts in, in which no role changes until they are done.

    Raises NotManagerNow for who has lost theirs since they were let in.
    """
    project = _locked_projects([by.project_id])[0]
    mine = Membership.objects.filter(project=project, user=by.user_id, role=Role.MANAGER)
    if not mine.exists():
        raise NotManagerNow
    return project


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
