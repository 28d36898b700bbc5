"""The communes of a day, coloured by what one form found in them: the same numbers as its tables.

Results and conditions come from `summary`, indicators from `figures` with what they suppress. The
points of single inspections are for those who may open these. However many inspections there are,
the number of queries is the same.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from server.communes.outlines import Outline, Outlines, View, outlines
from server.forms.findings import Condition
from server.forms.indicators import Indicator
from server.forms.models import Form
from server.inspections import summary
from server.inspections.commune_rows import NOT_INSPECTED
from server.inspections.figures import Asked as FiguresAsked
from server.inspections.printed import Number
from server.inspections.review import REVIEWERS
from server.inspections.summary import PERIODS, Summary
from server.inspections.suppression import Mark
from server.plans.expected import expected
from server.projects.audit import Actor
from server.projects.models import Membership
from server.reports.indicator_reading import read_indicators
from server.reports.indicator_table import words
from server.reports.selection import Selection, select
from server.reports.summary_table import standing_notes
from server.submissions.models import ReviewState

RESULT, COVERAGE, CONDITION, INDICATOR = "result", "coverage", "condition", "indicator"
CLASSES = 4  # at most, of an indicator's numbers
MOST_POINTS = 400
SUPPRESSED, MISSING, NOT_COMPARABLE = "an", "khong_co_so_lieu", "khong_so_sanh_duoc"
_VALID = ("inside", "near_border")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a map is of."""

    form_id: str  # published, see `summary.published_form`
    year: int
    period: str | None  # None: the whole year; for an indicator one of PERIODS
    on_date: dt.date  # the communes of this day
    only_approved: bool
    layer: str = RESULT  # one of the four
    code: str = ""  # of the condition or the indicator
    with_points: bool = True  # for who may see them


@dataclass(frozen=True, slots=True)
class Area:
    """One commune."""

    uid: str
    name: str
    kind: str  # a Status, a Covered, SUPPRESSED, MISSING, NOT_COMPARABLE, or "0", "1"… of `steps`
    number: str  # of an indicator, as it is printed; else ""
    outline: Outline | None  # None where the coverage has no polygon for it


@dataclass(frozen=True, slots=True)
class Step:
    """One class of an indicator's numbers, both ends belong to it."""

    lowest: str
    highest: str


@dataclass(frozen=True, slots=True)
class Point:
    """Where one inspection was made, in the picture's units."""

    x: float
    y: float
    commune: str
    visit_date: dt.date | None
    is_valid: bool  # within a commune, or near its line


@dataclass(frozen=True, slots=True)
class CommuneMap:
    """The map, and all that its table says."""

    asked: Asked
    title: str  # of the form
    condition: Condition | None
    indicator: Indicator | None
    areas: tuple[Area, ...]  # in Vietnamese order
    counts: Mapping[str, int]  # communes by kind
    steps: tuple[Step, ...]
    province: str  # the indicator for the whole province, as printed; else ""
    outlines: Outlines | None
    points: tuple[Point, ...]
    are_points_cut: bool  # there are more than MOST_POINTS; these are the latest
    points_beyond: int  # outside the picture
    notes: tuple[str, ...]  # why results are only for now

    @property
    def has_astray(self) -> bool:
        """Tell whether a point lies outside every commune."""
        return not all(point.is_valid for point in self.points)


@dataclass(frozen=True, slots=True)
class _Layer:
    """What the communes are coloured by."""

    areas: tuple[tuple[str, str, str, str], ...]  # uid, name, kind, number
    condition: Condition | None = None
    indicator: Indicator | None = None
    steps: tuple[Step, ...] = ()
    province: str = ""
    notes: tuple[str, ...] = ()


def commune_map(membership: Membership, actor: Actor, asked: Asked) -> CommuneMap:
    """Return a map for one reader; what it shows of sensitive counts is in the audit log.

    Raises as `summarise` and `figures`, and FormUnknown.
    """
    form = summary.published_form(membership.project_id, asked.form_id)
    drawn = outlines(asked.on_date)
    if asked.layer == INDICATOR:
        layer = _of_indicator(membership, actor, form, asked)
    else:
        layer = _of_summary(form, asked)
    points, are_cut, beyond = _points(membership, asked, drawn.view if drawn else None)
    shapes = drawn.by_uid if drawn else {}
    areas = tuple(
        Area(uid, name, kind, number, shapes.get(uid)) for uid, name, kind, number in layer.areas
    )
    return CommuneMap(
        asked=asked,
        title=form.current_version.title if form.current_version else form.form_id,
        condition=layer.condition,
        indicator=layer.indicator,
        areas=areas,
        counts=Counter(area.kind for area in areas),
        steps=layer.steps,
        province=layer.province,
        outlines=drawn,
        points=points,
        are_points_cut=are_cut,
        points_beyond=beyond,
        notes=layer.notes,
    )


