"""Nhật ký: who did what to what, when; and whether nobody touched it since."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from server.console.audit_words import ACTIONS, GROUPS, KINDS, WHO
from server.console.page import MANAGERS, WRITING, Visit, page
from server.console.problems import FilterNotUnderstood
from server.console.wording import language, t
from server.projects import audit
from server.projects.audit import Actor, Object
from server.projects.audit_reading import ToldEntry, Wanted
from server.reports import audit_csv

_ACTION = re.compile(r"[a-z_]+(\.[a-z_]+)*", re.ASCII)
_NOTED = re.compile(r"\s*(\d{1,18})\s*:\s*([0-9a-fA-F]{64})\s*", re.ASCII)
_LONGEST = 200  # characters of a value
# By name in the address: what it is called.
LABELS = {"viec": "Việc", "tu": "Từ ngày", "den": "Đến ngày", "truoc": "Trước dòng"}


@dataclass(slots=True)
class _Asked:
    """What an address asks for; what means nothing is said and left out."""

    values: dict[str, str]
    wanted: Wanted
    before: int | None = None
    problems: list[str] = field(default_factory=list)

    def query(self, **changed: object) -> str:
        """Return the address's question with some values changed."""
        asked = QueryDict(mutable=True)
        for name, value in {**self.values, **changed}.items():
            if value:
                asked[name] = str(value)
        return asked.urlencode()


@dataclass(frozen=True, slots=True)
class _Line:
    """One entry as it is shown."""

    told: ToldEntry
    who: str
    did: str  # in words; the action itself where there are none
    kind: str
    details: tuple[tuple[str, str], ...]


@page(*MANAGERS)
def audit_log(visit: Visit) -> HttpResponse:
    """Show a page of the log of a project."""
    return _show(visit)


@page(*MANAGERS, methods=WRITING)
def verify_audit(visit: Visit) -> HttpResponse:
    """Check every entry of the log against its hash and the entry before it."""
    chain = audit.verify()
    noted = _NOTED.fullmatch(visit.request.POST.get("noted", ""))
    was_said = bool(visit.request.POST.get("noted", "").strip())
    project = visit.membership.project_id
    said = {"entries": chain.entries, "broken": len(chain.broken)}
    audit.record(
        Actor.person(visit.user), "audit.verify", Object("project", project, project), said
    )
    return _show(
        visit,
        chain=chain,
        noted=noted[1] if noted else "",
        holds=bool(noted and audit.holds(int(noted[1]), noted[2])),
        is_unreadable=was_said and not noted,
    )


@page(*MANAGERS)
def audit_file(visit: Visit) -> HttpResponseBase:
    """Give what is asked for as a CSV; the log tells of it."""
    asked = _read(visit)
    said: dict[str, object] = {
        name: value for name, value in asked.values.items() if name in ("viec", "tu", "den")
    }
    lines = audit_csv.download(visit.membership, asked.wanted, Actor.person(visit.user), said)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="nhat-ky.csv"'
    return response


def _show(visit: Visit, **checked: Any) -> HttpResponse:
    asked = _read(visit)
    found = audit_csv.page(visit.membership, asked.wanted, asked.before)
    here = reverse("audit", args=[visit.membership.project_id])
    action = asked.values.get("viec", "")
    return visit.show(
        "console/audit.html",
        here="audit",
        asked=asked,
        found=found,
        lines=[_line(told) for told in found.rows],
        groups=[(code, t(word), code == action) for code, word in GROUPS.items()],
        actions=sorted((t(word), code, code == action) for code, word in ACTIONS.items()),
        older=f"{here}?{asked.query(truoc=found.older)}" if found.older else "",
        newest=f"{here}?{asked.query(truoc='')}" if asked.before else "",
        query=asked.query(truoc=""),
        **checked,
    )


def _line(told: ToldEntry) -> _Line:
    entry = told.entry
    who = told.by.display_name if told.by else t(WHO.get(entry.actor_kind, entry.actor_kind))
    word, kind = ACTIONS.get(entry.action), KINDS.get(entry.object_kind)
    details = tuple((name, _written(value)) for name, value in entry.details.items())
    return _Line(told, who, t(word) if word else entry.action, t(kind) if kind else "", details)


def _written(value: object) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_written(one)}" for name, one in value.items()) or "—"
    if isinstance(value, list):
        return ", ".join(map(_written, value)) or "—"
    if isinstance(value, bool):
        return t("có") if value else t("không")
    return "—" if value in (None, "") else str(value)


def _read(visit: Visit) -> _Asked:
    """Return what an address asks for. Never fails."""
    given = {
        name: visit.request.GET.get(name, "").replace("\0", "").strip()[:_LONGEST]
        for name in ("viec", "ai", "tu", "den", "ma", "truoc")
    }
    values = {name: value for name, value in given.items() if value}
    problems = []
    for name, reads in _READS.items():
        if name in values and reads(values[name]) is None:
            problem = FilterNotUnderstood(label=t(LABELS[name]), value=values.pop(name)[:40])
            problems.append(problem.sentence(language()))
    project, last, who = visit.membership.project_id, values.get("den"), values.get("ai")
    end = _day(last) if last else None
    wanted = Wanted(
        action=values.get("viec", ""),
        start=_day(values["tu"]) if "tu" in values else None,
        end=end + dt.timedelta(days=1) if end else None,
        project_id=project,
        actors=audit_csv.actors(project, who) if who else None,
        object_name=values.get("ma", ""),
    )
    return _Asked(values, wanted, _entry(values.get("truoc", "")), problems)


def _day(text: str) -> dt.datetime | None:
    for how in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            day = dt.datetime.strptime(text, how)  # noqa: DTZ007 - the zone comes next
        except ValueError:
            continue
        # Later than this no day has a next one, and earlier none has a moment in every zone.
        if 1900 < day.year < 9999:
            return day.replace(tzinfo=ZoneInfo(settings.LOCAL_TIME_ZONE))
    return None


def _entry(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\d{1,18}", text, re.ASCII) else None


_READS: Mapping[str, Callable[[str], object]] = {
    "viec": _ACTION.fullmatch,
    "tu": _day,
    "den": _day,
    "truoc": _entry,
}
