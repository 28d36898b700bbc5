"""The inspections of the demonstration, filled in as inspectors would have done it on their phones.

Calculated questions (the status of each condition, the result) hold what the server's own scoring
gives for the answers: the same rules that a phone calculates in XPath. So the demonstration shows
what happens when both agree; that they do agree is proven elsewhere, with the phone's own engine.
"""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from server.forms.findings import Conditions
from server.inspections import scoring
from sync.collect import Outgoing
from sync.demo import follow_ups, other_forms
from sync.demo.conclusions import Recommended, conclusion, recommended
from sync.demo.conditions import CONDITIONS, CORE, Answered, Scene
from sync.demo.filling import Answers, BlankForm, Filled, fill
from sync.demo.follow_ups import FollowUp
from sync.demo.photos import photo
from sync.demo.recommendations import ADVICE, WHY_NO_POINT, Advice
from sync.demo.rounds import MAIN_FORM, Visit

AUDIT = "audit.csv"
_LOCAL = dt.timezone(dt.timedelta(hours=7))
_HOURS = (8, 13, 15)  # of the first, the second, the third inspection of a day
_NAMESPACE = uuid.UUID("6f0f8a1c-33a5-5c0e-9d3e-8f1a5b1c2d18")  # made up, of this module alone
_END_OF_LABOUR_DEPARTMENTS = dt.date(2025, 3, 1)


class Sending(Enum):
    """What a phone sends."""

    INSPECTION = "inspection"
    CORRECTION = "correction"
    FOLLOW_UP = "follow-up"


@dataclass(frozen=True, slots=True)
class Inspection:
    """One inspection as it lies on a phone, ready to send."""

    instance_id: str
    xml: bytes
    audit: str
    photos: Mapping[str, str]  # {file name: seed of its picture}; only those that the phone sends
    day: dt.date
    kind: Sending = Sending.INSPECTION

    def files(self) -> list[Outgoing]:
        """Return the files that the phone sends along."""
        pictures = [Outgoing(n, photo(seed), "image/png") for n, seed in self.photos.items()]
        return [*pictures, Outgoing(AUDIT, self.audit.encode(), "text/csv")]


@dataclass(frozen=True, slots=True)
class Desk:
    """What every phone of the demonstration has: the form, and who holds the phone."""

    form: BlankForm
    conditions: Conditions
    inspectors: tuple[str, ...]  # usernames, as in inspectors.csv


def inspections(visit: Visit, desk: Desk) -> tuple[Inspection, ...]:
    """Return what a visit sends: the inspection, and after it the correction where there is one."""
    return _arrivals(visit, desk, _sat(visit, desk))


def played(visit: Visit, desks: Mapping[str, Desk]) -> Iterator[Inspection]:
    """Yield all that comes of a visit, in the order in which it is sent, follow-ups last."""
    desk = desks[visit.form_id]
    sat = _sat(visit, desk)
    yield from _arrivals(visit, desk, sat)
    form = desks[follow_ups.FORM_ID].form
    header = _header(visit, desk, _rng(visit, "answers")) | dict(form.constants)
    for one in sat.recommended:
        seen = follow_ups.follow_up(visit, one, form, header)
        if seen is not None:
            yield _followed_up(visit, one, seen, form)


@dataclass(frozen=True, slots=True)
class _Sat:
    """An inspection that was filled in, and what it recommends."""

    filled: Filled
    recommended: Sequence[Recommended]


def _arrivals(visit: Visit, desk: Desk, sat: _Sat) -> tuple[Inspection, ...]:
    first = sat.filled
    photos = {name: f"{visit.key} {name}" for name in _photo_names(visit)}
    audit = _audit(visit, first, desk.form.paths)
    sent = dict(list(photos.items())[:-1]) if visit.is_photo_missing else photos
    arrived = Inspection(first.instance_id, fill(desk.form, first), audit, sent, visit.day)
    if not visit.is_edited:
        return (arrived,)
    edit = _corrected(first, visit)
    return arrived, Inspection(
        edit.instance_id, fill(desk.form, edit), audit, photos, visit.day, Sending.CORRECTION
    )


def _followed_up(visit: Visit, one: Recommended, seen: FollowUp, form: BlankForm) -> Inspection:
    filled = replace(
        seen.filled, instance_id=_instance_id(f"follow-up {one.entity.uuid}"), audit=AUDIT
    )
    photos = {seen.photo: f"{one.entity.uuid} {seen.photo}"} if seen.photo else {}
    audit = _audit(replace(visit, day=seen.day), filled, form.paths)
    return Inspection(
        filled.instance_id, fill(form, filled), audit, photos, seen.day, Sending.FOLLOW_UP
    )


