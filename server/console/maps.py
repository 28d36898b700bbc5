"""Bản đồ: the communes coloured by a result, how far it has come, a condition or an indicator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from django.http import HttpResponse
from django.urls import reverse

from server.console import choosing
from server.console.choosing import Choice
from server.console.page import EVERYBODY, Visit, page
from server.console.problems import FilterNotUnderstood
from server.console.wording import language, t
from server.console.words import STATUS
from server.forms import indicators as indicators_sheet
from server.forms import rules
from server.forms.findings import Condition
from server.forms.indicators import Indicator
from server.forms.models import Form, FormVersion
from server.inspections.commune_rows import NOT_INSPECTED
from server.inspections.expected import Covered, local_day
from server.inspections.models import Status
from server.inspections.overview import published_forms
from server.inspections.summary import published_form, told_period
from server.projects.audit import Actor
from server.reports.commune_map import (
    CONDITION,
    COVERAGE,
    INDICATOR,
    MISSING,
    NOT_COMPARABLE,
    RESULT,
    SUPPRESSED,
    Area,
    Asked,
    CommuneMap,
    commune_map,
)

LAYERS: Mapping[str, str] = {RESULT: "Kết quả chung", COVERAGE: "Đã kiểm tra đến đâu"}
KINDS: Mapping[str, str] = {  # beside the words of STATUS
    Covered.VISITED: "Đã kiểm tra",
    Covered.PLANNED: "Có kế hoạch, chưa kiểm tra",
    SUPPRESSED: "Số nhỏ, không công bố",
    MISSING: "Chưa có số liệu",
    NOT_COMPARABLE: "Không so sánh được (tách địa giới)",
}
_FILLS: Mapping[str, str] = {  # pattern in parts/map_patterns.html
    Status.DAT: "good",
    Status.KHONG_DAT: "bad",
    Status.CHUA_DU_CAN_CU: "doubt",
    Status.KHONG_AP_DUNG: "neutral",
    Covered.VISITED: "good",
    Covered.PLANNED: "doubt",
    NOT_INSPECTED: "none",
    "": "neutral",
    SUPPRESSED: "hidden",
    MISSING: "none",
    NOT_COMPARABLE: "neutral",
}
# Few classes are as far apart in colour as many.
_STEPS: Mapping[int, Sequence[int]] = {1: [2], 2: [0, 3], 3: [0, 2, 3], 4: [0, 1, 2, 3]}
_RESULTS = (*Status.values, "", NOT_INSPECTED)
_COVERED = (Covered.VISITED, Covered.PLANNED, Covered.NOT_VISITED)
_BESIDE_NUMBERS = (SUPPRESSED, MISSING, NOT_COMPARABLE)


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of the legend."""

    kind: str
    fill: str  # name of a pattern
    word: str
    communes: int


@dataclass(frozen=True, slots=True)
class Row:
    """One commune, on the map and in the table."""

    area: Area
    fill: str  # name of a pattern
    word: str


@dataclass(frozen=True, slots=True)
class Layer:
    """One thing to colour by."""

    value: str
    label: str
    is_chosen: bool


@page(*EVERYBODY)
def map_page(visit: Visit) -> HttpResponse:
    """Draw the communes."""
    today = local_day()
    forms = published_forms(visit.membership.project_id)
    if not forms:
        return visit.show("console/map.html", here="map", drawn=None)
    choice = choosing.read(visit.request.GET, forms, today, "layer")
    form = published_form(visit.membership.project_id, choice.form_id)
    layer, code, choice = _layer(choice, form)
    if layer == INDICATOR and not choice.period:  # an indicator is of one period
        choice = replace(choice, period=told_period(form, choice.year))
    drawn = commune_map(visit.membership, Actor.person(visit.user), _asked(choice, layer, code))
    response = visit.show(
        "console/map.html",
        here="map",
        drawn=drawn,
        choice=choice,
        options=choosing.options(choice, forms, today),
        layers=list(_layers(form, f"{layer}:{code}" if code else layer)),
        keys=keys(drawn),
        heading=_heading(drawn),
        rows=[
            Row(area, fill(drawn, area.kind), area.number or word(area.kind))
            for area in drawn.areas
        ],
        is_number=layer == INDICATOR,
    )
    if visit.is_partial:
        query = choice.query()
        here = reverse("map", args=[visit.membership.project_id])
        response["HX-Push-Url"] = f"{here}?{query}" if query else here
    return response


