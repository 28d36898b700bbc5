"""The communes of a table in groups: by former province, kind of unit, zone, level, or villages.

The first two are in the table of units. Zone (khu vực of the ethnic-minority and mountainous
area), level (new rural commune), whether there are especially disadvantaged villages and who lives
in them are in no table that the province has given us: what counts is what inspectors wrote, in
whichever published form asks.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F, QuerySet, TextField, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce, NullIf

from server.communes.former_provinces import former_provinces
from server.communes.models import AdminUnit
from server.errors import Problem
from server.forms import schema
from server.forms.models import Form
from server.forms.schema import Field, Schema
from server.inspections.models import Inspection
from server.inspections.scoring import number
from server.inspections.visit_days import in_doubt

# {group: (the question that tells it, what it is called)}
QUESTIONS: Mapping[str, tuple[str, str]] = {
    "zone": ("b_zone", "khu vực vùng đồng bào dân tộc thiểu số và miền núi"),
    "level": ("a_level", "mức đạt chuẩn nông thôn mới"),
}
GROUPS = ("former_province", "type", *QUESTIONS)
# Only where communes are counted, never figures: each further way to add figures up is one more
# sum that could give a hidden count back, and would hide more of the others.
VILLAGE_QUESTIONS: Mapping[str, tuple[str, str]] = {
    "disadvantaged": ("b_dbkk", "xóm (thôn, bản) đặc biệt khó khăn"),
    "ethnicity": ("bv_eth", "dân tộc sinh sống tại các xóm đã kiểm tra"),
}
COMMUNE_GROUPS = (*GROUPS, *VILLAGE_QUESTIONS)
_ASKED = {**QUESTIONS, **VILLAGE_QUESTIONS}
UNKNOWN = ""  # code of the group of communes that nothing is known of
SEVERAL = "nhieu_tinh"
TYPES: Mapping[str, str] = {"xa": "Xã", "phuong": "Phường", "thi_tran": "Thị trấn"}
NO_DATA = "Chưa có số liệu"
MAJORITY, SEVERAL_MINORITIES = "kinh", "nhieu_dan_toc"
_VILLAGES: Mapping[str, Mapping[str, str]] = {  # words for codes that no list of choices has
    "disadvantaged": {
        "co": "Có xóm đặc biệt khó khăn",
        "khong": "Không có xóm đặc biệt khó khăn",
    },
    "ethnicity": {SEVERAL_MINORITIES: "Nhiều dân tộc thiểu số"},
}


class GroupUnknown(Problem):
    """A way to group that does not exist."""

    code = "summary.group_unknown"
    vi = "Không nhóm được theo «{group}». Dùng {known} hoặc bỏ trống."
    en = "There is no grouping {group!r}. Use {known}, or leave it out."
    central = 400.8


class GroupWithoutSource(Problem):
    """Nothing in the project tells which commune belongs to which group."""

    code = "summary.group_without_source"
    vi = (
        "Chưa có nguồn số liệu về {what}: danh mục xã không ghi, và chưa biểu nào đã phát hành "
        "hỏi câu «{question}». Phát hành biểu có câu đó, hoặc nhóm theo former_province hay type."
    )
    en = (
        "Nothing tells the {group} of a commune: the table of units does not, and no published "
        "form asks {question!r}. Publish one that does, or group by former_province or type."
    )
    central = 400.8


@dataclass(frozen=True, slots=True)
class Group:
    """One group."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Grouping:
    """Which commune is in which group."""

    by: str  # one of COMMUNE_GROUPS
    source: str  # where that comes from, for people
    groups: tuple[Group, ...]  # in the order to show, only those that have communes
    of: Mapping[str, str]  # {uid: code}


def grouping(
    project_id: int,
    by: str,
    units: Sequence[AdminUnit],
    *,
    year: int,
    only_approved: bool,
) -> Grouping:
    """Put communes into groups.

    year: what inspectors wrote about a later year does not count, and of the rest the latest does.
    only_approved: nor does what nobody has reviewed. Raises GroupUnknown, GroupWithoutSource.
    """
    if by == "type":
        return _by_type(units)
    if by == "former_province":
        return _by_former_province(units)
    if by not in _ASKED:
        raise GroupUnknown(group=by, known=", ".join(COMMUNE_GROUPS))
    return _by_question(project_id, by, units, year=year, only_approved=only_approved)


def _by_type(units: Sequence[AdminUnit]) -> Grouping:
    present = {unit.type for unit in units}
    known = [Group(code, label) for code, label in TYPES.items() if code in present]
    others = [Group(code, code) for code in sorted(present - set(TYPES))]
    of = {unit.uid: unit.type for unit in units}
    return Grouping("type", "danh mục đơn vị hành chính", (*known, *others), of)


