"""The states of a recommendation (kiến nghị), and who may lead it from one to another. No Django.

Phones report what they saw, people at desks correct it, and time alone makes it overdue.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from enum import Enum, StrEnum

from server.entities.recommendation_problems import (
    RecommendationDueInvalid,
    RecommendationDueMissing,
    RecommendationEvidenceMissing,
    RecommendationStateUnknown,
    RecommendationStepRefused,
)

LIST = "kien_nghi"
STATE, DUE, EVIDENCE, OWNER, SEVERITY = "trang_thai", "han", "bang_chung", "chu_the", "muc_do"


class State(StrEnum):
    """As the property `trang_thai` spells it."""

    NEW = "moi"
    UNDER_WAY = "dang_thuc_hien"
    DONE = "hoan_thanh"
    OVERDUE = "qua_han"
    CARRIED_OVER = "chuyen_ky"


class Who(Enum):
    """Who leads on."""

    PHONE = "phone"
    DESK = "desk"


_REPORTED = frozenset({State.UNDER_WAY, State.DONE, State.CARRIED_OVER})
OPEN = tuple(state for state in State if state != State.DONE)


def state_of(data: Mapping[str, str]) -> str:
    """Return the state that the properties of a recommendation say; one that says none is new."""
    return data.get(STATE) or State.NEW


def steps(state: str, who: Who) -> frozenset[State]:
    """Return where somebody may lead a recommendation from a state, itself left out."""
    if state == State.DONE:  # only a person may open again what was closed with a document
        return frozenset({State.UNDER_WAY}) if who is Who.DESK else frozenset()
    return frozenset(step for step in _REPORTED if step != state)


def check(before: Mapping[str, str], said: Mapping[str, str], who: Who) -> None:
    """Refuse a change that is no legal step.

    before: the properties as they stand; said: those that the change gives.
    Raises RecommendationStateUnknown, RecommendationStepRefused, RecommendationEvidenceMissing,
    RecommendationDueMissing, RecommendationDueInvalid.
    """
    old, new = state_of(before), state_of({**before, **said})
    if new not in set(State):
        raise RecommendationStateUnknown(state=new[:64])
    due = _due(said)
    if new == old:
        if new == State.DONE and not said.get(EVIDENCE, "-").strip():
            raise RecommendationEvidenceMissing
        return
    if new not in steps(old, who):
        raise RecommendationStepRefused(from_state=old, to_state=new)
    if new == State.DONE and not said.get(EVIDENCE, "").strip():
        raise RecommendationEvidenceMissing
    if new == State.CARRIED_OVER and (due is None or due.isoformat() <= before.get(DUE, "")):
        raise RecommendationDueMissing


def check_new(data: Mapping[str, str]) -> None:
    """Refuse a new recommendation that is not new. Raises as `check`."""
    _due(data)
    if state_of(data) not in set(State):
        raise RecommendationStateUnknown(state=state_of(data)[:64])
    if state_of(data) != State.NEW:
        raise RecommendationStepRefused(from_state="", to_state=state_of(data))


def _due(said: Mapping[str, str]) -> dt.date | None:
    """Return the deadline that is given; those of a list are compared as text, so in one form."""
    given = said.get(DUE, "")
    if not given:
        return None
    try:
        found = dt.date.fromisoformat(given)
    except ValueError as error:
        raise RecommendationDueInvalid from error
    if found.isoformat() != given:  # 20261231 is a date too
        raise RecommendationDueInvalid
    return found
