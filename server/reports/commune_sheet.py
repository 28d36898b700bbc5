"""One commune on one sheet: its results over time, what is open, who was there, what it was before.

Results are those of the tables, from approved records alone. Single records, recommendations and
photos are for those who answer for the commune. However many inspections there are, the number of
queries is the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.db.models import F

from server.communes.crosswalk import compared
from server.communes.models import AdminUnit, Level
from server.communes.problems import UnitUnknown
from server.communes.succession import successors_of
from server.entities.models import of_communes
from server.forms import rules
from server.forms.findings import Condition
from server.forms.models import Form
from server.inspections import recommendations
from server.inspections.asked import asked_by
from server.inspections.commune_rows import note_of
from server.inspections.models import Finding, Inspection, Status
from server.inspections.overview import published_forms
from server.inspections.readers import reader
from server.inspections.recommendation_register import Row, rows
from server.inspections.record_photos import questions_of_file
from server.inspections.visit_days import in_doubt
from server.projects.models import Membership
from server.reports.selection import Selection, select
from server.submissions.models import Submission, SubmissionAttachment, Thumbnails

COLUMNS = 4  # periods shown of each form, the latest
VISITS = 12  # shown
PHOTOS = 8
RECOMMENDATIONS = 20

_WORST_FIRST = (
    Status.KHONG_DAT,
    Status.CHUA_DU_CAN_CU,
    Status.DAT,
    Status.KHONG_AP_DUNG,
    "",
)

Period = tuple[int, str]  # year of the data, h1 or fy


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the latest inspection of one form came to in one period; of workplaces the worst."""

    status: str  # a Status, or ""
    visit_date: dt.date | None
    note: str  # why it is only for now; "" where the set in force gave it
    conditions: Mapping[str, str]  # {code: status}
    instance_id: str


@dataclass(frozen=True, slots=True)
class FormHistory:
    """One form over time."""

    form_id: str
    title: str
    conditions: tuple[Condition, ...]
    periods: tuple[Period, ...]  # oldest first
    outcomes: Mapping[Period, Outcome]

    @property
    def has_unverified(self) -> bool:
        """Tell whether somebody has yet to compare a threshold with the law."""
        return not all(condition.is_verified for condition in self.conditions)

    @property
    def latest(self) -> Outcome | None:
        """Return how it stands now."""
        return self.outcomes[self.periods[-1]] if self.periods else None


@dataclass(frozen=True, slots=True)
class Photo:
    """One picture of a visit that anybody who may see the record may look at."""

    form_id: str
    instance_id: str
    name: str
    visit_date: dt.date | None


