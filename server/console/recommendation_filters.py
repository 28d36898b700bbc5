"""The filter of the register of recommendations: the address is the state."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from django.http import QueryDict

from server.communes.models import AdminUnit
from server.console.filters import day_of, number_written
from server.console.problems import FilterNotUnderstood
from server.console.recommendation_words import LABELS, ONLY, OWNERS, SEVERITIES, STATES
from server.console.wording import language, t
from server.inspections.recommendation_count import Wanted

_LONGEST = 64  # characters of a value


@dataclass(frozen=True, slots=True)
class Filters:
    """What an address asks of the register; without a word about states, for what is open."""

    wanted: Wanted
    page: int
    values: Mapping[str, str]  # by name, as understood
    problems: tuple[str, ...]  # sentences about what was left out

    def query(self, **changed: object) -> str:
        """Return the address's question with some values changed; None takes one out."""
        asked = QueryDict(mutable=True)
        page = None if self.page == 1 else self.page
        kept: dict[str, object] = {**self.values, "page": page, **changed}
        for name, value in kept.items():
            if value not in (None, ""):
                asked[name] = str(value)
        return asked.urlencode(safe="@:,")

    @property
    def only(self) -> str:
        """Return which of the words of ONLY is meant."""
        usual = "open" if self.wanted.is_open else "all"
        return self.values.get("only", usual)

    @property
    def due_to(self) -> dt.date | None:
        """Return the last day on which what is shown is due."""
        before = self.wanted.due_before
        return before - dt.timedelta(days=1) if before else None


def read(asked: QueryDict) -> Filters:
    """Return what an address asks for. Never fails."""
    wanted = Wanted()
    values: dict[str, str] = {}
    problems: list[str] = []
    for name, reader in _READERS.items():
        value = asked.get(name, "").strip()
        if not value:
            continue
        try:
            if "\0" in value or len(value) > _LONGEST:
                raise ValueError(name)
            wanted = reader(wanted, value)
            values[name] = value
        except (ValueError, OverflowError):
            problem = FilterNotUnderstood(label=t(LABELS[name]), value=value[:40])
            problems.append(problem.sentence(language()))
    if "only" not in values and not wanted.state:
        wanted = replace(wanted, is_open=True)
    return Filters(wanted, number_written(asked.get("page", "1")), values, tuple(problems))


def choices(asked: Filters, communes: list[AdminUnit]) -> dict[str, list[tuple[str, str, bool]]]:
    """Return what the fields offer: (value, Vietnamese or name, is chosen)."""

    def chosen(name: str, known: Mapping[str, str]) -> list[tuple[str, str, bool]]:
        value = asked.values.get(name, "")
        return [(code, word, code == value) for code, word in known.items()]

    return {
        "commune": chosen("commune", {unit.uid: unit.name for unit in communes}),
        "state": chosen("state", STATES),
        "severity": chosen("severity", SEVERITIES),
        "owner": chosen("owner", OWNERS),
        "only": [(code, word, code == asked.only) for code, word in ONLY.items()],
    }


def _commune(wanted: Wanted, value: str) -> Wanted:
    return replace(wanted, commune=value)


def _state(wanted: Wanted, value: str) -> Wanted:
    return replace(wanted, state=_known(value, STATES))


def _severity(wanted: Wanted, value: str) -> Wanted:
    return replace(wanted, severity=_known(value, SEVERITIES))


def _owner(wanted: Wanted, value: str) -> Wanted:
    return replace(wanted, owner=_known(value, OWNERS))


def _due_to(wanted: Wanted, value: str) -> Wanted:
    return replace(wanted, due_before=day_of(value) + dt.timedelta(days=1))


def _only(wanted: Wanted, value: str) -> Wanted:
    asked: Mapping[str, Wanted] = {
        "all": wanted,
        # Whoever chose a state means that one, also where it is «done».
        "open": wanted if wanted.state else replace(wanted, is_open=True),
        "overdue": replace(wanted, is_overdue=True),
        "conflict": replace(wanted, is_disputed=True),
        "waiting": replace(wanted, is_waiting=True),
    }
    return asked[_known(value, ONLY)]


def _known(value: str, table: Mapping[str, str]) -> str:
    if value not in table:
        raise ValueError(value)
    return value


_READERS: Mapping[str, Callable[[Wanted, str], Wanted]] = {
    "commune": _commune,
    "state": _state,
    "severity": _severity,
    "owner": _owner,
    "due_to": _due_to,
    "only": _only,
}
