"""Which person is calling, and what they are in a project."""

from __future__ import annotations

from rest_framework.request import Request

from server.api import problems
from server.projects.models import Membership, Role, User


def reviewer(request: Request, project_id: int) -> Membership:
    """Return the caller's membership, if it allows to decide about what came in.

    Raises Unauthenticated, and NotFound for a project that is not there for them.
    """
    person = request.user
    if not isinstance(person, User):
        raise problems.Unauthenticated
    membership = (
        Membership.objects.filter(
            project=project_id, user=person, role__in=(Role.MANAGER, Role.SUPERVISOR)
        )
        .select_related("user")
        .first()
    )
    if membership is None:
        raise problems.NotFound
    return membership
