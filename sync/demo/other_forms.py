"""The inspections of the demonstration with the three other forms: Project 8, general, workplaces.

What is asked and what it comes to is calculated from the form itself (`sync.demo.calculating`).
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sync.demo import general, project_8, workplaces
from sync.demo.advice import OTHER_ADVICE
from sync.demo.calculating import answered
from sync.demo.conclusions import Recommended, conclusion, recommended
from sync.demo.conditions import DAT, KHONG_DAT, UNKNOWN, Answered
from sync.demo.filling import Answers, BlankForm
from sync.demo.recommendations import ADVICE, Advice
from sync.demo.rounds import Visit
from sync.demo.told import Told

CORE: Mapping[str, tuple[str, ...]] = {
    "kt_da8": project_8.CORE,
    "kt_bdg": general.CORE,
    "kt_ldn": workplaces.CORE,
}
_OTHERS: Mapping[str, tuple[str, ...]] = {
    "kt_da8": project_8.OTHERS,
    "kt_bdg": general.OTHERS,
    "kt_ldn": workplaces.OTHERS,
}
_OWNERS = {"kt_da8": "ubnd_xa", "kt_bdg": "nguoi_dung_dau", "kt_ldn": "nguoi_su_dung_ld"}
SHARES = (84, 8, 8)  # met, not met, not proven: of conditions that the result does not hang on


@dataclass(frozen=True, slots=True)
class Sitting:
    """What was answered, recommended and photographed."""

    answers: Answered
    repeats: Mapping[str, Sequence[Answers]]
    recommended: Sequence[Recommended]


def sit(
    visit: Visit, form: BlankForm, header: Answered, photos: Sequence[str], rng: random.Random
) -> Sitting:
    """Return a whole inspection. photos: names of the files."""
    statuses = _statuses(visit, rng)
    told = Told(rng, statuses, visit.period, visit.year, visit.day)
    given = {**header, **_unit(visit, told), **_answers(visit, told)}
    rows = {"b_village": project_8.villages(told)} if visit.form_id == "kt_da8" else {}
    scored = answered(form, given, rows).answers
    recommendations = recommended(visit, _given(visit, scored, rng), rng)
    given |= conclusion(visit, scored["z_result"], rng)
    given |= {
        "z_has_rec": "yes" if recommendations else "no",
        "z_has_photo": "yes" if photos else "no",
    }
    whole = answered(
        form,
        given,
        {
            **rows,
            "z_rec": [each.row for each in recommendations],
            "z_photo": _photos(visit, photos, scored, rng),
        },
    )
    return Sitting(whole.answers, whole.repeats, recommendations)


def _statuses(visit: Visit, rng: random.Random) -> dict[str, str]:
    """Return what each condition is to come out as, so that the whole does as the visit says."""
    core, others = CORE[visit.form_id], _OTHERS[visit.form_id]
    statuses = dict.fromkeys(core, DAT)
    statuses |= {code: rng.choices((DAT, KHONG_DAT, UNKNOWN), SHARES)[0] for code in others}
    if visit.outcome != DAT:
        usual = [code for code in core if code not in workplaces.RARELY_FAIL]
        for code in rng.sample(usual, rng.choice((1, 1, 2, 3))):
            statuses[code] = visit.outcome
    return statuses


def _unit(visit: Visit, told: Told) -> Answered:
    """Return which unit was inspected, where the form does not tell by itself."""
    unit = {"h_commune_type": visit.unit.type, "h_unit_type": visit.unit.type}
    if visit.form_id == "kt_bdg" and _is_provincial(visit):
        unit["h_unit_type"], unit["h_unit"] = general.provincial(visit.unit)
    if visit.form_id == "kt_ldn":
        unit |= {"h_gps_place": "cong_doanh_nghiep", "h_roles": "chu_su_dung_ld cong_doan"}
        unit["h_sel_reason"] = told.rng.choice(("ke_hoach", "nhieu_ld_nu"))
    return unit


def _is_provincial(visit: Visit) -> bool:
    """Tell whether a body of the province was inspected: they sit in the wards of today."""
    return visit.unit.type == "phuong" and bool(visit.unit.valid_from)


def _answers(visit: Visit, told: Told) -> Answered:
    if visit.form_id == "kt_da8":
        return project_8.answers(told)
    if visit.form_id == "kt_ldn":
        return workplaces.answers(told, visit.unit)
    return general.answers(told, is_local=not _is_provincial(visit))


def _given(visit: Visit, scored: Mapping[str, str], rng: random.Random) -> list[tuple[str, Advice]]:
    advice = OTHER_ADVICE[visit.form_id]
    failing = [code for code in advice if scored.get(f"f_{code.lower()}") == KHONG_DAT]
    given = [(code, rng.choice(advice[code])) for code in failing]
    unproven = scored["z_open"].split()
    if unproven and rng.random() < 0.5:
        given.append((unproven[0], replace(ADVICE[""][0], owner=_OWNERS[visit.form_id])))
    return given


def _photos(
    visit: Visit, names: Sequence[str], scored: Mapping[str, str], rng: random.Random
) -> list[Answered]:
    proven = [code for code in CORE[visit.form_id] if scored.get(f"f_{code.lower()}") == DAT]
    return [
        {
            "zp_kind": rng.choice(("van_ban", "van_ban", "bien_ban", "co_so_vat_chat")),
            "zp_img": name,
            "zp_cond": rng.choice(proven or CORE[visit.form_id]),
            "zp_ok": "OK",
        }
        for name in names
    ]
