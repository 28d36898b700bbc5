"""What the map and the tables are of: the address is the state, as with `filters`.

What means nothing is said and left out; a page is never refused for it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.http import QueryDict

from server.console.filters import day_of
from server.console.problems import FilterNotUnderstood
from server.console.wording import language, t
from server.console.words import DATA, PERIODS
from server.forms.models import Form

LABELS: Mapping[str, str] = {
    "form": "Biểu mẫu",
    "year": "Năm số liệu",
    "period": "Kỳ số liệu",
    "data": "Số liệu lấy từ",
    "on": "Địa giới ngày",
    "layer": "Tô màu theo",
    "group": "Cộng theo nhóm",
}
APPROVED, ALL = DATA
_YEARS = 4  # before this one
_LONGEST = 200  # characters of a value

_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True)
class Choice:
    """What an address asks for."""

    form_id: str
    year: int
    period: str  # h1, fy; "" the whole year
    on_date: dt.date  # the communes of this day
    data: str  # APPROVED or ALL
    other: Mapping[str, str]  # further values, as asked for
    values: Mapping[str, str]  # by name, as understood, without what is usual anyway
    problems: tuple[str, ...]  # sentences about what was left out

    @property
    def only_approved(self) -> bool:
        """Tell whether what nobody has reviewed is left out."""
        return self.data == APPROVED

    def query(self, **changed: str) -> str:
        """Return the address's question with some values changed; "" takes one out."""
        asked = QueryDict(mutable=True)
        for name, value in {**self.values, **changed}.items():
            if value:
                asked[name] = value
        return asked.urlencode(safe="@:,/")

    def record_query(self, **also: str) -> str:
        """Return the filter of the list of records that holds what is counted here."""
        asked = QueryDict(mutable=True)
        states = "approved" if self.only_approved else "received,edited,hasIssues,approved"
        wanted = {"form": self.form_id, "year": str(self.year), "period": self.period}
        for name, value in {**wanted, "state": states, **also}.items():
            if value:
                asked[name] = value
        return asked.urlencode(safe="@:,/")


def read(asked: QueryDict, forms: Sequence[Form], today: dt.date, *also: str) -> Choice:
    """Return what an address asks for. Never fails.

    forms: that there are to choose from, at least one. also: names of further values, kept as
    they are.
    """
    taken = _Taken(asked)
    known = {form.form_id for form in forms}
    form_id = taken.value("form", _one_of(known), forms[0].form_id)
    return Choice(
        form_id=form_id,
        year=taken.value("year", _year, today.year),
        period=taken.value("period", _one_of(PERIODS), ""),
        on_date=taken.value("on", day_of, today),
        data=taken.value("data", _one_of(DATA), APPROVED),
        other={name: taken.value(name, _short, "") for name in also},
        values=taken.values,
        problems=tuple(taken.problems),
    )


class _Taken:
    """Values of an address, taken one by one."""

    def __init__(self, asked: QueryDict) -> None:
        self._asked = asked
        self.values: dict[str, str] = {}
        self.problems: list[str] = []

    def value(self, name: str, reader: Callable[[str], _Read], usual: _Read) -> _Read:
        text = self._asked.get(name, "").strip()[: _LONGEST + 1]
        if not text:
            return usual
        try:
            found = reader(text)
        except ValueError:
            problem = FilterNotUnderstood(label=t(LABELS[name]), value=text[:40])
            self.problems.append(problem.sentence(language()))
            return usual
        if found != usual:
            self.values[name] = text
        return found


def _one_of(known: Container[str]) -> Callable[[str], str]:
    def read_choice(text: str) -> str:
        if text not in known:
            raise ValueError(text)
        return text

    return read_choice


def _year(text: str) -> int:
    if not re.fullmatch(r"2[01]\d\d", text, re.ASCII):
        raise ValueError(text)
    return int(text)


def _short(text: str) -> str:
    if "\0" in text or len(text) > _LONGEST:
        raise ValueError(text)
    return text


def options(choice: Choice, forms: Sequence[Form], today: dt.date) -> dict[str, object]:
    """Return what the fields offer: (value, Vietnamese or name, is chosen)."""
    titles = [
        (form.form_id, form.current_version.title if form.current_version else form.form_id)
        for form in forms
    ]
    years = sorted({choice.year, *range(today.year - _YEARS, today.year + 2)}, reverse=True)
    return {
        "form": [(code, title, code == choice.form_id) for code, title in titles],
        "year": [(str(year), str(year), year == choice.year) for year in years],
        "period": [(code, word, code == choice.period) for code, word in PERIODS.items()],
        "data": [(code, word, code == choice.data) for code, word in DATA.items()],
    }
