"""Which person is calling, and what they are in a project."""

from __future__ import annotations

from rest_framework.request import Request

from server.api import problems
from server.projects import api_keys, people
from server.projects.account_problems import AccountByKey
from server.projects.audit import Actor
from server.projects.models import Membership, Role, User


def caller(request: Request) -> User:
    """Return the person who calls. Raises Unauthenticated."""
    if not isinstance(request.user, User):
        raise problems.Unauthenticated
    return request.user


def actor(request: Request) -> Actor:
    """Return the caller as the audit log names them. Raises Unauthenticated."""
    return Actor.person(caller(request))


def member(request: Request, project_id: int, *roles: Role) -> Membership:
    """Return the caller's membership in a project, with one of some roles, or with any.

    Raises Unauthenticated, and NotFound for what is not there for them.
    """
    user = caller(request)
    membership = people.membership(project_id, user)
    if membership is None or (user.api_key and user.api_key.project_id != membership.project_id):
        raise problems.NotFound
    if user.api_key is not None:  # for this call only; no row is written
        role = Role(user.api_key.role)
        if api_keys.tells_others(membership, role):  # the key is older than what they are now
            raise problems.NotFound
        membership.role = api_keys.lesser(Role(membership.role), role)
    if roles and membership.role not in roles:
        raise problems.NotFound
    return membership


def reviewer(request: Request, project_id: int) -> Membership:
    """Return the membership of a caller who decides about what came in. Raises as `member`."""
    return member(request, project_id, Role.MANAGER, Role.SUPERVISOR)


def manager(request: Request, project_id: int) -> Membership:
    """Return the membership of a caller who answers for the project. Raises as `member`."""
    return member(request, project_id, Role.MANAGER)


def planner(request: Request, project_id: int) -> Membership:
    """Return the membership of a caller who makes plans: who answers for all communes.

    Raises as `member`, also to a supervisor of some.
    """
    membership = reviewer(request, project_id)
    if membership.role != Role.MANAGER and membership.commune_uids:
        raise problems.NotFound
    return membership


def keeper(request: Request, user_id: int | None = None) -> Membership:
    """Return the membership with which a manager keeps accounts, by a session and never by a key.

    user_id: whose account; the membership is then in a project of theirs, where there is one.
    Raises Unauthenticated, NotFound for who manages nothing, AccountByKey.
    """
    user = caller(request)
    mine = people.managed(user).select_related("project")
    theirs = Membership.objects.filter(user=user_id).values("project")
    found = mine.filter(project__in=theirs).first() or mine.first()
    if found is None:
        raise problems.NotFound
    refuse_key(user)
    found.user = user
    return found


def refuse_key(user: User) -> None:
    """Refuse a script that calls with an API key. Raises AccountByKey."""
    if user.api_key is not None:
        raise AccountByKey
