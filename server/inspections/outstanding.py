"""How many recommendations communes still have to carry out, and how many of them are late."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count
from django.db.models.fields.json import KT

from server.communes.succession import successors_of
from server.entities.models import EntityList
from server.entities.recommendation_states import LIST, State
from server.inspections.recommendations import due_before, in_state, living


@dataclass(frozen=True, slots=True)
class Outstanding:
    """Recommendations that are not carried out yet."""

    open: int
    overdue: int  # of those, by their state or because the day is past

    def __add__(self, other: Outstanding) -> Outstanding:
        """Return both together."""
        return Outstanding(self.open + other.open, self.overdue + other.overdue)


NOTHING = Outstanding(0, 0)


@dataclass(frozen=True, slots=True)
class OutstandingByCommune:
    """A project's, by the communes of one day."""

    has_list: bool  # else nothing is known of any
    by_commune: Mapping[str, Outstanding]  # by uid; communes that never had one are not in it
    elsewhere: Outstanding  # in units that were split since, or that are no commune of that day

    def of(self, uid: str, *, is_inspected: bool) -> Outstanding | None:
        """Return a commune's. None where nobody can know: no list, or nobody was there."""
        if not self.has_list:
            return None
        return self.by_commune.get(uid, NOTHING if is_inspected else None)


def outstanding(
    project_id: int, form_ids: Iterable[str], *, on_date: dt.date, today: dt.date
) -> OutstandingByCommune:
    """Count the recommendations that inspections with some forms made, as they stand now.

    on_date: a recommendation made under a name that a reform ended counts for the commune of this
    day that it went into wholly; where it was split nobody can tell which part is meant.
    today: a deadline (`han`) before this day is past, marked already or not.
    """
    has_list = EntityList.objects.filter(project=project_id, name=LIST).exists()
    found = _by_unit(project_id, form_ids, today) if has_list else []
    became = successors_of({uid for uid, _ in found}, on_date)
    counts, elsewhere = dict[str, Outstanding](), NOTHING
    for uid, count in found:
        now = [successor.uid for successor in became[uid] if successor.is_certain]
        for here in now:
            counts[here] = counts.get(here, NOTHING) + count
        if not now:
            elsewhere += count
    return OutstandingByCommune(has_list, counts, elsewhere)


def _by_unit(
    project_id: int, form_ids: Iterable[str], today: dt.date
) -> list[tuple[str, Outstanding]]:
    is_open, is_past = ~in_state(State.DONE), due_before(today)
    rows = (
        living()
        .annotate(unit=KT("data__xa"), form=KT("data__bieu"))
        .filter(entity_list__project=project_id, form__in=list(form_ids))
        .values_list("unit")
        .annotate(
            open=Count("pk", filter=is_open),
            overdue=Count("pk", filter=is_open & (in_state(State.OVERDUE) | is_past)),
        )
        .order_by("unit")
    )
    return [(unit or "", Outstanding(opened, overdue)) for unit, opened, overdue in rows]


def note(count: Outstanding | None, *, is_inspected: bool) -> str:
    """Return what stands where there is no number, for people."""
    if count is not None:
        return ""
    return "chưa có danh sách kiến nghị" if is_inspected else "chưa kiểm tra"


def together(counts: Sequence[Outstanding | None]) -> Outstanding | None:
    """Return the sum of what is known; None where nothing is."""
    known = [count for count in counts if count is not None]
    return sum(known, NOTHING) if known else None
