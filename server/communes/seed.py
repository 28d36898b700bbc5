"""Fill the tables of units and successions with the facts that come with the project.

Sources are named in data/README.md. Units that a deployment added by itself are left alone.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from django.db import models, transaction

from server.communes.models import AdminUnit, Succession
from server.communes.vietnamese import search_key, sort_key

DATA = Path(__file__).parent / "data"

Row = TypeVar("Row", bound=models.Model)


@dataclass(frozen=True, slots=True)
class Seeded:
    """What one run did, in rows."""

    units: int
    successions: int
    written: int  # new or different; 0 when repeated


@transaction.atomic(durable=True)
def load_units() -> Seeded:
    """Write the seed's units and successions; rows that are right already are not touched."""
    units = list(_units())
    standing_units = AdminUnit.objects.in_bulk()
    fresh_units = [u for u in units if _differs(u, standing_units.get(u.uid))]
    # Parents stand before children in the file, so every reference exists when it is checked.
    _upsert(fresh_units, key=("uid",))
    links = list(_successions())
    standing_links = {(s.old_id, s.new_id): s for s in Succession.objects.all()}
    fresh_links = [x for x in links if _differs(x, standing_links.get((x.old_id, x.new_id)))]
    _upsert(fresh_links, key=("old", "new"))
    return Seeded(len(units), len(links), len(fresh_units) + len(fresh_links))


def _units() -> Iterator[AdminUnit]:
    for row in _rows("units.csv"):
        yield AdminUnit(
            uid=row["uid"],
            code=row["code"],
            name=row["name"],
            level=row["level"],
            type=row["type"],
            parent_id=row["parent_uid"] or None,
            valid_from=_date(row["valid_from"]),
            valid_to=_date(row["valid_to"]),
            province_code=row["province_code"],
            area_km2=_figure(row["area_km2"]),
            legal_from=row["legal_from"],
            legal_to=row["legal_to"],
            lon=_figure(row["lon"]),
            lat=_figure(row["lat"]),
            sort_key=sort_key(row["name"]),
            search_key=search_key(row["name"]),
        )


def _successions() -> Iterator[Succession]:
    for row in _rows("successions.csv"):
        yield Succession(
            old_id=row["old_uid"],
            new_id=row["new_uid"],
            part=row["part"],
            effective_date=dt.date.fromisoformat(row["effective_date"]),
            area_share=_figure(row["area_share"]),
            legal_basis=row["legal_basis"],
            confidence=row["confidence"],
        )


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _date(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _figure(text: str) -> float | None:
    return float(text) if text else None


def _differs(row: Row, standing: Row | None) -> bool:
    return standing is None or _facts(row) != _facts(standing)


def _facts(row: models.Model) -> dict[str, Any]:  # columns of any type
    return {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if f.name != "id"}


def _upsert(rows: list[Row], *, key: tuple[str, ...]) -> None:
    if not rows:
        return
    model = type(rows[0])
    columns = [f.name for f in model._meta.concrete_fields if f.name not in (*key, "id")]
    model._default_manager.bulk_create(
        rows, update_conflicts=True, unique_fields=key, update_fields=columns
    )
