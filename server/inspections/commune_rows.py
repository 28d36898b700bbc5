"""One row per commune: its latest counting inspection, and what else there is to say of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from server.communes.models import AdminUnit
from server.communes.succession import Successor, successors_of
from server.forms.eras import standing_note
from server.inspections.expected import Covered, Expected, Reported
from server.inspections.models import Finding, Flag, Inspection, Status
from server.inspections.outstanding import Outstanding, OutstandingByCommune
from server.inspections.subjects import Subjects, worst
from server.inspections.tallies import Share, Tally

NOT_INSPECTED = "chua_kiem_tra"
LABELS: Mapping[str, str] = {**dict(Status.choices), NOT_INSPECTED: "Chưa kiểm tra"}


@dataclass(frozen=True, slots=True)
class Latest:
    """The inspection that a commune's row shows."""

    instance_id: str
    status: str  # its own; of several workplaces the row's is the worst
    visit_date: dt.date | None
    period: str
    review_state: str
    evidence_share: float | None  # 0..1
    gps_status: str
    gps_is_schematic: bool
    flags: tuple[str, ...]
    criteria_set: str  # that judged it; "" where the form judges nothing
    note: str  # why that set judges only for now; "" where it was in force


@dataclass(frozen=True, slots=True)
class FormerUnit:
    """An inspected unit of before a reform that went, wholly or in part, into a row's commune."""

    uid: str
    name: str
    status: str  # of several workplaces the worst
    visit_date: dt.date | None
    is_certain: bool  # the whole unit went there
    note: str  # as of Latest


@dataclass(frozen=True, slots=True)
class CommuneRow:
    """One commune."""

    uid: str
    code: str
    name: str
    type: str
    # A Status, or NOT_INSPECTED. Of several workplaces the worst, as of each condition.
    status: str
    inspections: int  # how many are in the table
    latest: Latest | None
    conditions: Mapping[str, str]  # {condition code: status}
    # {condition code: evidence was seen or copied}, of those that apply and ask for evidence; of
    # several workplaces: at each of them
    documented: Mapping[str, bool]
    gps: Share  # inspections with a valid point, of those in the table
    recommendations: Outstanding | None  # of this form, as they stand now; None: nobody knows
    reports: Mapping[str, Reported | None]  # by period
    coverage: Covered
    former_units: tuple[FormerUnit, ...]
    subjects: Subjects | None  # None where the form is about the commune itself


@dataclass(frozen=True, slots=True)
class Facts:
    """What rows are made of."""

    form_id: str
    year: int
    periods: tuple[str, ...]
    on_date: dt.date
    with_evidence: frozenset[str]  # codes of conditions that ask for it
    latest: Mapping[str, Inspection]  # by unit
    counting: Mapping[str, Sequence[Inspection]]  # by unit, the latest of each workplace
    subjects: Mapping[str, Subjects] | None  # by unit, see CommuneRow
    tallies: Mapping[str | None, Tally]
    outstanding: OutstandingByCommune
    expected: Expected


@dataclass(frozen=True, slots=True)
class _Found:
    """What is looked up for all rows at once."""

    statuses: Mapping[int, Mapping[str, str]]
    documented: Mapping[int, Mapping[str, bool]]
    flags: Mapping[int, tuple[str, ...]]
    former: Mapping[str, tuple[FormerUnit, ...]]
    visited: frozenset[str]


def commune_rows(units: Sequence[AdminUnit], facts: Facts) -> tuple[CommuneRow, ...]:
    """Return a row for each unit, in their order."""
    counted = [one for of_unit in facts.counting.values() for one in of_unit]
    statuses, documented = _findings(counted, facts.with_evidence)
    present = {unit.uid for unit in units}
    counting = {uid for uid, tally in facts.tallies.items() if uid and tally.counting}
    became = successors_of(sorted({*facts.latest, *counting} - present), facts.on_date)
    found = _Found(
        statuses=statuses,
        documented=documented,
        flags=_flags(facts.latest.values()),
        former=_former_units(facts, became),
        visited=visited(counting, became),
    )
    return tuple(_row(unit, facts, found) for unit in units)


def visited(counting: Iterable[str], became: Mapping[str, tuple[Successor, ...]]) -> frozenset[str]:
    """Return the uids of units that were inspected, themselves or all of a part of them."""
    whole = {s.uid for uid in counting for s in became.get(uid, ()) if s.is_certain}
    return frozenset({*counting} | whole)