def _sat(visit: Visit, desk: Desk) -> _Sat:
    rng = _rng(visit, "answers")
    if visit.form_id == MAIN_FORM:
        return _main_form(visit, desk, rng)
    header = _header(visit, desk, rng)
    sitting = other_forms.sit(visit, desk.form, header, _photo_names(visit), rng)
    return _ended(visit, sitting.answers, sitting.repeats, sitting.recommended)


def _main_form(visit: Visit, desk: Desk, rng: random.Random) -> _Sat:
    statuses = _statuses(visit, rng)
    answers = _header(visit, desk, rng)
    recommendations = recommended(visit, _given(visit, statuses, rng), rng)
    photos = _photos(visit, statuses, rng)
    if visit.is_in_scope:
        answers |= _conditions(visit, statuses, rng)
    answers |= _calculated(answers, desk)
    if visit.is_in_scope:
        answers |= conclusion(visit, answers["z_result"], rng)
        answers |= {
            "z_has_rec": "yes" if recommendations else "no",
            "z_has_photo": "yes" if photos else "no",
        }
    rows = [each.row for each in recommendations]
    return _ended(visit, answers, {"z_rec": rows, "z_photo": photos}, recommendations)


def _ended(
    visit: Visit,
    answers: Answered,
    repeats: Mapping[str, Sequence[Answers]],
    recommendations: Sequence[Recommended],
) -> _Sat:
    if visit.is_miscalculated:
        # A client that does not calculate as a phone does; the server flags result_differs.
        result = "dat" if answers["z_result"] != "dat" else "khong_dat"
        answers = {**answers, "z_result": result}
    filled = Filled(
        instance_id=_instance_id(visit.key),
        instance_name=f"{visit.unit.label}, {visit.day:%d/%m/%Y}",
        answers={**answers, "z_minutes": _minutes(visit), "z_ok": "OK"},
        repeats=repeats,
        audit=AUDIT,
        row_entities={"z_rec": [each.entity for each in recommendations]},
    )
    return _Sat(filled, recommendations)


def _corrected(first: Filled, visit: Visit) -> Filled:
    """Return the same inspection once the minutes were signed."""
    return replace(
        first,
        instance_id=_instance_id(f"{visit.key} corrected"),
        deprecated_id=first.instance_id,
        answers={**first.answers, "z_minutes": f"{_minutes(visit)} (đã ký)"},
    )


def _instance_id(key: str) -> str:
    return f"uuid:{uuid.uuid5(_NAMESPACE, key)}"


def _rng(visit: Visit, purpose: str) -> random.Random:
    return random.Random(f"{purpose} {visit.key}")  # noqa: S311  (no secret)


def _statuses(visit: Visit, rng: random.Random) -> dict[str, str]:
    """Return what each condition is to come out as, so that the whole does as the visit says."""
    statuses = {
        code: rng.choices(("dat", "khong_dat", "chua_du_can_cu"), (70, 15, 15))[0]
        for code in CONDITIONS
    }
    statuses |= dict.fromkeys(CORE, "dat")
    if visit.outcome != "dat":
        for code in rng.sample(CORE, rng.choice((1, 1, 2, 3))):
            statuses[code] = visit.outcome
    return statuses


def _header(visit: Visit, desk: Desk, rng: random.Random) -> dict[str, str]:
    inspector = desk.inspectors[visit.inspector % len(desk.inspectors)]
    day = visit.day
    begun = f"{_HOURS[visit.turn]:02d}:{rng.randint(0, 45):02d}"
    old_department = day < _END_OF_LABOUR_DEPARTMENTS
    lead = rng.choice(("so_ldtbxh" if old_department else "so_noi_vu", "ban_vstbpn_tinh"))
    gps = ""
    if visit.point is not None:
        lon, lat = visit.point
        gps = f"{lat} {lon} {rng.randint(20, 600)}.0 {visit.accuracy_m}"
    return {
        "start": f"{day}T{begun}:12.000+07:00",
        "end": f"{day}T{_HOURS[visit.turn] + 2:02d}:{rng.randint(10, 59)}:40.000+07:00",
        "today": f"{day}",
        "deviceid": f"collect:demo{visit.inspector:012d}",
        "username": inspector,
        **desk.form.constants,
        "h_date": f"{day}",
        "h_ymd": f"{day:%Y%m%d}",
        "h_period": visit.period,
        "h_year": f"{visit.year}",
        "h_plan_no": f"{rng.randint(20, 400)}/QĐ-SNV, {rng.randint(1, 28):02d}/03/{day.year}",
        "h_lead": lead,
        "h_joint": rng.choice(("", "hoi_lhpn_tinh", "hoi_lhpn_tinh so_tu_phap", "so_y_te")),
        "h_inspector_known": "1",
        "h_inspector": inspector,
        "h_sel_reason": _reason(visit, rng),
        "h_area": visit.unit.area,
        "h_commune": visit.unit.uid,
        "h_commune_fits": "1",
        "h_commune_name": visit.unit.label,
        "h_unit_type": visit.unit.type,
        "h_scope": "yes" if visit.is_in_scope else "no",
        "h_roles": "lanh_dao_ubnd cong_chuc_vhxh chu_tich_hoi_lhpn",
        "h_gps_place": rng.choice(("tru_so_ubnd", "tru_so_ubnd", "nha_van_hoa_xom")),
        "h_gps": gps,
        **({} if gps else {"h_gps_why": rng.choice(WHY_NO_POINT)}),
    }


