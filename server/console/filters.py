"""The filters of lists: the address is the state, in the words that exports are asked by too.

What means nothing is said and left out; a list is never refused for it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from server.console.problems import FilterNotUnderstood
from server.console.wording import language, t
from server.inspections.flag_kinds import KINDS
from server.inspections.models import Status
from server.inspections.summary import PERIODS
from server.reports.listing import NEWEST, ORDERS
from server.reports.selection import Selection
from server.submissions.models import ReviewState

COLUMNS: Mapping[str, str] = {
    "visited": "Ngày kiểm tra",
    "form": "Biểu mẫu",
    "result": "Kết quả",
    "state": "Trạng thái duyệt",
    "flags": "Cảnh báo",
    "team": "Đoàn",
    "sender": "Máy gửi",
    "period": "Kỳ số liệu",
    "files": "Tệp",
    "received": "Ngày nhận",
}
USUAL_COLUMNS = ("visited", "form", "result", "state", "flags", "team", "received")
LABELS: Mapping[str, str] = {
    "form": "Biểu mẫu",
    "version": "Phiên bản",
    "year": "Năm số liệu",
    "period": "Kỳ số liệu",
    "commune": "Xã, phường",
    "team": "Đoàn",
    "state": "Trạng thái duyệt",
    "result": "Kết quả",
    "finding": "Điều kiện",
    "flag": "Cảnh báo",
    "severe": "Cảnh báo nặng chưa có lý do",
    "visited_from": "Kiểm tra từ ngày",
    "visited_to": "Kiểm tra đến ngày",
    "received_from": "Nhận từ ngày",
    "received_to": "Nhận đến ngày",
    "q": "Tìm",
}
_LONGEST = 200  # characters of a value
_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{2}|\d{4})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Filters:
    """What an address asks of a list."""

    selection: Selection
    order: str = NEWEST
    page: int = 1
    columns: tuple[str, ...] = USUAL_COLUMNS
    values: Mapping[str, str] = field(default_factory=dict)  # by name, as understood
    problems: tuple[str, ...] = ()  # sentences about what was left out

    def query(self, **changed: object) -> str:
        """Return the address's question with some values changed; None takes one out."""
        asked = QueryDict(mutable=True)
        kept: dict[str, object] = {**self.values, **self._own(), **changed}
        for name, value in kept.items():
            if value not in (None, ""):
                asked[name] = str(value)
        return asked.urlencode(safe="@:,")

    def _own(self) -> dict[str, object]:
        return {
            "sort": None if self.order == NEWEST else self.order,
            "columns": None if self.columns == USUAL_COLUMNS else ",".join(self.columns),
            "page": None if self.page == 1 else self.page,
        }


def read(asked: QueryDict) -> Filters:
    """Return what an address asks for. Never fails."""
    values: dict[str, str] = {}
    found: dict[str, Any] = {}
    problems: list[str] = []
    for name, reader in _READERS.items():
        value = ",".join(asked.getlist(name)).strip()[: _LONGEST + 1]
        if not value:
            continue
        try:
            found |= reader(value)
            values[name] = value
        except ValueError:
            problem = FilterNotUnderstood(label=t(LABELS[name]), value=value[:40])
            problems.append(problem.sentence(language()))
    sort = asked.get("sort", "")
    return Filters(
        Selection(**found),
        order=sort if sort in ORDERS else NEWEST,
        page=number_written(asked.get("page", "1")),
        columns=_columns(asked.getlist("columns")),
        values=values,
        problems=tuple(problems),
    )


def _columns(asked: list[str]) -> tuple[str, ...]:
    named = {name.strip() for text in asked for name in text.split(",")}
    return tuple(name for name in COLUMNS if name in named) or USUAL_COLUMNS


# Readers: each returns what a value is for Selection, or raises ValueError --------------------


def _text(name: str) -> Callable[[str], dict[str, Any]]:
    def read_text(value: str) -> dict[str, Any]:
        if "\0" in value or len(value) > _LONGEST:
            raise ValueError(name)
        return {name: value}

    return read_text


def _one_of(name: str, known: Any) -> Callable[[str], dict[str, Any]]:
    def read_choice(value: str) -> dict[str, Any]:
        if value not in known:
            raise ValueError(value)
        return {name: value}

    return read_choice


def _date(name: str) -> Callable[[str], dict[str, Any]]:
    return lambda value: {name: day_of(value)}


def day_of(text: str) -> dt.date:
    """Return the day that somebody wrote: 13/4/2026, 13/04/26 or 2026-04-13. Raises ValueError."""
    written = _DAY.fullmatch(text)
    if not written:
        return dt.date.fromisoformat(text)
    day, month, year = (int(part) for part in written.groups())
    return dt.date(year if year > 99 else 2000 + year, month, day)


def number_written(text: str) -> int:
    """Return the number of a page; the first one for whatever is none."""
    return int(text) if re.fullmatch(r"\d{1,6}", text, re.ASCII) else 1


def _year(value: str) -> dict[str, Any]:
    if not re.fullmatch(r"2[01]\d\d", value, re.ASCII):
        raise ValueError(value)
    return {"year": int(value)}


def _states(value: str) -> dict[str, Any]:
    states = tuple(dict.fromkeys(state.strip() for state in value.split(",")))
    if not set(states) <= set(ReviewState.values):
        raise ValueError(value)
    return {"states": states}


def _finding(value: str) -> dict[str, Any]:
    code, colon, status = value.partition(":")
    if "\0" in code or len(code) > 32 or (colon and status not in Status.values):
        raise ValueError(value)
    return {"finding": code, "finding_status": status}


def _severe(value: str) -> dict[str, Any]:
    if value != "open":
        raise ValueError(value)
    return {"severe": True}


_READERS: Mapping[str, Callable[[str], dict[str, Any]]] = {
    "q": _text("text"),
    "form": _text("form_id"),
    "version": _text("version"),
    "year": _year,
    "period": _one_of("period", PERIODS),
    "commune": _text("commune"),
    "team": _text("team"),
    "state": _states,
    "result": _one_of("result", Status.values),
    "finding": _finding,
    "flag": _one_of("flag", KINDS),
    "severe": _severe,
    "visited_from": _date("visited_from"),
    "visited_to": _date("visited_to"),
    "received_from": _date("received_from"),
    "received_to": _date("received_to"),
}
