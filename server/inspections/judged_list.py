"""What records came to, told record by record: inspections, findings, flags; any part, quickly.

The newest inspection comes first, so that what is scored anew in the meantime keeps its place. How
many there are, and where, is known by notes (`judged_lengths`). Of some communes the inspections
are walked in the order of `inspection_by_commune`, each commune's by itself, and merged: among all,
ninety of other communes would be looked at for each of one's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from server import lengths
from server.inspections.judged_lengths import OF_ALL, OF_ONE, Kind
from server.inspections.models import Finding, Flag, Inspection
from server.inspections.review import REVIEWERS, communes_of
from server.projects.models import Membership
from server.statements import all_rows

# Of more units than these (communes, and what they came from) so much is a page that going
# through all is as quick as merging them.
MOST_MERGED = 40


@dataclass(frozen=True, slots=True)
class _Table:
    """Where rows of a kind stand. place: what orders those of one record, the last first."""

    model: type[Inspection] | type[Finding] | type[Flag]
    name: str
    place: str


_TABLES = {
    Kind.INSPECTION: _Table(Inspection, "inspections_inspection", ""),
    Kind.FINDING: _Table(Finding, "inspections_finding", "position"),
    Kind.FLAG: _Table(Flag, "inspections_flag", "id"),
}
ORDERS: Mapping[Kind, tuple[str, ...]] = {
    Kind.INSPECTION: ("-pk",),
    Kind.FINDING: ("-inspection_id", "-position"),
    Kind.FLAG: ("-inspection_id", "-pk"),
}


@dataclass(frozen=True, slots=True)
class JudgedList:
    """Some kind of all living records of some forms, in some communes or all.

    form_ids: numbers. communes: uids, none for all. year: of the data. equal: columns of findings
    or flags and what is in them: `condition`, `status`, `code`.
    """

    kind: Kind
    form_ids: tuple[int, ...]
    communes: frozenset[str] = frozenset()
    year: int | None = None
    equal: Mapping[str, str] = field(default_factory=dict)

    def count(self) -> int:
        """Return how many there are. Raises ValueError for a year, or what is equal."""
        return sum(held for _, held in self._blocks())

    def part(
        self, many: int, *, skip: int = 0, after: tuple[int, int] | None = None
    ) -> QuerySet[Any]:
        """Return so many of them, after the first `skip` of those after a place, or of all.

        after: number of an inspection, and the last place in it that was told; 0: all of it was.
        """
        last = None  # inspection that has any of them
        if after is not None:
            last = after[0] - (self.kind is Kind.INSPECTION)
        elif skip and not (self.year or self.equal):
            below, skip = lengths.place(self._blocks(), skip, 1 << self._shift)
            last = below - 1
        numbers = RawSQL(*self._numbers(many, skip, last, after))  # noqa: S611  (our own names)
        found = _TABLES[self.kind].model._default_manager.filter(pk__in=numbers)
        return found.order_by(*ORDERS[self.kind])

    @property
    def _shift(self) -> int:
        return OF_ONE if self.communes else OF_ALL

    def _blocks(self) -> list[tuple[int, int]]:
        """Return how many each block of inspections has, the last block first."""
        if self.year or self.equal:
            raise ValueError("it is not known how many there are of those")
        units = sorted(self.communes)
        of_unit = "AND unit_id = ANY(%s)" if units else ""
        deleted = f"""
          SELECT id >> %s, -({_HELD[self.kind]}) FROM inspections_inspection
          WHERE submission_id IN (
            SELECT id FROM submissions_submission WHERE form_id = ANY(%s) AND deleted_at IS NOT NULL
          ) {of_unit}
        """  # noqa: S608  (our own names)
        rows = all_rows(
            f"""
            SELECT block, sum(rows)::bigint FROM (
              SELECT block, rows FROM inspections_judgedlength
              WHERE kind = %s AND list_id = ANY(%s) AND unit = ANY(%s)
              UNION ALL {deleted}
            ) AS held (block, rows)
            GROUP BY block HAVING sum(rows) <> 0 ORDER BY block DESC
            """,  # noqa: S608
            [
                *(self.kind.value, list(self.form_ids), units or [""]),
                *(self._shift, list(self.form_ids), *([units] if units else [])),
            ],
        )
        return [(block, held) for block, held in rows]

    def _numbers(
        self, many: int, skip: int, last: int | None, after: tuple[int, int] | None
    ) -> tuple[str, list[Any]]:
        """Return a statement that gives the keys of a part, and what it is asked with."""
        table = _TABLES[self.kind]
        inspections, asked = self._inspections(last)
        row, order, judged = "inspection.id", "inspection.id DESC", ""
        if table.place:
            row, order = "judged.id", f"{order}, judged.{table.place} DESC"
            wanted: dict[str, tuple[Any, ...]] = {
                f"judged.{name} = %s": (value,) for name, value in self.equal.items()
            }
            if last is not None:  # PostgreSQL does not conclude it from the inspections'
                wanted["judged.inspection_id <= %s"] = (last,)
            if after is not None:
                wanted[f"(judged.inspection_id, judged.{table.place}) < (%s, %s)"] = after
            on = " AND ".join(["judged.inspection_id = inspection.id", *wanted])
            judged = f"JOIN {table.name} judged ON {on}"
            asked = [*asked, *(said for values in wanted.values() for said in values)]
        statement = f"""
            SELECT {row} FROM ({inspections}) AS inspection
            JOIN submissions_submission submission
              ON submission.id = inspection.submission_id AND submission.deleted_at IS NULL
            {judged} ORDER BY {order} LIMIT %s OFFSET %s
        """  # noqa: S608
        return statement, [*asked, many, skip]

    def _inspections(self, last: int | None) -> tuple[str, list[Any]]:
        """Return a statement that gives the inspections to look at, and what it is asked with."""
        wanted: dict[str, Any] = {"form_id = ANY(%s)": list(self.form_ids)}
        if self.year is not None:
            wanted["year = %s"] = self.year
        if last is not None:
            wanted["id <= %s"] = last
        units = sorted(self.communes)
        found = "SELECT id, submission_id FROM inspections_inspection WHERE "
        if not units:
            return found + " AND ".join(wanted), list(wanted.values())
        if len(units) > MOST_MERGED:
            wanted["unit_id = ANY(%s)"] = units
            return found + " AND ".join(wanted), list(wanted.values())
        # In order each, or PostgreSQL does not see that it can merge them.
        one = f"({found}{' AND '.join(wanted)} AND unit_id = %s ORDER BY id DESC OFFSET 0)"
        asked = [said for unit in units for said in (*wanted.values(), unit)]
        return " UNION ALL ".join([one] * len(units)), asked


def judged_list(
    membership: Membership, kind: Kind, form_ids: Iterable[int], **narrowed: Any
) -> JudgedList:
    """Return what a manager or a supervisor may see of some forms of their project.

    narrowed: year, equal. Raises ValueError for anybody else.
    """
    if membership.role not in REVIEWERS:
        raise ValueError(f"{membership.role} reviews no record")
    return JudgedList(kind, tuple(form_ids), communes_of(membership), **narrowed)


# How many an inspection has.
_HELD = {
    Kind.INSPECTION: "1",
    Kind.FINDING: """
        SELECT count(*) FROM inspections_finding
        WHERE inspection_id = inspections_inspection.id
    """,
    Kind.FLAG: """
        SELECT count(*) FROM inspections_flag
        WHERE inspection_id = inspections_inspection.id
    """,
}
