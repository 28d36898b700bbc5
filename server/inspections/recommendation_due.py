"""Deadlines that people at desks give: none before the recommendation itself, none for a lifetime.

A phone cannot give such a day, its form sees to it. At a desk a year is mistyped, and a deadline of
2206 is never overdue. No list and no law says how long is too long: five years are ours.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from server.entities.models import Entity
from server.entities.recommendation_problems import (
    RecommendationDueInvalid,
    RecommendationDueOutOfBounds,
)
from server.entities.recommendation_states import DUE
from server.inspections.expected import local_day
from server.inspections.models import Inspection

MOST_YEARS = 5


def refuse(said: Mapping[str, str], entity: Entity | None = None) -> None:
    """Refuse a deadline out of bounds; one that stays as it is is not looked at.

    entity: that is changed; None for a new one, which may be entered long after it was made.
    Raises RecommendationDueInvalid, RecommendationDueOutOfBounds.
    """
    given = said.get(DUE, "")
    if not given or (entity is not None and entity.data.get(DUE, "") == given):
        return
    try:
        due = dt.date.fromisoformat(given)
    except ValueError as error:
        raise RecommendationDueInvalid from error
    first = dt.date.min if entity is None else issued_on(entity)
    last = _years_later(local_day(), MOST_YEARS)
    if not first <= due <= last:
        raise RecommendationDueOutOfBounds(
            first="–" if entity is None else f"{first:%d/%m/%Y}", last=f"{last:%d/%m/%Y}"
        )


def issued_on(entity: Entity) -> dt.date:
    """Return the day on which a recommendation was made: that of the visit, where there is one."""
    made = local_day(entity.created_at)
    source = entity.versions.filter(number=1).values_list("submission_id", flat=True).first()
    if source is None:
        return made
    visited = Inspection.objects.filter(submission=source).values_list("visit_date", flat=True)
    return min(made, visited.first() or made)


def _years_later(day: dt.date, years: int) -> dt.date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # the 29th of February
        return day.replace(year=day.year + years, day=28)
