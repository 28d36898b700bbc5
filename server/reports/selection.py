"""Which records: one vocabulary of filters for the API, for jobs and for pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from server.communes.models import AdminUnit
from server.communes.succession import with_predecessors
from server.communes.vietnamese import search_key
from server.inspections import flag_review, review
from server.inspections.models import Finding, Flag
from server.projects.models import AppUser, Membership
from server.reports.odata.narrowing import narrowed
from server.reports.problems import FilterTooFine
from server.submissions.models import Submission


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked for; what is left empty restricts nothing."""

    form_id: str = ""  # all forms that are not deleted
    version: str | None = None  # of the form, that the current version was filled in with
    year: int | None = None  # of the data
    period: str = ""  # h1, fy
    commune: str = ""  # uid; what was found in the units that it came from belongs to it
    team: str = ""
    states: tuple[str, ...] = ()  # ReviewState
    finding: str = ""  # code of a condition
    finding_status: str = ""  # Status that the finding has
    flag: str = ""
    severe: bool = False  # only with a severe flag that nobody has justified
    result: str = ""  # Status of the whole form
    text: str = ""  # in the commune's, team's or device's name; or how an instanceID begins
    visited_from: dt.date | None = None
    visited_to: dt.date | None = None  # the last day
    received_from: dt.date | None = None  # days where the inspections are made
    received_to: dt.date | None = None
    odata: str = ""  # a `$filter` on OData's table Submissions

    @property
    def is_one_place_or_period(self) -> bool:
        """Tell whether it keeps to one commune, or to one period of a year."""
        return bool(self.commune or (self.year and self.period))


_DAYS = ("visited_from", "visited_to", "received_from", "received_to")


def dump(asked: Selection) -> dict[str, Any]:
    """Return a selection as JSON keeps it, without what restricts nothing."""
    kept = {name: value for name, value in asdict(asked).items() if value}
    if asked.version is not None:
        kept["version"] = asked.version  # also "", the version of a form that names none
    return {
        name: value.isoformat() if isinstance(value, dt.date) else value
        for name, value in kept.items()
    }


def load(kept: Mapping[str, Any]) -> Selection:
    """Return what `dump` made JSON of."""
    days = {name: dt.date.fromisoformat(kept[name]) for name in _DAYS if name in kept}
    return Selection(**{**kept, **days, "states": tuple(kept.get("states", ()))})


def without_words(kept: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what `dump` made without what was searched for: it may be somebody's name."""
    return {**kept, "text": "…"} if "text" in kept else kept


def select(membership: Membership, asked: Selection) -> QuerySet[Submission]:
    """Return the living submissions that are asked for and that a person may see.

    Raises FilterMalformed, FilterUnsupported, FilterFieldUnsupported.
    """
    return _with_text(_narrowed(review.within_scope(membership), asked), membership, asked.text)


def select_deidentified(membership: Membership, asked: Selection) -> QuerySet[Submission]:
    """Return those of a de-identified file, which whoever sees no records gets of approved ones.

    Raises FilterTooFine for a filter that would tell what such a file hides: whom a team is, what
    made somebody look twice, on which day of a month something was.
    """
    _refuse_fine(asked)
    sees_records = membership.role in review.REVIEWERS
    found = review.within_scope(membership) if sees_records else review.approved(membership)
    return _narrowed(found, asked)


def _refuse_fine(asked: Selection) -> None:
    if asked.team:
        raise FilterTooFine(field="team", reason=_NAMED, reason_en=_NAMED_EN)
    if asked.text:
        raise FilterTooFine(field="q", reason=_NAMED, reason_en=_NAMED_EN)
    if asked.flag or asked.severe:
        raise FilterTooFine(field="flag", reason=_LOOKED_AT, reason_en=_LOOKED_AT_EN)
    if asked.odata:
        raise FilterTooFine(field="$filter", reason=_NAMED, reason_en=_NAMED_EN)
    for name in ("visited_from", "received_from"):
        day = getattr(asked, name)
        if day is not None and day.day != 1:
            raise FilterTooFine(field=name, reason=_FIRST, reason_en=_FIRST_EN)
    for name in ("visited_to", "received_to"):
        day = getattr(asked, name)
        after = _after(day)
        if after is not None and after.day != 1:
            raise FilterTooFine(field=name, reason=_LAST, reason_en=_LAST_EN)


_NAMED, _NAMED_EN = "tên đoàn được thay bằng mã.", "teams go by names made up for the file."
_LOOKED_AT, _LOOKED_AT_EN = "tệp không cho biết hồ sơ nào bị nghi vấn.", "it tells of no doubts."
_FIRST, _FIRST_EN = "dùng ngày đầu tháng.", "use the first day of a month."
_LAST, _LAST_EN = "dùng ngày cuối tháng.", "use the last day of a month."


def _narrowed(found: QuerySet[Submission], asked: Selection) -> QuerySet[Submission]:
    exact = {
        "form__form_id": asked.form_id or None,
        "form__deleted_at__isnull": None if asked.form_id else True,
        "inspection__result": asked.result or None,
        "current_version__form_version__version": asked.version,
        "inspection__year": asked.year,
        "inspection__period": asked.period or None,
        "current_version__app_user__team": asked.team or None,
        "inspection__visit_date__gte": asked.visited_from,
        "inspection__visit_date__lte": asked.visited_to,
        "created_at__gte": _midnight(asked.received_from),
        "created_at__lt": _midnight(_after(asked.received_to)),
        "review_state__in": asked.states or None,
    }
    found = found.filter(**{name: value for name, value in exact.items() if value is not None})
    if asked.commune:
        found = found.filter(inspection__unit__in=with_predecessors([asked.commune]))
    if asked.flag:
        flags = Flag.objects.filter(inspection__submission=OuterRef("pk"), code=asked.flag)
        found = found.filter(Exists(flags))
    if asked.severe:
        found = found.filter(flag_review.with_open_severe())
    return narrowed(_with_finding(found, asked), asked.odata)


def _with_finding(found: QuerySet[Submission], asked: Selection) -> QuerySet[Submission]:
    if not (asked.finding or asked.finding_status):
        return found
    exact = {"condition": asked.finding, "status": asked.finding_status}
    findings = Finding.objects.filter(
        inspection__submission=OuterRef("pk"),
        **{name: value for name, value in exact.items() if value},
    )
    return found.filter(Exists(findings))


def _with_text(
    found: QuerySet[Submission], membership: Membership, text: str
) -> QuerySet[Submission]:
    """Return those that go by a text, whatever marks and capitals it is written with."""
    if not text.strip():
        return found
    key = search_key(text)
    senders = AppUser.objects.filter(project=membership.project_id).values_list(
        "pk", "display_name", "team"
    )
    named = [pk for pk, name, team in senders if key in search_key(name) or key in search_key(team)]
    units = AdminUnit.objects.filter(search_key__contains=key).values("uid")
    # What stands in a form's instanceName may be an answer, and is not looked at.
    return found.filter(
        Q(inspection__unit__in=units)
        | Q(current_version__app_user__in=named)
        | Q(instance_id__startswith=text.strip())
    )


def _after(day: dt.date | None) -> dt.date | None:
    """Return the next day; None after none, and after the last that there is."""
    return None if day is None or day == dt.date.max else day + dt.timedelta(days=1)


def _midnight(day: dt.date | None) -> dt.datetime | None:
    if day is None:
        return None
    return dt.datetime.combine(day, dt.time(), tzinfo=ZoneInfo(settings.LOCAL_TIME_ZONE))
