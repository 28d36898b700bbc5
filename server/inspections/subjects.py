"""Which inspections count where a commune holds several workplaces or bodies, each inspected.

A commune's own inspection tells of all of it, so of each commune the latest counts. One of a
workplace tells of that alone: of each workplace the latest counts, and figures of a commune are
those of its workplaces together. An inspection is named by its *key*: the uid of its unit, and of
a workplace its digest (`Inspection.subject`) after it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, F, FloatField, Func, Max, QuerySet

from server.communes.crosswalk import Atlas
from server.forms import eras, schema
from server.forms.eras import Era
from server.forms.findings import Condition
from server.forms.models import Form, FormVersion
from server.forms.schema import Field
from server.inspections.models import GpsStatus, Inspection, Status
from server.inspections.reading import is_about_subjects
from server.inspections.scoring import overall
from server.inspections.visit_days import in_doubt

if TYPE_CHECKING:
    from server.communes.coverages import Coverages

Latest = Mapping[str, Inspection]  # by key


def key(inspection: Inspection) -> str:
    """Return what names an inspection among the latest ones: its unit, where it is of all of it."""
    uid = str(inspection.unit_id)
    return f"{uid} {inspection.subject}" if inspection.subject else uid


def visit_order() -> Func:
    """Return what the database compares visits by: day, receipt and key, as [double, …].

    No day comes before any. An array of them is compared as a sort by the three would put it, so
    that a maximum finds the latest of many groups in one pass. For queries of inspections.
    """
    day = Func(
        F("visit_date"),
        template="COALESCE(%(expressions)s - DATE '0001-01-01', -1)::float8",
        output_field=FloatField(),
    )
    # A double tells two microseconds of our time apart.
    received = Func(
        F("submission__created_at"),
        template="date_part('epoch', %(expressions)s)",
        output_field=FloatField(),
    )
    return Func(
        day,
        received,
        F("pk"),
        template="ARRAY[%(expressions)s]",
        output_field=ArrayField(FloatField()),
    )


def _key_in(order: Max) -> Func:
    """Return the key at the end of a `visit_order`."""
    return Func(order, template="(%(expressions)s)[3]::bigint", output_field=BigIntegerField())


def latest_by_subject(counting: QuerySet[Inspection]) -> dict[str, Inspection]:
    """Return the latest inspection of each commune and of each workplace in it, by key.

    Of two on one day the one received last. None whose date is `in_doubt`.
    """
    # Their keys first, by hashing: to sort all the rows goes to disk from a few thousand on.
    keys = (
        counting.filter(unit__isnull=False)
        .exclude(pk__in=in_doubt())
        .order_by()
        .values("unit", "subject")
        .annotate(latest=_key_in(Max(visit_order())))
        .values("latest")
    )
    return by_key(keys)


def by_key(keys: Collection[int] | QuerySet[Inspection, Any]) -> dict[str, Inspection]:
    """Return the inspections of some primary keys, one of each commune and workplace, by key."""
    found = (
        Inspection.objects.filter(pk__in=keys)
        .order_by("unit", "subject")
        .select_related("submission")
        .defer("answers", "repeats")
    )
    return {key(inspection): inspection for inspection in found}


def latest_by_unit(latest: Iterable[Inspection]) -> dict[str, Inspection]:
    """Return the latest of each unit's, of whichever workplace, by uid."""
    found: dict[str, Inspection] = {}
    for inspection in latest:
        uid = str(inspection.unit_id)
        if uid not in found or _order(inspection) > _order(found[uid]):
            found[uid] = inspection
    return found


def counting_by_unit(latest: Iterable[Inspection], about: About) -> dict[str, list[Inspection]]:
    """Return the inspections that a unit's row tells of, by uid: the latest of each workplace.

    latest: of each workplace, as `by_key` gives it. Where the form is about communes, the latest.
    """
    if not about.subjects:
        return {uid: [one] for uid, one in latest_by_unit(latest).items()}
    found = defaultdict[str, list[Inspection]](list)
    for inspection in latest:
        found[str(inspection.unit_id)].append(inspection)
    return dict(found)


def worst(statuses: Iterable[str]) -> str:
    """Return what the statuses of several workplaces come to; "" where none was judged."""
    known = [status for status in statuses if status]
    return overall(known) if known else ""


def without_retold(latest: Latest, units: Atlas) -> dict[str, Inspection]:
    """Leave out a workplace's inspection where a later one was made in what its commune became.

    Both are the latest of their own commune, and the same workplace.
    """
    of_subject = defaultdict[str, list[Inspection]](list)
    for inspection in latest.values():
        if inspection.subject:
            of_subject[inspection.subject].append(inspection)
    retold = {
        key(one)
        for same in of_subject.values()
        if len(same) > 1
        for one in same
        if any(_order(other) > _order(one) and _is_same_ground(one, other, units) for other in same)
    }
    return {name: inspection for name, inspection in latest.items() if name not in retold}


