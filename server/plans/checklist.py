"""What to look at before the figures of a period are frozen, and how the periods stand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q
from django.db.models.fields.json import KeyTextTransform, KeyTransform

from server.forms.models import Form
from server.inspections import flag_review, review
from server.inspections.crosswalk import LAST_DAY, indicators_of
from server.inspections.expected import Covered
from server.inspections.models import Inspection
from server.inspections.readers import Reader, reader
from server.inspections.sensitive import sensitive_codes
from server.plans import period
from server.plans.coverage import coverages
from server.plans.models import Period, PeriodCode, Snapshot
from server.projects.models import Membership
from server.submissions.models import ReviewState


@dataclass(frozen=True, slots=True)
class Covering:
    """How many communes one form has come to in a period."""

    form_id: str
    title: str
    visited: int
    planned: int  # in the year, and not visited
    communes: int  # of the period's last day


@dataclass(frozen=True, slots=True)
class Unfounded:
    """A ratio that some approved inspections do not tell: they lack what it is taken of."""

    form_id: str
    title: str
    code: str
    label: str
    missing: int
    of: int  # approved inspections


@dataclass(frozen=True, slots=True)
class Checklist:
    """Of one period, for one person: their communes' records, and the province's coverage."""

    approved: int
    to_review: int
    returned: int
    severe: int  # undecided, with a severe flag that nobody has justified
    quarantined: int
    coverage: tuple[Covering, ...]
    unfounded: tuple[Unfounded, ...]

    @property
    def is_clear(self) -> bool:
        """Tell whether nothing waits for anybody."""
        return not (self.to_review or self.returned or self.severe or self.quarantined)


@dataclass(frozen=True, slots=True)
class Standing:
    """One period in the list of them."""

    name: period.Name
    due_on: dt.date  # the first day that is too late
    days_left: int  # until the last day that is in time; below 0 when that is over
    locked_at: dt.datetime | None
    snapshot: Snapshot | None  # the latest, its number and hash alone


def checklist(membership: Membership, name: period.Name, language: str) -> Checklist:
    """Return what there is to look at in a period; its queries grow with the forms alone."""
    forms = list(
        Form.objects.living()
        .filter(project=membership.project_id, current_version__isnull=False)
        .select_related("current_version")
        .order_by("form_id")
    )
    person = reader(membership)
    of_period = Q(inspection__year=name.year, inspection__period=name.code)
    theirs = review.within_scope(membership).filter(of_period)
    counted = theirs.aggregate(
        approved=Count("pk", filter=Q(review_state=ReviewState.APPROVED)),
        to_review=Count("pk", filter=Q(review_state__in=review.WAITING)),
        returned=Count("pk", filter=Q(review_state=ReviewState.HAS_ISSUES)),
    )
    # Apart: as a filter it is asked of those that have such a flag, as a count of every record.
    undecided = theirs.filter(review_state__in=review.UNDECIDED)
    return Checklist(
        **counted,
        severe=undecided.filter(flag_review.with_open_severe()).count(),
        quarantined=review.quarantined_within(membership).filter(decided_at=None).count(),
        coverage=_coverage([form for form in forms if _title(form)[1]], name),
        unfounded=tuple(
            found for form in forms for found in _unfounded(form, name, language, person)
        ),
    )


def periods(project_id: int, today: dt.date) -> list[Standing]:
    """Return the periods of this year and the last, and whichever was touched, the newest first."""
    touched = {(row.year, row.code): (row, made) for row, made in period.touched(project_id)}
    years = {today.year, today.year - 1, *(year for year, _ in touched)}
    found = []
    for year in sorted(years, reverse=True):
        for code in (PeriodCode.FY, PeriodCode.H1):
            untouched = Period(project_id=project_id, year=year, code=code), None
            row, made = touched.get((year, code), untouched)
            due = period.due_on(row)
            left = (due - today).days - 1
            found.append(Standing(period.Name(year, code), due, left, row.locked_at, made))
    return found


def snapshots(project_id: int, name: period.Name) -> Sequence[Snapshot]:
    """Return what was frozen of a period, the newest first, without the figures themselves."""
    found = Snapshot.objects.filter(
        period__project=project_id, period__year=name.year, period__code=name.code
    )
    return list(found.defer("content").select_related("made_by").order_by("-number"))


def _title(form: Form) -> tuple[str, bool]:
    """Return what a form is called, and whether it judges communes."""
    version = form.current_version
    return (
        (version.title, version.rule_version_id is not None) if version else (form.form_id, False)
    )


def _coverage(forms: Sequence[Form], name: period.Name) -> tuple[Covering, ...]:
    on_date = dt.date(name.year, *LAST_DAY[name.code])
    found = coverages(forms, year=name.year, period=name.code, on_date=on_date)
    return tuple(
        Covering(
            one.form_id,
            _title(form)[0],
            one.count(Covered.VISITED),
            one.count(Covered.PLANNED),
            len(one.communes),
        )
        for form, one in zip(forms, found, strict=True)
    )


def _unfounded(form: Form, name: period.Name, language: str, person: Reader) -> list[Unfounded]:
    """Return them; sensitive ones only to who sees all: how many told one is not for others."""
    asked = indicators_of(form)
    hidden = frozenset[str]() if person.sees_all else sensitive_codes(asked)
    ratios = [each for each in asked if each.of and each.code not in hidden]
    if not ratios:
        return []
    known = {
        f"of_{place}": KeyTextTransform("d", KeyTransform(each.code, "indicators"))
        for place, each in enumerate(ratios)
    }
    lacks = {f"lacks_{alias}": Count("pk", filter=Q(**{alias: None})) for alias in known}
    approved = Inspection.objects.filter(form=form).approved().of_data(name.year, name.code)
    found = approved.alias(**known).aggregate(all=Count("pk"), **lacks)
    return [
        Unfounded(
            form.form_id,
            _title(form)[0],
            each.code,
            each.label.get(language) or each.label.get("vi") or each.code,
            missing,
            found["all"],
        )
        for place, each in enumerate(ratios)
        if (missing := found[f"lacks_of_{place}"])
    ]
