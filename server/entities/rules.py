"""What some lists demand of every change; of any other list, nothing.

What a phone sends and a list forbids is kept with its version, and changes nothing until somebody
has decided (docs/decisions/what-a-phone-may-not-say.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from server.entities import recommendation_states
from server.entities.recommendation_problems import RecommendationDueInvalid
from server.entities.recommendation_states import DUE, EVIDENCE, LIST, STATE, State, Who
from server.errors import Problem


@dataclass(frozen=True, slots=True)
class Weighed:
    """What of a change counts, and what is kept until somebody decides."""

    counts: Mapping[str, str]
    held: Mapping[str, str]
    rule: str = ""  # the code of the Problem that it met


def weigh_update(list_name: str, before: Mapping[str, str], said: Mapping[str, str]) -> Weighed:
    """Weigh what a phone says of an entity that is there: all of it counts, or nothing does.

    said: by property; a label that is given is called `label`, as no property can be.
    """
    try:
        check(list_name, before, said, Who.PHONE)
    except Problem as problem:
        return Weighed({}, said, problem.code)
    return Weighed(said, {})


def weigh_new(list_name: str, said: Mapping[str, str]) -> Weighed:
    """Weigh what a phone says of a new entity: it is made, but only as one that is new."""
    counts, rule = dict(said), ""
    held: dict[str, str] = {}
    for _ in (DUE, STATE):  # what is wrong with the deadline, then with the state
        try:
            check_new(list_name, counts)
        except Problem as problem:
            rule = rule or problem.code
            wrong = (DUE,) if isinstance(problem, RecommendationDueInvalid) else (STATE, EVIDENCE)
            held |= {name: counts.pop(name) for name in wrong if name in counts}
    return Weighed({STATE: State.NEW, **counts} if held else counts, held, rule)


def check(
    list_name: str, before: Mapping[str, str], said: Mapping[str, str], who: Who = Who.DESK
) -> None:
    """Refuse what the list forbids. Raises the Problems of recommendation_states.check."""
    if list_name == LIST:
        recommendation_states.check(before, said, who)


def check_new(list_name: str, data: Mapping[str, str]) -> None:
    """Refuse a new entity that the list forbids. Raises as recommendation_states.check_new."""
    if list_name == LIST:
        recommendation_states.check_new(data)
