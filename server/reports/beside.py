"""The records before and after one in a list, by the filter and the order of the list.

By where the record would stand, also when it does not fit the filter any more: whoever approves
what waits goes on from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet

from server.projects.models import Membership
from server.reports.listing import NEWEST, ORDERS
from server.reports.selection import Selection, select
from server.submissions.models import Submission

_NEVER_NONE = "created_at"  # of the columns that a list may be ordered by


@dataclass(frozen=True, slots=True)
class Beside:
    """How to open another record."""

    form_id: str
    instance_id: str
    commune: str  # "" where it is not known


def beside(
    membership: Membership, asked: Selection, submission: Submission, *, order: str = NEWEST
) -> tuple[Beside | None, Beside | None]:
    """Return the record before one and the one after it; None where the list ends. Four questions.

    order: one of listing.ORDERS.
    """
    columns = ORDERS.get(order, ORDERS[NEWEST])
    name = columns[0].removeprefix("-")
    value = Submission.objects.filter(pk=submission.pk).values_list(name, flat=True).first()
    found = select(membership, asked).exclude(pk=submission.pk)
    # Their keys first: so that only these are sorted, and not all that is told of all records.
    before = _first(found, columns, value, submission.pk, is_before=True)
    after = _first(found, columns, value, submission.pk, is_before=False)
    told = _told([key for key in (before, after) if key])
    return told.get(before or 0), told.get(after or 0)


def _told(keys: Sequence[int]) -> dict[int, Beside]:
    rows = Submission.objects.filter(pk__in=keys).values_list(
        "pk", "form__form_id", "instance_id", "inspection__unit__name"
    )
    return {
        pk: Beside(form_id, instance_id, commune or "")
        for pk, form_id, instance_id, commune in rows
    }


def _first(
    found: QuerySet[Submission], columns: tuple[str, ...], value: Any, pk: int, *, is_before: bool
) -> int | None:
    """Return the key of the nearest record on one side."""
    first, last = columns
    goes_up = first.startswith("-") == is_before  # whether what is wanted has a larger value
    key_goes_up = last.startswith("-") == is_before
    name = first.removeprefix("-")
    ordered = found.filter(_beyond(name, value, pk, goes_up=goes_up, key_goes_up=key_goes_up))
    # Nothing is said of what has no value: PostgreSQL counts it as the largest.
    by_value = F(name).asc() if goes_up else F(name).desc()
    return (
        ordered.order_by(by_value, "pk" if key_goes_up else "-pk")
        .values_list("pk", flat=True)
        .first()
    )


def _beyond(name: str, value: Any, pk: int, *, goes_up: bool, key_goes_up: bool) -> Q:
    key = Q(pk__gt=pk) if key_goes_up else Q(pk__lt=pk)
    has_none = Q(**{f"{name}__isnull": True})
    if value is None:
        return (has_none & key) if goes_up else (has_none & key) | ~has_none
    same = Q(**{name: value}) & key
    if name == _NEVER_NONE:
        # Said once more as a bound, from which an index can begin.
        bound, beyond = ("gte", "gt") if goes_up else ("lte", "lt")
        return Q(**{f"{name}__{bound}": value}) & (Q(**{f"{name}__{beyond}": value}) | key)
    if goes_up:
        return Q(**{f"{name}__gt": value}) | has_none | same
    return Q(**{f"{name}__lt": value}) | same
