"""What the feed has and Central's has not: what submissions mean, as tables beside them.

Rows are those of the submissions that are told; what is not derived yet comes when it is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, QuerySet, Value, When

from server.forms.eras import UNVERIFIED_NOTE
from server.inspections.models import Finding, Inspection
from server.reports.odata.tables import Node, Table
from server.reports.odata.values import NULL, compact
from server.submissions.models import Submission

INSPECTIONS = "Inspections"


@dataclass(frozen=True, slots=True)
class Column:
    """One property. kind: of a bind, as in a form. path: from the model of the table."""

    name: str
    kind: str
    path: str


@dataclass(frozen=True, slots=True)
class Derived:
    """A table. key: the paths that its `__id` is put together of, the submission's first."""

    of: Callable[[QuerySet[Submission]], QuerySet[Any]]
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def rows(self, submissions: QuerySet[Submission]) -> QuerySet[Any, tuple[Any, ...]]:
        """Return number, parts of the key, and columns of each row, the newest first."""
        paths = (*self.key, *(column.path for column in self.columns))
        return self.of(submissions).order_by("-pk").values_list("pk", *paths)

    def members(self, row: tuple[Any, ...], wanted: frozenset[str] | None) -> str:
        """Return the columns of one row as JSON, without braces."""
        values = zip(self.columns, row[1 + len(self.key) :], strict=True)
        return ",".join(
            f'"{column.name}":{_written(value)}'
            for column, value in values
            if wanted is None or column.name in wanted
        )

    def key_of(self, row: tuple[Any, ...]) -> tuple[str, str]:
        """Return the id of a row, and that of its submission."""
        parts = row[1 : 1 + len(self.key)]
        return "/".join(parts), parts[0]


def _inspections(submissions: QuerySet[Submission]) -> QuerySet[Any]:
    return Inspection.objects.filter(submission__in=submissions)


def _findings(submissions: QuerySet[Submission]) -> QuerySet[Any]:
    unverified = Case(When(is_verified=False, then=Value(UNVERIFIED_NOTE)), default=Value(""))
    found = Finding.objects.filter(inspection__submission__in=submissions)
    return found.annotate(note=unverified)


SETS: Mapping[str, Derived] = {
    INSPECTIONS: Derived(
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
            Column("note", "string", "note"),
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
