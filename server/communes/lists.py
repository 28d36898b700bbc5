"""Communes as a list for forms."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from server.communes.areas import area_of_district, area_of_merged
from server.communes.models import AdminUnit, Succession

FIRST_DAY = dt.date(2023, 1, 1)  # no form asks about an earlier visit (domain.md §6.1, h_date)


@dataclass(frozen=True, slots=True)
class CommuneRow:
    """One version of a commune, all text as CSV wants it."""

    name: str  # the uid: "05443@2025-07-01"; forms store it
    label: str  # with its type: "Phường Phan Đình Phùng"
    type: str  # xa, phuong, thi_tran
    area: str  # key in communes.areas
    valid_from: str  # yyyymmdd, "" open
    valid_to: str  # yyyymmdd, the first day it is no more; "" open


def commune_rows() -> Iterator[CommuneRow]:
    """Yield every commune version that was in force on or after 2023-01-01.

    By Vietnamese name, then code, then date: the same tables give the same rows.
    """
    units = AdminUnit.objects.communes().exclude(valid_to__lte=FIRST_DAY).in_vietnamese_order()
    areas = _areas()
    for unit in units:
        yield CommuneRow(
            name=unit.uid,
            label=unit.name,
            type=unit.type,
            area=areas[unit.uid],
            valid_from=_yyyymmdd(unit.valid_from),
            valid_to=_yyyymmdd(unit.valid_to),
        )


def _areas() -> dict[str, str]:
    """Return the area key of every commune version: its district's, or its predecessors'."""
    communes = list(AdminUnit.objects.communes().values_list("uid", "code", "parent__code"))
    code_of = {uid: code for uid, code, _ in communes}
    areas = {uid: area_of_district(parent or "") for uid, _, parent in communes}
    predecessors: dict[str, list[tuple[str, str]]] = {}
    for old, new in Succession.objects.order_by("old", "new").values_list("old", "new"):
        predecessors.setdefault(new, []).append((code_of.get(old, ""), areas.get(old, "")))
    for uid, code, _ in communes:
        areas[uid] = areas[uid] or area_of_merged(predecessors.get(uid, ()), code)
    return areas


def _yyyymmdd(day: dt.date | None) -> str:
    return day.strftime("%Y%m%d") if day else ""
