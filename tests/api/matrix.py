"""Every address of the API with what it takes.

Whoever adds an address adds a row to ROWS; tests/api/test_matrix.py does the rest.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.utils import timezone

from server.api import urls

JSON, XML, RAW = "application/json", "application/xml", "application/octet-stream"
_SOON = (timezone.now() + dt.timedelta(days=1)).isoformat()
_ITEM = {
    "unit": "05665@2025-07-01",
    "formIds": ["kt_a"],
    "team": "Đoàn 1",
    "startsOn": "2026-05-01",
    "endsOn": "2026-05-20",
    "reasons": ["ke_hoach"],
}
_HEADING = {
    "number": "1/KH",
    "title": "Kế hoạch",
    "signedOn": "2026-02-13",
    "year": 2026,
    "leadAgency": "so_noi_vu",
}
_ID = "0b1c5b1e-8a3f-4f6e-9a53-2f6f0a3f3b11"
_HOOK = {"url": "https://x.example.org/", "events": ["review.decided"]}


@dataclass(frozen=True, slots=True)
class Row:
    """What an address takes."""

    query: str = ""  # a template, as the address
    bodies: Mapping[str, object] = field(default_factory=dict)  # by method; bytes are no JSON
    owns: str = ""  # the parameter that names somebody's own thing, deepest; "" for a list
    is_of_commune: bool = False  # the thing is one commune's


def one(param: str, *, query: str = "", is_of_commune: bool = False, **bodies: object) -> Row:
    """Return the row of an address of one thing."""
    return Row(query, {name.upper(): body for name, body in bodies.items()}, param, is_of_commune)


def of_record(param: str = "instance_id", **bodies: object) -> Row:
    """Return the row of an address of one record."""
    return Row("", {name.upper(): body for name, body in bodies.items()}, param, is_of_commune=True)


def some(query: str = "", **bodies: object) -> Row:
    """Return the row of an address of all things of a project."""
    return Row(query, {name.upper(): body for name, body in bodies.items()})


_FORM = "v1/projects/<project_id>/forms/<form_id>"
_ONE = f"{_FORM}/submissions/<instance_id>"
_TOP = "v1/projects/<project_id>"
_LIST = f"{_TOP}/datasets/<name>"
_XML = b"<data/>"
_TABLE = "form={form_id}&year=2026&period=h1"

ROWS: Mapping[str, Row] = {
    f"{_TOP}/summary.xlsx": one("form_id", query=_TABLE),
    f"{_FORM}/submissions.csv.zip": one("form_id", post=b""),
    f"{_FORM}/submissions.csv": one("form_id", post=b""),
    f"{_FORM}/export.xlsx": one("form_id", query="state=all"),
    f"{_FORM}/export.csv.zip": one("form_id", query="state=all"),
    f"{_TOP}/exports": some(post={"format": "xlsx", "form": "kt_a", "purpose": "báo cáo"}),
    f"{_TOP}/exports/<export_id>": one("export_id"),
    f"{_TOP}/exports/<export_id>/content": one("export_id"),
    f"{_TOP}/returned-tasks": some(),
    f"{_ONE}/returned-task": of_record(put={"appUserId": 1}),
    f"{_TOP}/webhooks": some(post=_HOOK),
    f"{_TOP}/webhooks/<webhook_id>": one("webhook_id", patch={"isActive": False}),
    f"{_TOP}/webhooks/<webhook_id>/secret": one("webhook_id", post=b""),
    f"{_TOP}/webhooks/<webhook_id>/ping": one("webhook_id", post=b""),
    f"{_TOP}/webhooks/<webhook_id>/deliveries": one("webhook_id"),
    f"{_TOP}/webhooks/<webhook_id>/deliveries/<delivery_id>/redeliver": one(
        "delivery_id", post=b""
    ),
    f"{_TOP}/keys": some(post={"displayName": "x", "expiresAt": _SOON}),
    f"{_TOP}/keys/<api_key_id>": one("api_key_id"),
    f"{_TOP}/summary": one("form_id", query=_TABLE),
    f"{_TOP}/summary.csv": one("form_id", query=_TABLE),
    f"{_TOP}/indicators": one("form_id", query=_TABLE),
    f"{_TOP}/indicators.csv": one("form_id", query=_TABLE),
    f"{_TOP}/communes": some(),
    f"{_TOP}/locate": some(post={"points": [{"lon": 105.8, "lat": 21.6}]}),
    f"{_TOP}/findings": some(),
    f"{_TOP}/flags": some(),
    f"{_TOP}/periods": some(),
    f"{_TOP}/crosswalk": some("from=2025-06-01&to=2025-08-01"),
    f"{_TOP}/overview": some("year=2026"),
    f"{_TOP}/overview.csv": some("year=2026"),
    f"{_TOP}/quarantine": some(),
    f"{_TOP}/quarantine/<quarantined_id>": of_record(
        "quarantined_id", post={"decision": "reject", "reason": "x"}
    ),
    f"{_FORM}/submissions": one("form_id", post=_XML),
    f"{_FORM}/submissions.geojson": one("form_id"),
    f"{_FORM}/submissions/submitters": one("form_id"),
    f"{_FORM}/submissions/keys": one("form_id"),
    f"{_ONE}.xml": of_record(),
    f"{_ONE}.geojson": of_record(),
    _ONE: of_record(put=_XML, patch={"reviewState": "rejected", "reason": "x"}),
    f"{_ONE}/restore": of_record(post=b""),
    f"{_ONE}/comments": of_record(post={"body": "x"}),
    f"{_ONE}/review": of_record(),
    f"{_ONE}/attachments": of_record(),
    f"{_ONE}/attachments/<name>": of_record(post=b"x"),
    f"{_ONE}/attachments/<name>/thumbnail": of_record(),
    f"{_ONE}/versions": of_record(),
    f"{_ONE}/versions/<version_id>.xml": of_record("version_id"),
    f"{_ONE}/versions/<version_id>.geojson": of_record("version_id"),
    f"{_ONE}/versions/<version_id>": of_record("version_id"),
    f"{_ONE}/versions/<version_id>/attachments": of_record("version_id"),
    f"{_ONE}/versions/<version_id>/attachments/<name>": of_record("version_id"),
    f"{_ONE}/versions/<version_id>/attachments/<name>/thumbnail": of_record("version_id"),
    f"{_ONE}/diffs": of_record(),
    f"{_ONE}/edit": of_record(),
    f"{_ONE}/audits": of_record(),
    f"{_ONE}/flags": of_record(),
    f"{_ONE}/flags/<code>": of_record(put={"justification": "x"}),
    f"{_TOP}/plans": some(post=_HEADING),
    f"{_TOP}/plans/<plan_id>": one("plan_id", patch={"state": "active"}),
    f"{_TOP}/plans/<plan_id>/items": one("plan_id", post={"items": [_ITEM]}),
    f"{_TOP}/plans/<plan_id>/items/<item_id>": one("item_id", patch={"team": "x"}),
    f"{_TOP}/plans/<plan_id>/history": one("plan_id"),
    f"{_TOP}/coverage": one("form_id", query="form={form_id}&year=2026"),
    f"{_TOP}/periods/<name>": some(post={}),
    f"{_TOP}/periods/<name>/snapshots/<number>": one("number"),
    f"{_TOP}/entity-failures": some(),
    f"{_TOP}/conflicts": some(),
    f"{_TOP}/conflicts/<conflict_id>": of_record(
        "conflict_id", post={"decision": "ours", "reason": "đã hỏi", "seenVersion": 3}
    ),
    f"{_TOP}/recommendations": some(),
    f"{_TOP}/recommendations/waiting": some(),
    f"{_TOP}/recommendations/<uuid>": of_record(
        "uuid", post={"state": "dang_thuc_hien", "reason": "đã hỏi"}
    ),
    f"{_TOP}/recommendations/<uuid>/commune": of_record(
        "uuid", put={"commune": "05665@2025-07-01", "reason": "đã hỏi"}
    ),
    f"{_TOP}/datasets": some(post={"name": "moi"}),
    f"{_LIST}/properties": some(post={"name": "moi"}),
    _LIST: some(patch={"approvalRequired": True}),
    f"{_LIST}/entities": some(post={"label": "x"}),
    f"{_LIST}/entities.csv": some(),
    f"{_LIST}/entities.geojson": some(),
    f"{_LIST}/entities/bulk-delete": some(post={"ids": [_ID]}),
    f"{_LIST}/entities/bulk-restore": some(post={"ids": [_ID]}),
    f"{_LIST}/entities/creators": some(),
    f"{_LIST}/entities/<uuid>/geojson": of_record("uuid"),
    f"{_LIST}/entities/<uuid>": one(
        "uuid", query="force=true", is_of_commune=True, patch={"label": "x"}
    ),
    f"{_LIST}/entities/<uuid>/restore": of_record("uuid", post=b""),
    f"{_LIST}/entities/<uuid>/versions": of_record("uuid"),
    f"{_LIST}/entities/<uuid>/diffs": of_record("uuid"),
    f"{_LIST}/entities/<uuid>/audits": of_record("uuid"),
    f"{_LIST}.svc": some(),
    f"{_LIST}.svc/<document>": some(),
    f"{_LIST}.svc/<resource>": some(),
    f"{_FORM}/draft.svc": one("form_id"),
    f"{_FORM}/draft.svc/<document>": one("form_id"),
    f"{_FORM}/draft.svc/<resource>": one("form_id"),
    f"{_FORM}.svc": one("form_id"),
    f"{_FORM}.svc/<document>": one("form_id"),
    f"{_FORM}.svc/<feed_set>": one("form_id"),
    f"{_FORM}.svc/<resource>": one("form_id"),
    "v1/users/reset/initiate": some("link=true", post={"email": "b@example.org"}),
    "v1/users/<user_id>": one("user_id", patch={"displayName": "x"}),
    "v1/users/<user_id>/password": one(
        "user_id", put={"old": "x", "new": "bốn từ chẳng liên quan"}
    ),
    _TOP: some(patch={"name": "x"}),
    f"{_TOP}/assignments": some(),
    f"{_TOP}/assignments/forms": some(),
    f"{_TOP}/assignments/forms/<role>": some(),
    f"{_TOP}/assignments/<role>": some(),
    f"{_TOP}/assignments/<role>/<user_id>": one("user_id", post={"communes": []}),
    f"{_TOP}/app-users": some(post={"displayName": "x"}),
    f"{_TOP}/app-users/<app_user_id>": one("app_user_id"),
    f"{_TOP}/forms": some(post=b"x"),
    f"{_FORM}.xml": one("form_id"),
    f"{_FORM}.xlsx": one("form_id"),
    f"{_FORM}/draft.xml": one("form_id"),
    f"{_FORM}/draft.xlsx": one("form_id"),
    f"{_FORM}/draft": one("form_id", post=b""),
    f"{_FORM}/draft/publish": one("form_id", post=b""),
    f"{_FORM}/draft/fields": one("form_id"),
    f"{_FORM}/draft/attachments": one("form_id"),
    f"{_FORM}/draft/attachments/<name>": one("form_id", post=b"x"),
    f"{_FORM}/versions": one("form_id"),
    f"{_FORM}/versions/<version>.xml": one("version"),
    f"{_FORM}/versions/<version>.xlsx": one("version"),
    f"{_FORM}/versions/<version>": one("version"),
    f"{_FORM}/versions/<version>/fields": one("version"),
    f"{_FORM}/versions/<version>/attachments": one("version"),
    f"{_FORM}/versions/<version>/attachments/<name>": one("version"),
    f"{_FORM}/fields": one("form_id"),
    f"{_FORM}/attachments": one("form_id"),
    f"{_FORM}/attachments/<name>": one("form_id"),
    f"{_FORM}/public-links": one("form_id", post={"displayName": "x"}),
    f"{_FORM}/public-links/<link_id>": one("link_id"),
    f"{_FORM}/assignments": one("form_id"),
    f"{_FORM}/assignments/<role>": one("form_id"),
    f"{_FORM}/assignments/<role_id>/<actor_id>": one("form_id", post=b""),
    f"{_FORM}/dataset-diff": one("form_id"),
    f"{_FORM}/draft/dataset-diff": one("form_id"),
    f"{_FORM}/restore": one("form_id", post=b""),
    _FORM: one("form_id", patch={"state": "closed"}),
}
# Of no project: what each tells is the caller's own, or for everybody.
OWN: frozenset[str] = frozenset(
    {
        "v1/audits",
        "v1/sessions",
        "v1/sessions/current",
        "v1/users/current",
        "v1/projects",
        "v1/users",
    }
)
PUBLIC: frozenset[str] = frozenset(
    {"v1/schema", "v1/roles", "v1/roles/<role>", "v1/users/reset/verify"}
)


def routes() -> dict[str, tuple[str, ...]]:
    """Return every address, its parameters without their kinds, and the methods that it takes.

    Those of feeds that may have a slash at their end are asked without it.
    """
    found = {}
    for pattern in urls.urlpatterns:
        if str(pattern.pattern).endswith(".svc/"):
            continue
        view = pattern.callback.view_class  # type: ignore[attr-defined]  # as_view() sets it
        methods = ("get", "post", "put", "patch", "delete")
        route = re.sub(r"<\w+:(\w+)>", r"<\1>", str(pattern.pattern))
        found[route] = tuple(name.upper() for name in methods if hasattr(view, name))
    return found


# Addresses ---------------------------------------------------------------------------------------


def filled(route: str, ids: Mapping[str, object]) -> str:
    """Return the path of an address for some things."""
    return "/" + re.sub(r"<(\w+)>", lambda found: str(_value(route, found[1], ids)), route)


def _value(route: str, name: str, ids: Mapping[str, object]) -> object:
    if name == "resource" and "/datasets/" in route:
        return "Entities"
    if name != "name":
        value = ids[name]
        return str(value) if isinstance(value, UUID) else value
    if "/periods/" in route:
        return "2026-h1"
    if "/datasets/" in route:
        return "kien_nghi"
    return "anh.jpg" if "/submissions/" in route else "kem.csv"


def body(row: Row, method: str) -> dict[str, object]:
    """Return what django.test.Client.generic sends with a request."""
    given = row.bodies.get(method, {})
    if isinstance(given, bytes):
        return {"data": given, "content_type": XML if given == _XML else RAW}
    return {"data": json.dumps(given), "content_type": JSON}


def plain(address: str) -> str:
    """Return an address as the log has it, without the kinds of its parameters."""
    return re.sub(r"<\w+:(\w+)>", r"<\1>", address)