def _row(unit: AdminUnit, facts: Facts, found: _Found) -> CommuneRow:
    inspection = facts.latest.get(unit.uid)
    counted = facts.counting.get(unit.uid, ())
    tally = facts.tallies.get(unit.uid, Tally())
    key = inspection.pk if inspection else 0
    is_visited = unit.uid in found.visited
    return CommuneRow(
        uid=unit.uid,
        code=unit.code,
        name=unit.name,
        type=unit.type,
        status=worst(one.result for one in counted) if counted else NOT_INSPECTED,
        inspections=tally.inspections,
        latest=_latest(inspection, found.flags.get(key, ())) if inspection else None,
        conditions={
            code: worst(of_code) for code, of_code in _by_code(found.statuses, counted).items()
        },
        documented={
            code: all(of_code) for code, of_code in _by_code(found.documented, counted).items()
        },
        gps=Share(tally.valid_gps, tally.inspections),
        recommendations=facts.outstanding.of(unit.uid, is_inspected=bool(tally.counting)),
        reports={
            period: facts.expected.reported(
                facts.year,
                period,
                first=tally.first_received.get(period),
                since=unit.valid_from,
            )
            for period in facts.periods
        },
        coverage=facts.expected.covered(unit.uid, facts.form_id, facts.year, is_visited=is_visited),
        former_units=found.former.get(unit.uid, ()),
        subjects=None if facts.subjects is None else facts.subjects[unit.uid],
    )


_Said = TypeVar("_Said")


def _by_code(
    found: Mapping[int, Mapping[str, _Said]], counted: Sequence[Inspection]
) -> dict[str, list[_Said]]:
    """Return what several inspections say of each condition."""
    by_code: dict[str, list[_Said]] = {}
    for inspection in counted:
        for code, said in found.get(inspection.pk, {}).items():
            by_code.setdefault(code, []).append(said)
    return by_code


def _latest(inspection: Inspection, flags: tuple[str, ...]) -> Latest:
    return Latest(
        instance_id=inspection.submission.instance_id,
        status=inspection.result,
        visit_date=inspection.visit_date,
        period=inspection.period,
        review_state=inspection.submission.review_state,
        evidence_share=inspection.evidence_share,
        gps_status=inspection.gps_status,
        gps_is_schematic=inspection.gps_is_schematic,
        flags=flags,
        criteria_set=inspection.criteria_set,
        note=note_of(inspection),
    )


def note_of(inspection: Inspection) -> str:
    """Say that an inspection was judged only for now, and why; "" where its set was in force."""
    return standing_note(
        inspection.criteria_set,
        inspection.awaited_set,
        is_provisional=inspection.is_provisional,
    )


def _findings(
    inspections: Iterable[Inspection], with_evidence: frozenset[str]
) -> tuple[dict[int, dict[str, str]], dict[int, dict[str, bool]]]:
    """Return the status of each condition, and whether it rests on a document."""
    statuses: dict[int, dict[str, str]] = {}
    documented: dict[int, dict[str, bool]] = {}
    for pk, condition, status, has_document in (
        Finding.objects.filter(inspection__in=[i.pk for i in inspections])
        .order_by("inspection", "position")
        .values_list("inspection", "condition", "status", "has_document")
    ):
        statuses.setdefault(pk, {})[condition] = status
        if condition in with_evidence and status != Status.KHONG_AP_DUNG:
            documented.setdefault(pk, {})[condition] = has_document
    return statuses, documented


def _flags(inspections: Iterable[Inspection]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    for pk, code in (
        Flag.objects.filter(inspection__in=[i.pk for i in inspections])
        .order_by("inspection", "code")
        .values_list("inspection", "code")
    ):
        found[pk] = (*found.get(pk, ()), code)
    return found


def _former_units(
    facts: Facts, became: Mapping[str, tuple[Successor, ...]]
) -> dict[str, tuple[FormerUnit, ...]]:
    """Return the inspected units that are no more, by the uid of what they became."""
    latest = facts.latest
    gone = AdminUnit.objects.in_bulk([uid for uid in latest if uid in became])
    found: dict[str, tuple[FormerUnit, ...]] = {}
    for uid in sorted(gone, key=lambda uid: (gone[uid].sort_key, uid)):
        for successor in became[uid]:
            former = FormerUnit(
                uid=uid,
                name=gone[uid].name,
                status=worst(one.result for one in facts.counting[uid]),
                visit_date=latest[uid].visit_date,
                is_certain=successor.is_certain,
                note=note_of(latest[uid]),
            )
            found[successor.uid] = (*found.get(successor.uid, ()), former)
    return found
