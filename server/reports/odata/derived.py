"""What the feed has and Central's has not: what submissions mean, as tables beside them.

Rows are those of the submissions that are told; what is not derived yet comes when it is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Q, QuerySet, Value, When

from server.forms.eras import UNVERIFIED_NOTE
from server.inspections.judged_lengths import Kind
from server.inspections.judged_list import ORDERS
from server.inspections.models import Finding, Inspection
from server.reports.odata.asked import Start
from server.reports.odata.tables import Node, Table
from server.reports.odata.values import NULL, compact
from server.submissions.models import Submission

INSPECTIONS = "Inspections"


@dataclass(frozen=True, slots=True)
class Column:
    """One property. kind: of a bind, as in a form. path: from the model of the table, or made."""

    name: str
    kind: str
    path: str | Case


@dataclass(frozen=True, slots=True)
class Derived:
    """A table. key: the paths that its `__id` is put together of, the submission's first.

    place: the paths of the number of an inspection, and of the place in it that a page goes on
    below; the latter None where it has one row.
    """

    kind: Kind
    place: tuple[str, str | None]
    of: Callable[[QuerySet[Submission]], QuerySet[Any]]
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def told(self, found: QuerySet[Any]) -> QuerySet[Any, tuple[Any, ...]]:
        """Return both numbers of the place, parts of the key, and columns of each row."""
        inspection, within = self.place
        paths = (*self.key, *(column.path for column in self.columns))
        return found.values_list(inspection, within or Value(0), *paths)

    def after(self, found: QuerySet[Any], start: Start | None) -> QuerySet[Any]:
        """Return the rows of some submissions in order, those after a place or all."""
        in_order = found.order_by(*ORDERS[self.kind])
        if start is None:
            return in_order
        inspection, within = self.place
        below = Q(**{f"{inspection}__lt": start.of})
        if within is not None:
            below |= Q(**{inspection: start.of, f"{within}__lt": start.row})
        return in_order.filter(below)

    def members(self, row: tuple[Any, ...], wanted: frozenset[str] | None) -> str:
        """Return the columns of one row as JSON, without braces."""
        values = zip(self.columns, row[2 + len(self.key) :], strict=True)
        return ",".join(
            f'"{column.name}":{_written(value)}'
            for column, value in values
            if wanted is None or column.name in wanted
        )

    def key_of(self, row: tuple[Any, ...]) -> tuple[str, str]:
        """Return the id of a row, and that of its submission."""
        parts = row[2 : 2 + len(self.key)]
        return "/".join(parts), parts[0]


def _inspections(submissions: QuerySet[Submission]) -> QuerySet[Any]:
    return Inspection.objects.filter(submission__in=submissions)


def _findings(submissions: QuerySet[Submission]) -> QuerySet[Any]:
    return Finding.objects.filter(inspection__submission__in=submissions)


_NOTE = Case(When(is_verified=False, then=Value(UNVERIFIED_NOTE)), default=Value(""))


SETS: Mapping[str, Derived] = {
    INSPECTIONS: Derived(
        kind=Kind.INSPECTION,
        place=("pk", None),
        of=_inspections,
        key=("submission__instance_id",),
        columns=(
            Column("visitDate", "date", "visit_date"),
            Column("year", "int", "year"),
            Column("period", "string", "period"),
            Column("communeUid", "string", "unit_id"),
            Column("communeCode", "string", "unit__code"),
            Column("communeName", "string", "unit__name"),
            Column("result", "string", "result"),
            Column("deviceResult", "string", "device_result"),
            Column("evidenceShare", "decimal", "evidence_share"),
            Column("criteriaSet", "string", "criteria_set"),
            Column("isProvisional", "boolean", "is_provisional"),
            Column("awaitedSet", "string", "awaited_set"),
            Column("gpsStatus", "string", "gps_status"),
            Column("gpsDistanceM", "decimal", "gps_distance_m"),
            Column("lon", "decimal", "lon"),
            Column("lat", "decimal", "lat"),
        ),
    ),
    "Findings": Derived(
        kind=Kind.FINDING,
        place=("inspection_id", "position"),
        of=_findings,
        key=("inspection__submission__instance_id", "condition"),
        columns=(
            Column("condition", "string", "condition"),
            Column("status", "string", "status"),
            Column("deviceStatus", "string", "device_status"),
            Column("value", "decimal", "value"),
            Column("isCore", "boolean", "is_core"),
            Column("isVerified", "boolean", "is_verified"),
            Column("isProvisional", "boolean", "inspection__is_provisional"),
            Column("note", "string", _NOTE),
            Column("hasDocument", "boolean", "has_document"),
        ),
    ),
}


def _table(name: str, columns: tuple[Column, ...]) -> Table:
    children = {column.name: Node(column.name, column.name, column.kind) for column in columns}
    return Table(name, Node(name, "", "group", children), ())


TABLES = {name: _table(name, derived.columns) for name, derived in SETS.items()}


def _written(value: Any) -> str:
    if value is None or value == "":
        return NULL
    return compact(value.isoformat() if isinstance(value, dt.date) else value)
