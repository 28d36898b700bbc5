"""Make plans: who inspects which commune, with which forms, from when to when, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

from django.db import IntegrityError, transaction

from server.communes.models import AdminUnit
from server.forms.models import Form
from server.plans import history
from server.plans.models import Agency, Plan, PlanItem, PlanState, SelectionReason
from server.plans.problems import (
    AgencyUnknown,
    PlanClosed,
    PlanItemUnknown,
    PlannedDaysReversed,
    PlannedFormUnknown,
    PlannedReasonUnknown,
    PlannedTwice,
    PlannedUnitUnknown,
    PlannedYearDiffers,
    PlanNumberTaken,
    PlanOnceBegun,
    PlanUnknown,
)
from server.projects import audit
from server.projects.audit import Actor, Object
from server.projects.models import User


@dataclass(frozen=True, slots=True)
class Heading:
    """What a plan says of itself."""

    number: str
    title: str
    signed_on: dt.date
    year: int
    lead_agency: str  # code


@dataclass(frozen=True, slots=True)
class Item:
    """One unit to be inspected, as a person writes it."""

    unit: str  # uid, e.g. 05443@2025-07-01
    form_ids: tuple[str, ...]
    team: str
    starts_on: dt.date
    ends_on: dt.date
    reasons: tuple[str, ...] = ()  # of SelectionReason


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be otherwise in an item; None: as it is."""

    unit: str | None = None
    form_ids: tuple[str, ...] | None = None
    team: str | None = None
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None
    reasons: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    """What an item may name."""

    units: Mapping[str, AdminUnit]
    form_ids: frozenset[str]
    reasons: frozenset[str]


def create(project_id: int, heading: Heading, by: User) -> Plan:
    """Write down a plan, still a draft. Raises AgencyUnknown, PlanNumberTaken."""
    agency = Agency.objects.in_force(heading.signed_on).filter(code=heading.lead_agency).first()
    if agency is None:
        raise AgencyUnknown(agency=heading.lead_agency, on_date=f"{heading.signed_on:%d/%m/%Y}")
    try:
        with transaction.atomic(durable=True):
            made = Plan.objects.create(
                project_id=project_id,
                number=heading.number,
                title=heading.title,
                signed_on=heading.signed_on,
                year=heading.year,
                lead_agency=agency,
                created_by=by,
            )
            _tell(Actor.person(by), "plan.create", made)
            return made
    except IntegrityError as error:
        raise PlanNumberTaken(number=heading.number, year=heading.year) from error


def find(project_id: int, plan_id: int) -> Plan:
    """Return one of a project's plans. Raises PlanUnknown."""
    plan = Plan.objects.select_related("lead_agency").filter(project=project_id, pk=plan_id).first()
    if plan is None:
        raise PlanUnknown(id=plan_id)
    return plan


@transaction.atomic(durable=True)
def set_state(plan_id: int, state: PlanState, by: Actor) -> None:
    """Begin a plan, or end it; from then on phones are offered what it says, or no longer.

    One that was ended may go on, but is no draft again. Raises PlanOnceBegun.
    """
    plan = Plan.objects.select_for_update().get(pk=plan_id)
    if plan.state == PlanState.CLOSED and state == PlanState.DRAFT:
        raise PlanOnceBegun(number=plan.number)
    plan.state = state
    plan.save(update_fields=["state"])
    _tell(by, "plan.update", plan, state=state)


def _tell(by: Actor, action: str, plan: Plan, **details: object) -> None:
    audit.record(by, action, Object("plan", plan.pk, plan.project_id), details)


@transaction.atomic(durable=True)
def add(plan_id: int, items: Sequence[Item], by: Actor) -> list[PlanItem]:
    """Add units to a plan: all of them, or none.

    An item that stands already, to the letter, is not added again. Raises PlanClosed,
    PlannedUnitUnknown, PlannedFormUnknown, PlannedReasonUnknown, PlannedDaysReversed,
    PlannedYearDiffers, PlannedTwice; the line is counted from 1.
    """
    plan = _open(plan_id)
    standing = [_as_item(row) for row in plan.items.all()]
    known = _known(plan, [item.unit for item in items])
    fresh: list[Item] = []
    for line, item in enumerate(items, start=1):
        _check(line, item, known)
        _refuse_other_year(line, item, plan.year)
        if item in standing:
            continue
        _refuse_overlap(line, item, [*standing, *fresh])
        fresh.append(item)
    made = PlanItem.objects.bulk_create([_as_row(plan, item) for item in fresh])
    if made:
        history.added(plan, made, by)
        _tell(by, "plan.item.create", plan, items=[row.pk for row in made])
    return made