@dataclass(frozen=True, slots=True)
class Followed:
    """What is there for those who answer for the commune."""

    recommendations: tuple[Row, ...]  # open ones, the next deadline first
    open: int
    visits: tuple[Submission, ...]  # the latest first; with form, inspection and unit
    photos: tuple[Photo, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """All of it."""

    unit: AdminUnit
    forms: tuple[FormHistory, ...]
    whole: tuple[AdminUnit, ...]  # units of before that lie in it wholly
    partly: tuple[AdminUnit, ...]  # and with a part only
    became: tuple[AdminUnit, ...]  # of one that is no more
    followed: Followed | None


def sheet(membership: Membership, uid: str, today: dt.date) -> Sheet:
    """Return one commune for one reader. Raises UnitUnknown."""
    unit = AdminUnit.objects.filter(uid=uid, level=Level.COMMUNE).first()
    if unit is None:
        raise UnitUnknown(unit=uid[:40])
    forms = published_forms(membership.project_id)
    whole, partly = _before(unit)
    return Sheet(
        unit=unit,
        forms=tuple(_histories(unit, forms)),
        whole=whole,
        partly=partly,
        became=_became(unit, today),
        followed=_followed(membership, unit) if reader(membership).sees(uid) else None,
    )


def _before(unit: AdminUnit) -> tuple[tuple[AdminUnit, ...], tuple[AdminUnit, ...]]:
    if unit.valid_from is None:
        return (), ()
    table = compared(unit.valid_from - dt.timedelta(days=1), unit.valid_from, unit=unit.uid)
    for row in table.rows:
        if row.unit.uid == unit.uid:
            return row.whole, row.partly
    return (), ()


def _became(unit: AdminUnit, today: dt.date) -> tuple[AdminUnit, ...]:
    if unit.valid_to is None or unit.valid_to > today:
        return ()
    uids = [successor.uid for successor in successors_of([unit.uid], today)[unit.uid]]
    return tuple(AdminUnit.objects.filter(uid__in=uids).in_vietnamese_order())


def _histories(unit: AdminUnit, forms: Sequence[Form]) -> Iterator[FormHistory]:
    latest = _latest(unit, forms)
    told: dict[int, dict[str, str]] = {}
    findings = Finding.objects.filter(inspection__in=[one.pk for one in latest])
    for pk, condition, status in findings.values_list("inspection", "condition", "status"):
        told.setdefault(pk, {})[condition] = status
    for form in forms:
        outcomes = {
            (year, period): _outcome(list(same), told)
            for (year, period), same in groupby(
                (one for one in latest if one.form_id == form.pk),
                key=lambda one: (one.year or 0, one.period),
            )
        }
        # "fy" before "h1" as text, after it in the year.
        in_order = sorted(outcomes, key=lambda period: (period[0], period[1] == "fy"))
        version = form.current_version
        if version is not None:
            yield FormHistory(
                form_id=form.form_id,
                title=version.title,
                conditions=rules.in_force(version).conditions,
                periods=tuple(in_order[-COLUMNS:]),
                outcomes=outcomes,
            )


def _outcome(same: Sequence[Inspection], told: Mapping[int, Mapping[str, str]]) -> Outcome:
    """Return what the latest inspections of one form and period came to: of workplaces the worst.

    As in `overview`.
    """
    worst = min(same, key=lambda one: _WORST_FIRST.index(one.result))
    conditions = dict[str, str]()
    for one in same:
        for code, status in told.get(one.pk, {}).items():
            conditions[code] = min(status, conditions.get(code, status), key=_WORST_FIRST.index)
    days = [one.visit_date for one in same if one.visit_date is not None]
    return Outcome(
        worst.result,
        max(days, default=None),
        note_of(worst),
        conditions,
        worst.submission.instance_id,
    )


def _latest(unit: AdminUnit, forms: Sequence[Form]) -> list[Inspection]:
    """Return the latest approved inspection of each form, period and workplace, in that order."""
    found = (
        Inspection.objects.filter(form__in=forms, unit=unit, year__isnull=False)
        .exclude(period="")
        .approved()
        .exclude(pk__in=in_doubt())
        .order_by(
            "form",
            "year",
            "period",
            "subject",
            F("visit_date").desc(nulls_last=True),
            "-submission__created_at",
            "-pk",
        )
        .distinct("form", "year", "period", "subject")
        .select_related("submission")
        .defer("answers", "repeats")
    )
    return list(found)


def _followed(membership: Membership, unit: AdminUnit) -> Followed:
    theirs = recommendations.all_open(recommendations.within_scope(membership))
    theirs = theirs.filter(of_communes([unit.uid]))
    visits = list(
        select(membership, Selection(commune=unit.uid))
        .select_related("inspection__unit", "form__current_version", "current_version")
        .order_by(F("inspection__visit_date").desc(nulls_last=True), "-pk")[:VISITS]
    )
    ordered = theirs.order_by(recommendations.DUE_TEXT, "pk")[:RECOMMENDATIONS]
    return Followed(
        recommendations=tuple(rows(membership, ordered)),
        open=theirs.count(),
        visits=tuple(visits),
        photos=tuple(_photos(visits))[:PHOTOS],
    )


def _photos(visits: Iterable[Submission]) -> Iterator[Photo]:
    """Give the photos that are small already; never one that a restricted question asked for."""
    by_version = {one.current_version_id: one for one in visits}
    found = SubmissionAttachment.objects.filter(version__in=by_version, is_expected=True)
    files = list(found.order_by("-version", "pk").values_list("version", "name", "sha256"))
    small = Thumbnails.objects.in_bulk({sha256 for _, _, sha256 in files})
    seen = set[tuple[int, str]]()
    for version, name, sha256 in files:
        visit = by_version[version]
        if sha256 in small and (version, name) not in seen and _is_open(visit, name):
            seen.add((version, name))
            day = visit.inspection.visit_date
            yield Photo(visit.form.form_id, visit.instance_id, name, day)


def _is_open(visit: Submission, name: str) -> bool:
    version = visit.current_version
    if version is None:
        return False
    asked = asked_by(version.form_version_id)
    questions = questions_of_file(visit.inspection, name, asked)
    return bool(questions) and not any(asked.is_restricted(path) for path in questions)