def _by_former_province(units: Sequence[AdminUnit]) -> Grouping:
    labels, of = dict[str, str](), dict[str, str]()
    for uid, provinces in former_provinces([unit.uid for unit in units]).items():
        if len(provinces) == 1:
            of[uid] = provinces[0].uid
            labels[provinces[0].uid] = _as_it_was(provinces[0])
        else:
            of[uid] = SEVERAL if provinces else UNKNOWN
    codes = [code for code in (*sorted(labels), SEVERAL, UNKNOWN) if code in set(of.values())]
    words = {**labels, SEVERAL: "Thuộc nhiều tỉnh cũ", UNKNOWN: "Chưa rõ tỉnh cũ"}
    groups = tuple(Group(code, words[code]) for code in codes)
    return Grouping("former_province", "danh mục đơn vị hành chính và bảng kế thừa", groups, of)


def _as_it_was(province: AdminUnit) -> str:
    if province.valid_to is None:
        return province.name
    return f"{province.name} (trước {province.valid_to:%d/%m/%Y})"


def _by_question(
    project_id: int, by: str, units: Sequence[AdminUnit], *, year: int, only_approved: bool
) -> Grouping:
    question, what = _ASKED[by]
    asking = _asking(project_id, question)
    if not asking:
        raise GroupWithoutSource(group=by, what=what, question=question)
    told = Inspection.objects.filter(form__in=asking, unit__in=[u.uid for u in units])
    told = told.approved() if only_approved else told.counting()
    said = _latest_answers(told.filter(year__lte=year), [field for _, field in asking.values()])
    labels = {
        choice.name: choice.label.get("vi") or choice.name
        for of_form, field in asking.values()
        for choice in of_form.choices.get(field.choice_list, ())
    } | dict(_VILLAGES.get(by, {}))
    of = {unit.uid: _code(by, question, said.get(unit.uid, "")) for unit in units}
    present = set(of.values())
    groups = [Group(code, label) for code, label in labels.items() if code in present]
    groups += [Group(code, code) for code in sorted(present - {*labels, UNKNOWN})]
    groups += [Group(UNKNOWN, NO_DATA)] if UNKNOWN in present else []
    forms = ", ".join(form.form_id for form in asking)
    return Grouping(by, f"câu {question} của biểu {forms}, hồ sơ mới nhất", tuple(groups), of)


def _code(by: str, question: str, said: str) -> str:
    """Return the group of a commune, by what was answered there; UNKNOWN where nothing was."""
    if by == "disadvantaged":
        villages = number(said)
        return UNKNOWN if villages is None else "co" if villages > 0 else "khong"
    return _minority(question, said) if by == "ethnicity" else said


def _minority(question: str, said: str) -> str:
    """Return the one minority of the villages that were visited, or how that cannot be said.

    said: the times of the repeat, as JSON. A village of Kinh and Tày is one with Tày.
    """
    groups = {
        group
        for row in json.loads(said or "[]")
        for path, answer in row.items()
        if path.rpartition("/")[2] == question
        for group in answer.split()
    }
    minorities = groups - {MAJORITY}
    if len(minorities) > 1:
        return SEVERAL_MINORITIES
    return next(iter(minorities or groups), UNKNOWN)


def _asking(project_id: int, question: str) -> dict[Form, tuple[Schema, Field]]:
    """Return the published forms that ask a question."""
    forms = (
        Form.objects.living()
        .filter(project=project_id, current_version__isnull=False)
        .select_related("current_version")
        .order_by("form_id")
    )
    found = {}
    for form in forms:
        # Loading all of a schema takes longer than looking for a name in it.
        if form.current_version and question in str(form.current_version.schema):
            of_form = schema.load(form.current_version.schema)
            in_villages = question == VILLAGE_QUESTIONS["ethnicity"][0]
            named = (
                f for f in of_form.fields if f.name == question and bool(f.repeat) == in_villages
            )
            field = next(named, None)
            if field is not None:
                found[form] = (of_form, field)
    return found


def _latest_answers(told: QuerySet[Inspection], fields: Iterable[Field]) -> dict[str, str]:
    asked = sorted({(field.repeat, field.path) for field in fields})
    answers = [
        NullIf(KT(f"repeats__{repeat}"), Value("[]", TextField()))
        if repeat
        else NullIf(KT(f"answers__{path}"), Value("", TextField()))
        for repeat, path in asked
    ]
    rows = (
        told.annotate(said=answers[0] if len(answers) == 1 else Coalesce(*answers))
        .filter(said__isnull=False)
        .exclude(pk__in=in_doubt())
        .order_by("unit", F("visit_date").desc(nulls_last=True), "-submission__created_at", "-pk")
        .distinct("unit")
        .values_list("unit", "said")
    )
    return {str(unit): str(said) for unit, said in rows}
