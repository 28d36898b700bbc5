"""Tình trạng hệ thống: whether the server is well, and what to do where it is not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpResponse

from server.console import health_words as words
from server.console.page import MANAGERS, Visit, page
from server.console.templatetags.console import moment, number
from server.console.wording import t
from server.console.words import Badge
from server.reports.checks import Check, Fact, Level, Size
from server.reports.health import look
from server.reports.health_of_work import Task

_UNITS = ("byte", "kB", "MB", "GB", "TB")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at, in words."""

    label: str
    badge: Badge
    said: str
    advice: str  # "" where all is well


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One task of the clock, in words."""

    label: str
    badge: Badge
    every: str
    task: Task


@page(*MANAGERS)
def health(visit: Visit) -> HttpResponse:
    """Show how everything is, what is wrong first."""
    found = look(visit.membership.project_id)
    return visit.show(
        "console/health.html",
        here="health",
        troubles=[_line(one) for one in found.troubles],
        is_bad=any(one.level == Level.BAD for one in found.troubles),
        groups=[
            (t(words.GROUPS[name]), [_line(one) for one in checks])
            for name, checks in found.groups.items()
        ],
        tasks=[
            TaskLine(
                t(words.TASKS.get(one.name, one.name)),
                words.LEVELS[one.level],
                lasting(one.every),
                one,
            )
            for one in found.tasks
        ],
        collect=found.collect,
    )


def _line(check: Check) -> Line:
    said = _of(words.SAID, check)
    advice = "" if check.level == Level.GOOD else _of(words.ADVICE, check)
    return Line(
        label=t(words.LABELS[check.code]),
        badge=words.LEVELS[check.level],
        said=t(said, **{name: _told(fact) for name, fact in check.facts.items()}),
        advice=t(advice) if advice else "",
    )


def _of(table: Mapping[str, str], check: Check) -> str:
    """Return the text of a case, else of a level, else of the code."""
    for name in (check.case, str(check.level)):
        if f"{check.code}.{name}" in table:
            return table[f"{check.code}.{name}"]
    return table[check.code]


def _told(fact: Fact) -> str:
    if isinstance(fact, Size):
        return sized(fact.bytes)
    if isinstance(fact, dt.timedelta):
        return lasting(fact)
    if isinstance(fact, dt.datetime):
        return moment(fact)
    return number(fact) if isinstance(fact, int) else fact


def sized(size: int) -> str:
    """Write a number of bytes: 1,5 GB."""
    value, unit = float(size), 0
    while value >= 1000 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    written = number(round(value)) if unit == 0 or value >= 100 else number(value)
    return f"{written} {_UNITS[unit]}"


def lasting(time: dt.timedelta) -> str:
    """Write how long something took, in its largest unit: 0,2 giây, 5 phút, 26 giờ, 3 ngày."""
    seconds = time.total_seconds()
    if seconds < 0.1:
        return t("dưới 0,1 giây")
    if seconds < 10:
        return t("{number} giây", number=number(round(seconds, 1)))
    if seconds < 120:
        return t("{number} giây", number=number(round(seconds)))
    if seconds < 7200:
        return t("{number} phút", number=number(round(seconds / 60)))
    if seconds < 48 * 3600:
        return t("{number} giờ", number=number(round(seconds / 3600)))
    return t("{number} ngày", number=number(round(seconds / 86400)))
