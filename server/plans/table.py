"""A plan as people look at it: its communes by its teams, and what clashes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from django.db.models import Count, QuerySet

from server.communes.models import AdminUnit
from server.communes.vietnamese import exact_key, search_key
from server.forms.models import Form
from server.plans.models import Plan, PlanItem

MOST_PASTED = 300  # lines
_CODE = re.compile(r"(\d{5})(?:@\S+)?(?:\s.*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Planned:
    """One unit that a team is to inspect."""

    item: PlanItem
    clashes: tuple[str, ...]  # other teams that have the commune and a form in the same days


@dataclass(frozen=True, slots=True)
class Row:
    """One commune, with what each team has there, in the order of the teams."""

    unit: AdminUnit
    cells: tuple[tuple[str, tuple[Planned, ...]], ...]  # (team, what it has)


@dataclass(frozen=True, slots=True)
class Table:
    """A whole plan."""

    teams: tuple[str, ...]
    rows: tuple[Row, ...]
    clashing: int  # communes


@dataclass(frozen=True, slots=True)
class Pasted:
    """What somebody pasted as communes."""

    uids: tuple[str, ...]
    unknown: tuple[str, ...]  # lines that name none
    ambiguous: tuple[str, ...]  # lines that name several


def plans(project_id: int) -> QuerySet[Plan]:
    """Return a project's plans, the newest first, with `communes`: how many are in each."""
    counted = Plan.objects.annotate(communes=Count("items__unit", distinct=True))
    return (
        counted.filter(project=project_id)
        .select_related("lead_agency")
        .order_by("-year", "-signed_on", "-pk")
    )


def table(plan: Plan) -> Table:
    """Return the communes of a plan by its teams: one query."""
    items = list(plan.items.select_related("unit").order_by("starts_on", "pk"))
    teams = tuple(sorted({item.team for item in items}))
    by_unit: dict[str, list[PlanItem]] = {}
    for item in items:
        by_unit.setdefault(item.unit_id, []).append(item)
    ordered = sorted(by_unit.values(), key=lambda of_unit: of_unit[0].unit.sort_key)
    clashing = {pk: others for of_unit in ordered for pk, others in _clashes(of_unit).items()}
    rows = tuple(Row(of_unit[0].unit, _cells(of_unit, teams, clashing)) for of_unit in ordered)
    return Table(teams, rows, len({item.unit_id for item in items if item.pk in clashing}))


def _cells(
    items: Sequence[PlanItem], teams: Sequence[str], clashing: Mapping[int, set[str]]
) -> tuple[tuple[str, tuple[Planned, ...]], ...]:
    def of(team: str) -> tuple[Planned, ...]:
        own = [item for item in items if item.team == team]
        return tuple(Planned(item, tuple(sorted(clashing.get(item.pk, ())))) for item in own)

    return tuple((team, of(team)) for team in teams)


def _clashes(items: Iterable[PlanItem]) -> dict[int, set[str]]:
    """Return which items of one commune two teams have at once: {item: other teams}."""
    found: dict[int, set[str]] = {}
    for one, other in combinations(items, 2):
        meets = one.starts_on <= other.ends_on and other.starts_on <= one.ends_on
        if one.team != other.team and meets and set(one.form_ids) & set(other.form_ids):
            found.setdefault(one.pk, set()).add(other.team)
            found.setdefault(other.pk, set()).add(one.team)
    return found


def pasted(text: str, communes: Iterable[AdminUnit]) -> Pasted:
    """Return the communes that lines name, by code or by name with or without marks.

    communes: those in force when they are to be inspected. A line of a sheet may have further
    cells, say a number before the name.
    """
    known: dict[str, list[str]] = {}
    for unit in communes:
        for key in {unit.code, exact_key(unit.name), search_key(unit.name)}:
            known.setdefault(key, []).append(unit.uid)
    uids: dict[str, None] = {}
    unknown: list[str] = []
    ambiguous: list[str] = []
    lines = [line.strip() for line in re.split(r"[\n;,]", text) if line.strip()]
    for line in lines[:MOST_PASTED]:
        named = _named(line, known)
        if len(named) == 1:
            uids[named[0]] = None
        else:
            (ambiguous if named else unknown).append(line[:80])
    # More lines than there can be communes: the first that was not read stands for all.
    return Pasted(tuple(uids), (*unknown, *lines[MOST_PASTED:][:1]), tuple(ambiguous))


def _named(line: str, known: Mapping[str, list[str]]) -> list[str]:
    """Return the communes that a line may mean: the code counts for more than a name."""
    cells = [cell.strip() for cell in line.split("\t") if cell.strip()]
    codes = [match[1] for cell in cells if (match := _CODE.fullmatch(cell))]
    for key in (*codes, *map(exact_key, cells), *map(search_key, cells)):
        if key in known:
            return known[key]
    return []


def forms(project_id: int) -> list[tuple[str, str]]:
    """Return the forms that can be planned: (form_id, title)."""
    found = Form.objects.living().filter(project=project_id, current_version__isnull=False)
    return list(found.order_by("form_id").values_list("form_id", "current_version__title"))
