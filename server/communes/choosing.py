"""Which communes somebody may be given, and which of them a search leaves to choose from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q

from server.communes.models import AdminUnit
from server.communes.vietnamese import search_key


@dataclass(frozen=True, slots=True)
class Choice:
    """One commune to choose."""

    uid: str
    name: str
    search_key: str
    is_chosen: bool
    is_over: bool  # it is no more; offered only because it is chosen


def choices(on_date: dt.date, chosen: Collection[str], words: str = "") -> list[Choice]:
    """Return the communes of a day, and whatever else is chosen; one query.

    words: leave those whose name has them, without diacritics, and those that are chosen. What is
    chosen stands first, else one had to look for it in a long list.
    """
    communes = AdminUnit.objects.communes()
    present = Q(pk__in=communes.in_force(on_date).values("pk"))
    wanted = search_key(words).split()
    found = [
        Choice(
            unit.uid,
            unit.name,
            unit.search_key,
            unit.uid in chosen,
            unit.valid_to is not None and unit.valid_to <= on_date,
        )
        for unit in communes.filter(present | Q(uid__in=chosen)).in_vietnamese_order()
        if unit.uid in chosen or all(word in unit.search_key for word in wanted)
    ]
    return sorted(found, key=lambda one: not one.is_chosen)
