"""Years of counts, drawn or made by hand, and what a reader of all their tables can tell.

The reader has all tables at once: both periods, the units of both days, groups, parts and wholes.
He knows besides that no count is negative, that a part is no more than its whole, and that the
year includes its first half. What he can tell is worked out by linear programs.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations

import highspy

from server.inspections.publication import FY, H1, PART, WHOLE, Family, Line, Told, published
from server.inspections.suppression import Shown

K = 5
ROUNDING = 1e-6

Fact = tuple[str, str, str]  # period, side, uid
Sum = dict[Fact, int]  # facts, each times 1 or -1


@dataclass(frozen=True, slots=True)
class World:
    """A year, and all that is printed about it."""

    family: Family
    lines: frozenset[Line]
    places: Mapping[Line, frozenset[str]] = field(default_factory=dict)  # all workplaces of a row

    def shown(self) -> dict[Line, Shown]:
        return published(self.family, self.lines, K)

    def facts(self) -> dict[Fact, int]:
        return {
            (period, side, uid): count
            for period, of_period in self.family.told.items()
            for uid, told in of_period.items()
            for side, count in ((PART, told.part), (WHOLE, told.whole))
            if count is not None
        }

    def sum(self, line: Line) -> Sum:
        facts = self.facts()
        return {f: 1 for uid in line.uids if (f := (line.period, line.side, uid)) in facts}

    def secrets(self) -> list[Sum]:
        """Return all that is printed, and what subtracting one print from another gives."""
        secrets = [self.sum(line) for line in sorted(self.lines)]
        if self.places:  # no workplace's own count either, though none is printed
            secrets += [{fact: 1} for fact in self.facts()]
        by_uids: dict[frozenset[str], list[Line]] = {}
        for line in sorted(self.lines):
            by_uids.setdefault(self._ground(line), []).append(line)
        for lines in by_uids.values():
            for one, other in combinations(lines, 2):
                # "fy" comes first. Of other workplaces, year less half counts nothing.
                if self.places and not self._keys(other) <= self._keys(one):
                    continue
                if one.period == other.period or one.side == other.side:
                    less = dict.fromkeys(self.sum(one), -1)
                    secrets.append({**self.sum(other), **less})
                    secrets.append({f: -n for f, n in secrets[-1].items()})
        # What a reader knows already is taken off: the rest is what he wants to know.
        hers = [{f: n for f, n in s.items() if f[2] not in self.family.known} for s in secrets]
        return [secret for secret in hers if secret]

    def _keys(self, line: Line) -> set[str]:
        return {uid for _, _, uid in self.sum(line)}

    def _ground(self, line: Line) -> frozenset[str]:
        """Return whose ground a line tells of: a and b together are ab."""
        told = self.family.told[line.period]
        uids = self.places.get(line, frozenset(uid for uid in line.uids if uid in told))
        return uids - {"a", "b"} | {"ab"} if {"a", "b"} <= uids else uids


def drawn(seed: int) -> World:
    """Return a year of up to 6 units; in some, a and b told the half, and what they became, ab."""
    draw = random.Random(seed)
    units = [f"u{n}" for n in range(draw.randint(1, 4))]
    is_joined = draw.random() < 0.4
    largest = draw.choice((3, 6, 12, 40))
    has_part = draw.random() < 0.7
    half, year = dict[str, Told](), dict[str, Told]()
    for uid in units + (["a", "b"] if is_joined else []):
        if draw.random() < 0.9:
            half[uid] = told(draw, largest, has_part=has_part)
    for uid in units + (["ab"] if is_joined else []):
        before = [half[u] for u in (("a", "b") if uid == "ab" else (uid,)) if u in half]
        if draw.random() < 0.9:
            year[uid] = after(draw, before, largest, has_part=has_part)
    follows = {uid: (uid,) for uid in units} | {"a": ("ab",), "b": ("ab",)}
    known = frozenset(units[:1]) if draw.random() < 0.2 else frozenset[str]()
    lines = frozenset(
        Line(period, side, uids)
        for period, of_period in ((H1, half), (FY, year))
        for uids in sets(draw, units, period, is_joined=is_joined)
        if uids & of_period.keys()
        for side in ((PART, WHOLE) if has_part else (WHOLE,))
    )
    return World(Family({H1: half, FY: year}, follows, known), lines)


def drawn_with_workplaces(seed: int) -> World:
    """Return a year of communes with up to 3 workplaces each, not all of them in both periods.

    Printed are communes, groups and the whole, of one day and of another, on which the first
    commune's workplaces stood in two others, where their points say.
    """
    draw = random.Random(seed)
    communes = {f"c{n}": [f"c{n} {w}" for w in "abc"[: draw.randint(1, 3)]] for n in range(3)}
    commune_of = {key: commune for commune, keys in communes.items() for key in keys}
    largest, has_part = draw.choice((2, 4, 9, 40)), draw.random() < 0.6
    half, year = dict[str, Told](), dict[str, Told]()
    for key in commune_of:
        if draw.random() < 0.7:
            half[key] = told(draw, largest, has_part=has_part)
        if draw.random() < 0.7:
            before = [half[key]] if key in half else []
            year[key] = after(draw, before, largest, has_part=has_part)
    stands = {key: draw.choice(("c1", "c2")) for key in communes["c0"]}
    new = [[k for k, c in (commune_of | stands).items() if c == each] for each in ("c1", "c2")]
    grounds = [*communes.values(), *new]
    groups = [[*communes["c0"], *communes["c1"]], list(commune_of)]
    known = frozenset(communes["c2"]) if draw.random() < 0.2 else frozenset[str]()
    places = {
        Line(period, side, uids): frozenset(keys)
        for period, of_period in ((H1, half), (FY, year))
        for keys in (*grounds, *groups)
        if (uids := frozenset(key for key in keys if key in of_period))
        for side in ((PART, WHOLE) if has_part else (WHOLE,))
    }
    follows = {key: (key,) for key in commune_of}
    family = Family({H1: half, FY: year}, follows, known, commune_of)
    return World(family, frozenset(places), places)


def told(draw: random.Random, largest: int, *, has_part: bool) -> Told:
    whole = 0 if draw.random() < 0.25 else draw.randint(0, largest)
    return Told(draw.randint(0, whole) if has_part else None, whole)


def after(draw: random.Random, before: list[Told], largest: int, *, has_part: bool) -> Told:
    more = told(draw, largest, has_part=has_part)
    whole = sum(each.whole or 0 for each in before) + (more.whole or 0)
    part = sum(each.part or 0 for each in before) + (more.part or 0)
    return Told(part if has_part else None, whole)


def sets(
    draw: random.Random, units: list[str], period: str, *, is_joined: bool
) -> list[frozenset[str]]:
    grounds: list[tuple[str, ...]] = [(uid,) for uid in units]
    if is_joined:
        grounds.append(("a", "b") if period == H1 else ("ab",))
    random_groups = random.Random(len(units))  # the same ones in both periods
    groups = [[g for g in grounds if random_groups.random() < 0.6] for _ in range(2)]
    found = [frozenset(ground) for ground in grounds]
    found += [frozenset({uid}) for ground in grounds for uid in ground]
    return [*found, *(frozenset(u for g in group for u in g) for group in [*groups, grounds])]


def widths(world: World) -> list[tuple[Sum, float]]:
    """Return, of each count of 1 to 4 that is or can be had, how many values it may have."""
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("presolve", "off")  # on such small programs it saves nothing
    facts = world.facts()
    variable = {fact: solver.addVariable(lb=0, ub=math.inf) for fact in facts}
    for (period, side, uid), count in facts.items():
        if uid in world.family.known:
            solver.addConstr(total(variable, {(period, side, uid): 1}) == float(count))
    for smaller, larger in contained(world):
        solver.addConstr(total(variable, larger) >= total(variable, smaller))
    for line, shown in world.shown().items():
        if shown.count is not None:
            solver.addConstr(total(variable, world.sum(line)) == float(shown.count))
    return [
        (secret, width(solver, total(variable, secret)))
        for secret in world.secrets()
        if 0 < sum(facts[fact] * sign for fact, sign in secret.items()) < K
    ]


def contained(world: World) -> list[tuple[Sum, Sum]]:
    """Return what the reader knows to be no more than what."""
    facts = world.facts()
    found: list[tuple[Sum, Sum]] = [
        ({(period, PART, uid): 1}, {(period, WHOLE, uid): 1})
        for period, side, uid in facts
        if side == PART
    ]
    later: dict[Fact, Sum] = {}
    for period, side, uid in facts:
        if period == H1:
            into = (FY, side, "ab" if uid in ("a", "b") else uid)
            if into in facts:
                later.setdefault(into, {})[(period, side, uid)] = 1
    return found + [(half, {year: 1}) for year, half in later.items()]


def total(
    variable: dict[Fact, highspy.highs.highs_var], sum_: Sum
) -> highspy.highs.highs_linear_expression:
    terms = [sign * variable[fact] for fact, sign in sum_.items()]
    summed: highspy.highs.highs_linear_expression = sum(terms[1:], terms[0])
    return summed


def width(solver: highspy.Highs, count: highspy.highs.highs_linear_expression) -> float:
    solver.minimize(count)
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return math.inf
    low: float = solver.getInfo().objective_function_value
    solver.maximize(count)
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return math.inf
    return float(solver.getInfo().objective_function_value - low)