def _of_summary(form: Form, asked: Asked) -> _Layer:
    table = summary.summarise(
        form,
        year=asked.year,
        period=asked.period,
        on_date=asked.on_date,
        only_approved=asked.only_approved,
        expected=expected(form.project_id, [asked.year], asked.on_date),
    )
    return _Layer(
        areas=tuple(
            (row.uid, row.name, kind, "")
            for row, kind in zip(table.rows, _kinds(table, asked), strict=True)
        ),
        condition=next((c for c in table.conditions if c.code == asked.code), None),
        notes=() if asked.layer == COVERAGE else tuple(standing_notes(table.rows)),
    )


def _kinds(table: Summary, asked: Asked) -> list[str]:
    if asked.layer == COVERAGE:
        return [str(row.coverage) for row in table.rows]
    if asked.layer == CONDITION:
        return [row.conditions.get(asked.code, NOT_INSPECTED) for row in table.rows]
    return [row.status for row in table.rows]


def _of_indicator(membership: Membership, actor: Actor, form: Form, asked: Asked) -> _Layer:
    table = read_indicators(
        membership,
        actor,
        form,
        FiguresAsked(
            year=asked.year,
            period=asked.period or PERIODS[-1],
            units_on=asked.on_date,
            group=None,
            only_approved=asked.only_approved,
        ),
    )
    told = {
        row.plot.uid: row.figures[asked.code].value
        for row in table.rows
        if asked.code in row.figures
    }
    shown = sorted(n.amount for n in told.values() if n.mark is Mark.SHOWN and n.amount is not None)
    highest = tops(shown)
    return _Layer(
        areas=tuple(
            (
                row.plot.uid,
                row.plot.unit.name,
                _kind(told.get(row.plot.uid), highest),
                words(told[row.plot.uid], table.k) if row.plot.uid in told else "",
            )
            for row in table.rows
        ),
        indicator=next((each for each in table.indicators if each.code == asked.code), None),
        steps=_steps(shown, highest),
        province=words(table.province[asked.code].value, table.k)
        if asked.code in table.province
        else "",
    )


def tops(shown: Sequence[float]) -> list[float]:
    """Return the highest number of each class, rising; at most CLASSES.

    As many different numbers in each as can be: where most communes have the same, the others
    must still be told from them.
    """
    different = sorted(set(shown))
    places = (len(different) * (n + 1) // CLASSES - 1 for n in range(CLASSES))
    return sorted({different[max(place, 0)] for place in places}) if different else []


def _steps(shown: Sequence[float], highest: Sequence[float]) -> tuple[Step, ...]:
    found, lowest = [], shown[0] if shown else 0.0
    for top in highest:
        found.append(Step(_words(lowest), _words(top)))
        lowest = next((each for each in shown if each > top), top)
    return tuple(found)


def _words(amount: float) -> str:
    return words(Number(Mark.SHOWN, amount), 0)


def _kind(number: Number | None, highest: Sequence[float]) -> str:
    if number is None:
        return NOT_COMPARABLE
    if number.mark in (Mark.SMALL, Mark.HIDDEN):
        return SUPPRESSED
    amount = number.amount
    if amount is None:
        return MISSING
    return str(sum(top < amount for top in highest))


def _points(
    membership: Membership, asked: Asked, view: View | None
) -> tuple[tuple[Point, ...], bool, int]:
    if view is None or not asked.with_points or membership.role not in REVIEWERS:
        return (), False, 0
    states = (str(ReviewState.APPROVED),) if asked.only_approved else ()
    wanted = Selection(asked.form_id, year=asked.year, period=asked.period or "", states=states)
    found = (
        select(membership, wanted)
        .exclude(review_state=ReviewState.REJECTED)
        .filter(inspection__lon__isnull=False, inspection__lat__isnull=False)
        .order_by("-inspection__visit_date", "-pk")
        .values_list(
            "inspection__lon",
            "inspection__lat",
            "inspection__unit__name",
            "inspection__visit_date",
            "inspection__gps_status",
        )
    )
    rows = list(found[: MOST_POINTS + 1])
    points = tuple(
        Point(*view.place(lon, lat), name or "", day, status in _VALID)
        for lon, lat, name, day, status in rows[:MOST_POINTS]
        if lon is not None and lat is not None and view.shows(lon, lat)
    )
    return points, len(rows) > MOST_POINTS, min(len(rows), MOST_POINTS) - len(points)