@transaction.atomic(durable=True)
def change(plan_id: int, item_id: int, wanted: Change, by: Actor) -> PlanItem:
    """Change an item of a plan; phones of both teams follow at their next look.

    Forms and reasons that it has may stay though they could not be given any more. Raises
    PlanItemUnknown, and as `add` about line 1.
    """
    plan = _open(plan_id)
    row = _item_of(plan, item_id)
    before = _as_item(row)
    given = {field.name: getattr(wanted, field.name) for field in fields(wanted)}
    item = replace(before, **{name: each for name, each in given.items() if each is not None})
    if item == before:
        return row
    _check(1, item, _known(plan, [item.unit], before))
    _refuse_other_year(1, item, plan.year)
    _refuse_overlap(1, item, [_as_item(other) for other in plan.items.exclude(pk=row.pk)])
    changed = _as_row(plan, item)
    changed.pk = row.pk
    changed.save(force_update=True)
    history.changed(plan, item_id, row, changed, by)
    _tell(by, "plan.item.update", plan, item=item_id)
    return changed


@transaction.atomic(durable=True)
def remove(plan_id: int, item_id: int, by: Actor) -> None:
    """Take an item out of a plan. Raises PlanClosed, PlanItemUnknown."""
    plan = _open(plan_id)
    row = _item_of(plan, item_id)
    row.delete()
    history.changed(plan, item_id, row, None, by)
    _tell(by, "plan.item.delete", plan, item=item_id)


def _open(plan_id: int) -> Plan:
    """Lock a plan, before its items: whoever changes them waits here."""
    plan = Plan.objects.select_for_update().get(pk=plan_id)
    if plan.state == PlanState.CLOSED:
        raise PlanClosed(number=plan.number)
    return plan


def _item_of(plan: Plan, item_id: int) -> PlanItem:
    row = plan.items.filter(pk=item_id).first()
    if row is None:
        raise PlanItemUnknown(id=item_id)
    return row


def _known(plan: Plan, uids: Sequence[str], before: Item | None = None) -> _Known:
    return _Known(
        units=AdminUnit.objects.in_bulk(uids),
        form_ids=_published(plan.project_id).union(before.form_ids if before else ()),
        reasons=frozenset(SelectionReason.values).union(before.reasons if before else ()),
    )


def _published(project_id: int) -> frozenset[str]:
    forms = Form.objects.living().filter(project=project_id, current_version__isnull=False)
    return frozenset(forms.values_list("form_id", flat=True))


def _check(line: int, item: Item, known: _Known) -> None:
    unit = known.units.get(item.unit)
    if item.ends_on < item.starts_on:
        raise PlannedDaysReversed(
            line=line, starts_on=f"{item.starts_on:%d/%m/%Y}", ends_on=f"{item.ends_on:%d/%m/%Y}"
        )
    for day in (item.starts_on, item.ends_on):
        if unit is None or not _is_there(unit, day):
            raise PlannedUnitUnknown(line=line, unit=item.unit, on_date=f"{day:%d/%m/%Y}")
    for form_id in item.form_ids:
        if form_id not in known.form_ids:
            raise PlannedFormUnknown(line=line, form_id=form_id)
    for reason in item.reasons:
        if reason not in known.reasons:
            raise PlannedReasonUnknown(
                line=line, reason=reason, known=", ".join(SelectionReason.values)
            )


def _refuse_other_year(line: int, item: Item, year: int) -> None:
    if not item.starts_on.year <= year <= item.ends_on.year:
        raise PlannedYearDiffers(
            line=line,
            starts_on=f"{item.starts_on:%d/%m/%Y}",
            ends_on=f"{item.ends_on:%d/%m/%Y}",
            year=year,
        )


def _is_there(unit: AdminUnit, on_date: dt.date) -> bool:
    begun = unit.valid_from is None or unit.valid_from <= on_date
    return begun and (unit.valid_to is None or on_date < unit.valid_to)


def _refuse_overlap(line: int, item: Item, others: Sequence[Item]) -> None:
    for other in others:
        shared = [form for form in item.form_ids if form in other.form_ids]
        is_same = (item.unit, item.team) == (other.unit, other.team)
        meets = item.starts_on <= other.ends_on and other.starts_on <= item.ends_on
        if is_same and shared and meets:
            raise PlannedTwice(line=line, team=item.team, unit=item.unit, form_id=shared[0])


def _as_item(row: PlanItem) -> Item:
    return Item(
        unit=row.unit_id,
        form_ids=tuple(row.form_ids),
        team=row.team,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        reasons=tuple(row.reasons),
    )


def _as_row(plan: Plan, item: Item) -> PlanItem:
    return PlanItem(
        plan=plan,
        unit_id=item.unit,
        form_ids=list(item.form_ids),
        team=item.team,
        starts_on=item.starts_on,
        ends_on=item.ends_on,
        reasons=list(item.reasons),
    )
