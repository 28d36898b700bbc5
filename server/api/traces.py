"""What a call leaves in the audit log besides what it changes: what was seen, what was denied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.request import Request

from server.api.people import actor
from server.errors import Problem
from server.projects import audit_access
from server.projects.models import User


def seen(request: Request, action: str, ids: Mapping[str, Any]) -> None:
    """Tell that somebody was shown answers; ids: what stood in the address."""
    audit_access.seen(actor(request), action, _route(request), ids, request.query_params)


def denied(request: Request, problem: Problem, ids: Mapping[str, Any]) -> None:
    """Tell that a person asked for what is not there for them."""
    user = getattr(request, "_user", None)  # asking for `user` would authenticate once more
    if audit_access.is_denial(problem) and isinstance(user, User):
        address = f"{request.method} {_route(request)}"
        audit_access.denied(actor(request), address, ids, problem.code)


def _route(request: Request) -> str:
    """Return the address as it is declared, without what stands in it."""
    found = request.resolver_match
    return found.route if found else ""