def _asked(choice: Choice, layer: str, code: str) -> Asked:
    return Asked(
        form_id=choice.form_id,
        year=choice.year,
        period=choice.period or None,
        on_date=choice.on_date,
        only_approved=choice.only_approved,
        layer=layer,
        code=code,
    )


def _layer(choice: Choice, form: Form) -> tuple[str, str, Choice]:
    """Return what to colour by and its code, and the choice without a layer that means nothing.

    Nothing is said of what another form asks: whoever changes the form has not chosen wrongly.
    """
    asked = choice.other["layer"]
    name, _, code = asked.partition(":")
    version = form.current_version
    if asked in LAYERS or not asked:
        return asked or RESULT, "", choice
    if version is not None and (
        (name == CONDITION and code in {each.code for each in rules.in_force(version).conditions})
        or (name == INDICATOR and code in {each.code for each in _indicators(version)})
    ):
        return name, code, choice
    values = {key: value for key, value in choice.values.items() if key != "layer"}
    problems = choice.problems
    if name not in (CONDITION, INDICATOR):
        problem = FilterNotUnderstood(label=t(choosing.LABELS["layer"]), value=asked[:40])
        problems = (*problems, problem.sentence(language()))
    return RESULT, "", replace(choice, values=values, problems=problems)


def _indicators(version: FormVersion) -> Sequence[Indicator]:
    return indicators_sheet.load(version.indicators)


def _layers(form: Form, chosen: str) -> Iterator[tuple[str, list[Layer]]]:
    """Give groups of what there is to colour by, each with its name."""
    yield "", [Layer(value, t(label), value == chosen) for value, label in LAYERS.items()]
    version = form.current_version
    if version is None:
        return
    groups: tuple[tuple[str, str, Sequence[Condition | Indicator]], ...] = (
        ("Điều kiện", CONDITION, rules.in_force(version).conditions),
        ("Chỉ số", INDICATOR, _indicators(version)),
    )
    for name, layer, each in groups:
        found = [
            Layer(value, _name(one), value == chosen)
            for one in each
            for value in [f"{layer}:{one.code}"]
        ]
        if found:
            yield t(name), found


def _heading(drawn: CommuneMap) -> str:
    judged = drawn.condition or drawn.indicator
    if judged is None:
        return f"{drawn.title}: {t(LAYERS[drawn.asked.layer]).lower()}"
    return _name(judged)


def _name(judged: Condition | Indicator) -> str:
    """Return what a condition is called, with its code; of an indicator that is no word."""
    label = in_language(judged.label)
    return f"{judged.code}. {label}" if isinstance(judged, Condition) else label


def in_language(label: Mapping[str, str]) -> str:
    """Return a designer's label in the reader's language, or in the one that it has."""
    return label.get(language()) or label.get("vi") or next(iter(label.values()), "")


def fill(drawn: CommuneMap, kind: str) -> str:
    """Return the name of a kind's pattern."""
    if not kind.isdecimal():
        return _FILLS[kind]
    return f"step{_STEPS[len(drawn.steps)][int(kind)]}"


def word(kind: str) -> str:
    """Return what a kind is called."""
    return t(KINDS[kind] if kind in KINDS else STATUS[kind].word)


def keys(drawn: CommuneMap) -> list[Key]:
    """Return the legend: what there is on the map, in the order from good to unknown."""
    if drawn.asked.layer == INDICATOR:
        numbers = [
            Key(
                str(place),
                fill(drawn, str(place)),
                step.lowest if step.lowest == step.highest else f"{step.lowest} – {step.highest}",
                drawn.counts.get(str(place), 0),
            )
            for place, step in enumerate(drawn.steps)
        ]
        others: Sequence[str] = [kind for kind in _BESIDE_NUMBERS if drawn.counts.get(kind)]
    else:
        numbers = []
        all_ = _COVERED if drawn.asked.layer == COVERAGE else _RESULTS
        others = [kind for kind in all_ if kind or drawn.counts.get(kind)]
    return [
        *numbers,
        *(Key(kind, _FILLS[kind], word(kind), drawn.counts.get(kind, 0)) for kind in others),
    ]
