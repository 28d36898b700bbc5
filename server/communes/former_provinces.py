"""Which province the ground of a commune belonged to before provinces were merged."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from server.communes.models import AdminUnit, Level
from server.communes.succession import links_ahead


def former_provinces(uids: Iterable[str]) -> dict[str, tuple[AdminUnit, ...]]:
    """Return the provinces of all that communes came from, by uid of the commune.

    The oldest that the table of units tells: the province, as it then was, of each unit without a
    predecessor. Several where a commune was made across an old line; none where nobody knows.
    Three queries.
    """
    units = {unit.uid: unit for unit in AdminUnit.objects.filter(level=Level.COMMUNE)}
    provinces = defaultdict[str, list[AdminUnit]](list)
    for province in AdminUnit.objects.filter(level=Level.PROVINCE).order_by("uid"):
        provinces[province.code].append(province)
    came_from = defaultdict[str, list[str]](list)
    for old, news in links_ahead().items():
        for new, _ in news:
            came_from[new].append(old)
    found = {}
    for uid in uids:
        roots = [units[root] for root in _roots(uid, came_from) if root in units]
        of_roots = {p.uid: p for root in roots for p in _on(root.valid_from, provinces, root)}
        found[uid] = tuple(of_roots[key] for key in sorted(of_roots))
    return found


def _roots(uid: str, came_from: dict[str, list[str]]) -> list[str]:
    roots, ahead, seen = list[str](), [uid], set[str]()
    while ahead:
        here = ahead.pop()
        if here in seen:
            continue
        seen.add(here)
        olds = came_from.get(here)
        if olds:
            ahead += olds
        else:
            roots.append(here)
    return roots


def _on(
    day: dt.date | None, provinces: dict[str, list[AdminUnit]], root: AdminUnit
) -> list[AdminUnit]:
    return [province for province in provinces[root.province_code] if _is_there(province, day)]


def _is_there(province: AdminUnit, day: dt.date | None) -> bool:
    if day is None:  # as long as the table looks back
        return province.valid_from is None
    has_begun = province.valid_from is None or province.valid_from <= day
    return has_begun and (province.valid_to is None or day < province.valid_to)
