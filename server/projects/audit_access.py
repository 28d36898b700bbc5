"""What somebody was shown or denied, as the audit log tells it: by an address, and ids in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from server.errors import Problem
from server.projects import audit
from server.projects.audit import Actor, Object

_DENIALS = (403, 404)  # of HTTP
# What a path may name and the log may repeat: ids. Anybody can write anything into a path.
_ID = re.compile(r"[\w:.\-]{1,100}", re.ASCII)
_MOST = 2**63 - 1  # PostgreSQL's bigint
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
    "user_id": "user",
    "plan_id": "plan",
    "form_id": "form",
    "name": "dataset",
}


def seen(
    by: Actor, action: str, address: str, ids: Mapping[str, object], options: Iterable[str] = ()
) -> None:
    """Tell that somebody was shown answers.

    address: as it is declared, e.g. `v1/projects/<int:project_id>/…`. ids: what stood in it, by
    parameter. options: names of what else was asked for; their values may be answers.
    """
    named = sorted(name for name in options if _ID.fullmatch(name.lstrip("$")))
    audit.record(by, action, _object(ids), {"address": address, "options": named})


def seen_again(by: Actor, action: str, address: str, ids: Mapping[str, object]) -> None:
    """Tell that somebody was shown answers, once a minute: a page asks for each of its photos."""
    audit.record_once_a_minute(by, action, _object(ids), {"address": address})


def is_denial(problem: Problem) -> bool:
    """Tell whether somebody asked for what is not there for them."""
    return problem.status in _DENIALS and not problem.is_there


def denied(by: Actor, address: str, ids: Mapping[str, object], nature: str) -> None:
    """Tell that somebody asked for what is not there for them, once a minute.

    Whether it is there at all does not show: a person who may not see it is told the same. So
    mistyped addresses are among these. address: with the method before it. nature: of the Problem.
    """
    said = {"address": address, "nature": nature}
    audit.record_once_a_minute(by, "access.denied", _object(ids), said)


def _object(ids: Mapping[str, object]) -> Object:
    number = ids.get("project_id")
    project_id = number if isinstance(number, int) and number <= _MOST else None
    for name, kind in _KINDS.items():
        if name in ids and _ID.fullmatch(str(ids[name])):
            return Object(kind, str(ids[name]), project_id)
    return Object("project", project_id or "", project_id)