def stands_in(
    inspection: Inspection, on_date: dt.date, among: Collection[str], map_: Coverages
) -> str | None:
    """Return in which of some communes of a day a workplace surely stands; None where it is not.

    Sure is a point that the phone measured, well inside the commune's polygon of that day, which
    is no sketch, and that does not contradict the commune declared.
    """
    lon, lat, accuracy_m = inspection.lon, inspection.lat, inspection.accuracy_m
    if lon is None or lat is None or not accuracy_m:  # 0: an app that makes points up
        return None
    is_elsewhere = inspection.located_unit_id != inspection.unit_id
    if inspection.gps_status == GpsStatus.INSIDE and is_elsewhere:
        return None
    found = map_.locate_one(lon, lat, on_date, accuracy_m)
    if found.status != GpsStatus.INSIDE or found.is_schematic or found.uid not in among:
        return None
    return found.uid


@dataclass(frozen=True, slots=True)
class About:
    """What a form inspects."""

    subjects: bool  # workplaces or bodies in a commune, and judges them
    has_statuses: bool  # how many came to which result may be told: it is no count of cases


@dataclass(frozen=True, slots=True)
class Subjects:
    """What was inspected in a commune, or in several: workplaces, bodies; not inspections."""

    inspected: int
    # {Status: subjects whose latest inspection came to it}; None where that counts cases
    by_status: Mapping[str, int] | None


def by_unit(latest: Iterable[Inspection], about: About) -> Mapping[str, Subjects] | None:
    """Return how many subjects of each unit were inspected, with which result, by uid.

    latest: the latest inspection of each. None where the form is about communes, or judges nothing.
    """
    if not about.subjects:
        return None
    results = defaultdict[str, Counter[str]](Counter)
    for inspection in latest:
        results[str(inspection.unit_id)][inspection.result] += 1
    found = defaultdict[str, Subjects](lambda: counted((), about))
    for uid, of_unit in results.items():
        found[uid] = counted(of_unit.elements(), about)
    return found


def together(parts: Iterable[Subjects | None]) -> Subjects | None:
    """Add up several communes'; None where there are none."""
    known = [part for part in parts if part is not None]
    if not known:
        return None
    counts = [part.by_status for part in known if part.by_status is not None]
    return Subjects(
        inspected=sum(part.inspected for part in known),
        by_status={str(status): sum(each[status] for each in counts) for status in Status}
        if counts
        else None,
    )


def counted(results: Iterable[str], about: About) -> Subjects:
    """Count the results of the latest inspection of each subject."""
    found = Counter(results)
    by_status = {str(status): found[status] for status in Status} if about.has_statuses else None
    return Subjects(found.total(), by_status)


def about(form: Form) -> About:
    """Return what a published form is about, whichever of its conditions a visit is judged by."""
    version = form.current_version
    if version is None:
        raise ValueError(f"form {form.form_id} was never published")
    return _about_version(version.pk, version.rule_edition)


@lru_cache(maxsize=256)
def _about_version(form_version_id: int, _rule_edition: int) -> About:
    version = FormVersion.objects.select_related("rule_version").get(pk=form_version_id)
    return about_by(schema.load(version.schema).fields, eras.eras(version))


def about_by(fields: Collection[Field], eras: Iterable[Era]) -> About:
    """Return what a form version is about, by its fields and all that its visits are judged by.

    A table may hold visits of any era: where the result of one would count cases none is told.
    """
    judged = tuple(each for era in eras for each in era.conditions.conditions)
    return About(
        subjects=bool(judged) and is_about_subjects(fields),
        has_statuses=not _is_result_sensitive(fields, judged),
    )


def _is_result_sensitive(fields: Iterable[Field], conditions: Iterable[Condition]) -> bool:
    """Tell whether the result depends on a count of cases: n times «không đạt» would be n cases."""
    restricted = {field.path for field in fields if field.sensitivity == "restricted"}
    judged = (rule for each in conditions if each.is_core for rule in each.rules)
    return any(not restricted.isdisjoint((*rule.value, rule.of)) for rule in judged)


def _order(inspection: Inspection) -> tuple[bool, dt.date, dt.datetime, int]:
    day = inspection.visit_date
    received = inspection.submission.created_at
    return day is not None, day or dt.date.min, received, inspection.pk


def _is_same_ground(one: Inspection, other: Inspection, units: Atlas) -> bool:
    """Tell whether the commune of one came from that of the other."""
    first, second = str(one.unit_id), str(other.unit_id)
    return first in units.came_from(second) or second in units.came_from(first)