def _reason(visit: Visit, rng: random.Random) -> str:
    if visit.period == "followup":
        return "kiem_tra_lai"
    return rng.choice(("ke_hoach", "ke_hoach", "noi_com", "nu_thap"))


def _conditions(visit: Visit, statuses: Mapping[str, str], rng: random.Random) -> dict[str, str]:
    villages = rng.randint(8, 38)
    answers = {
        "a_level": rng.choice(("chua_dat", "ntm", "ntm", "ntm_nang_cao")),
        "a_villages": str(villages),
    }
    for code, answered in CONDITIONS.items():
        answers |= answered(Scene(rng, statuses[code], visit.period, visit.year, villages))
    return answers


def _calculated(answers: Mapping[str, str], desk: Desk) -> dict[str, str]:
    paths = desk.form.paths
    flat = {paths[name]: text for name, text in answers.items() if name in paths}
    scored = scoring.score(desk.conditions, flat)
    status = {finding.condition: finding.status for finding in scored.findings}
    return {
        **{_name(c.calculate): status[c.code] for c in desk.conditions.conditions},
        "z_result": scored.result,
        "z_failed": " ".join(code for code, it in status.items() if it == "khong_dat"),
        "z_open": " ".join(code for code, it in status.items() if it == "chua_du_can_cu"),
    }


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]


def _minutes(visit: Visit) -> str:
    return f"{_rng(visit, 'minutes').randint(10, 300)}/BB-ĐKT"


def _audit(visit: Visit, filled: Filled, paths: Mapping[str, str]) -> str:
    """Return the log that Collect keeps of a sitting: which question was open from when to when."""
    rng = _rng(visit, "audit")
    opened = dt.time(_HOURS[visit.turn], 50, tzinfo=_LOCAL)
    at = int(dt.datetime.combine(visit.day, opened).timestamp() * 1000)
    lines = ["event,node,start,end", f"form start,,{at},"]
    for name in filled.answers:
        if "/" in (path := paths.get(name, "")):  # calculations of the form stand in no group
            begun, at = at, at + rng.randrange(3_000, 40_000)
            lines.append(f"question,/data/{path},{begun},{at}")
    return "\n".join([*lines, f"form finalize,,{at},", ""])


def _given(
    visit: Visit, statuses: Mapping[str, str], rng: random.Random
) -> list[tuple[str, Advice]]:
    if not visit.is_in_scope:
        return []
    failing = [code for code in CORE if statuses[code] == "khong_dat"]
    given = [(code, rng.choice(ADVICE[code])) for code in failing]
    if statuses["A1"] != "dat" or rng.random() < 0.4:
        given.append((rng.choice(("A1", "A2", "A12")), rng.choice(ADVICE[""])))
    return given


def _photo_names(visit: Visit) -> list[str]:
    if not visit.is_in_scope:
        return []  # the form asks a phường for nothing but where and when
    # Collect names a photo by the millisecond in which it was taken.
    noon = dt.datetime.combine(visit.day, dt.time(12), dt.UTC)
    taken = int(noon.timestamp() * 1000) + _rng(visit, "photos").randrange(3_600_000)
    return [f"{taken + number * 41_237}.png" for number in range(visit.photos)]


def _photos(visit: Visit, statuses: Mapping[str, str], rng: random.Random) -> list[dict[str, str]]:
    if not visit.is_in_scope:
        return []
    proven = [code for code, status in statuses.items() if status == "dat"]
    return [
        {
            "zp_kind": rng.choice(("van_ban", "van_ban", "bien_ban", "bang_tin")),
            "zp_img": name,
            "zp_cond": rng.choice(proven),
            "zp_ok": "OK",
        }
        for name in _photo_names(visit)
    ]
