"""What a unit became: followed link by link, by date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from server.communes.models import AdminUnit, Succession

# {uid: ((uid of the next unit, whole?), …)}: ahead in time, or back
Links = Mapping[str, tuple[tuple[str, bool], ...]]


@dataclass(frozen=True, slots=True)
class Successor:
    """A unit in force that holds all or some of a former one."""

    uid: str
    is_certain: bool  # everything of the former unit went there


def successors(uid: str, on_date: dt.date) -> tuple[Successor, ...]:
    """Return what a unit had become by a day, by uid; itself while it is in force.

    Empty for a unit that nothing followed (districts) or that did not exist yet. More than one,
    none of them certain, when the unit was split: what has coordinates should then be located,
    not moved by this table.
    """
    return successors_of((uid,), on_date)[uid]


def successors_of(uids: Iterable[str], on_date: dt.date) -> dict[str, tuple[Successor, ...]]:
    """Return the successors of many units at the price of two queries."""
    in_force = frozenset(AdminUnit.objects.in_force(on_date).values_list("uid", flat=True))
    ahead = links_ahead()
    return {
        uid: tuple(Successor(to, whole) for to, whole in follow(uid, ahead, in_force))
        for uid in uids
    }


def links_ahead() -> Links:
    """Return what each unit became, one step on."""
    links: dict[str, tuple[tuple[str, bool], ...]] = {}
    rows = Succession.objects.order_by("old", "new").values_list("old", "new", "part")
    for old, new, part in rows:
        links[old] = (*links.get(old, ()), (new, part == "all"))
    return links


def follow(uid: str, links: Links, in_force: Collection[str]) -> list[tuple[str, bool]]:
    """Return the units in force that links lead to, by uid, and whether all of it is there."""
    found: dict[str, bool] = {}
    seen: set[tuple[str, bool]] = set()
    steps = [(uid, True)]
    while steps:
        step = steps.pop()
        if step in seen:  # a table edited by hand could hold a ring
            continue
        seen.add(step)
        here, is_whole = step
        if here in in_force:
            found[here] = found.get(here, False) or is_whole
        else:
            steps += [(to, is_whole and is_all) for to, is_all in links.get(here, ())]
    return sorted(found.items())


def with_predecessors(uids: Iterable[str]) -> frozenset[str]:
    """Return units with all that they came from, wholly or in part, at any time."""
    came_from: dict[str, list[str]] = {}
    for old, news in links_ahead().items():
        for new, _ in news:
            came_from.setdefault(new, []).append(old)
    found: set[str] = set()
    ahead = list(uids)
    while ahead:
        uid = ahead.pop()
        if uid not in found:
            found.add(uid)
            ahead += came_from.get(uid, ())
    return frozenset(found)
