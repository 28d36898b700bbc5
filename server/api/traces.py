"""What a call leaves in the audit log besides what it changes: what was seen, what was denied."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from rest_framework.request import Request

from server.api.people import actor
from server.errors import Problem
from server.projects import audit
from server.projects.audit import Object
from server.projects.models import User
from server.submissions.desk_problems import ThumbnailNone, ThumbnailNotYet

DENIALS = (403, 404)
# What a path may name and the log may repeat: ids. Anybody can write anything into a path.
_ID = re.compile(r"[\w:.\-]{1,100}", re.ASCII)
_MOST = 2**63 - 1  # PostgreSQL's bigint


def seen(request: Request, action: str, kwargs: Mapping[str, Any]) -> None:
    """Tell that somebody was shown answers: by an address, with the names of some options."""
    options = sorted(name for name in request.query_params if _ID.fullmatch(name.lstrip("$")))
    said = {"address": _route(request), "options": options}
    audit.record(actor(request), action, _object(kwargs), said)


def denied(request: Request, problem: Problem, kwargs: Mapping[str, Any]) -> None:
    """Tell that somebody asked for what is not there for them, once a minute.

    Whether it is there at all does not show: a person who may not see it is told the same. So
    mistyped addresses are among these.
    """
    user = getattr(request, "_user", None)  # asking for `user` would authenticate once more
    is_there = isinstance(problem, ThumbnailNone | ThumbnailNotYet)  # for who could see the photo
    if problem.status in DENIALS and isinstance(user, User) and not is_there:
        said = {"address": f"{request.method} {_route(request)}", "nature": problem.code}
        audit.record_once_a_minute(actor(request), "access.denied", _object(kwargs), said)


def _route(request: HttpRequest | Request) -> str:
    """Return the address as it is declared, without what stands in it."""
    found = request.resolver_match
    return found.route if found else ""


def _object(kwargs: Mapping[str, Any]) -> Object:
    number = kwargs.get("project_id")
    project_id = number if isinstance(number, int) and number <= _MOST else None
    for name, kind in _KINDS.items():
        if name in kwargs and _ID.fullmatch(str(kwargs[name])):
            return Object(kind, kwargs[name], project_id)
    return Object("project", project_id or "", project_id)


# By the parameters of addresses; of several the first here is what was asked for.
_KINDS = {
    "instance_id": "submission",
    "uuid": "entity",
    "quarantined_id": "quarantine",
    "conflict_id": "conflict",
    "export_id": "export",
    "webhook_id": "webhook",
    "api_key_id": "api_key",
    "app_user_id": "app_user",
    "plan_id": "plan",
    "form_id": "form",
    "name": "dataset",
}
