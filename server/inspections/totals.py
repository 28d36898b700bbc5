"""The province, and groups of its communes: counts of communes, never sums of figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields

from server.forms.findings import Condition
from server.inspections.commune_rows import LABELS, NOT_INSPECTED, CommuneRow
from server.inspections.expected import Covered, Reported
from server.inspections.groups import Grouping
from server.inspections.outstanding import Outstanding, OutstandingByCommune, together
from server.inspections.subjects import Subjects
from server.inspections.subjects import together as subjects_together
from server.inspections.tallies import VALID_GPS, Share, Tally


@dataclass(frozen=True, slots=True)
class Counts:
    """Some communes, counted."""

    communes: int
    inspected: int
    by_status: Mapping[str, int]
    by_condition: Mapping[str, Mapping[str, int]]
    # {condition: communes where a document was seen or copied, of those where it applies}; only
    # of conditions that ask for evidence
    documented: Mapping[str, Share]
    with_valid_gps: int  # communes whose latest point lies inside a commune, or near its line
    gps: Share  # inspections with such a point, of those in the table
    inspections: int
    recommendations: Outstanding | None
    by_report: Mapping[str, Mapping[str, int]]  # {period: {Reported: communes}}
    by_coverage: Mapping[str, int]  # {Covered: communes}
    subjects: Subjects | None  # of all of them; None where the form is about communes


@dataclass(frozen=True, slots=True)
class GroupTotals:
    """One group of communes."""

    code: str
    label: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class Groups:
    """All groups of a table."""

    by: str
    source: str  # where it comes from which commune is in which
    groups: tuple[GroupTotals, ...]


@dataclass(frozen=True, slots=True)
class Totals(Counts):
    """The province, with what came about no row's commune."""

    of_former_units: int  # inspections of units that are no row here, e.g. ended by a reform
    without_unit: int  # inspections that no commune could be found for
    # Recommendations of units that were split since, or are no row here: in no row's.
    recommendations_elsewhere: Outstanding | None


def in_groups(
    rows: Sequence[CommuneRow],
    grouping: Grouping,
    conditions: Sequence[Condition],
    with_evidence: frozenset[str],
) -> Groups:
    """Count the communes of each group."""
    return Groups(
        by=grouping.by,
        source=grouping.source,
        groups=tuple(
            GroupTotals(
                group.code,
                group.label,
                count(
                    [row for row in rows if grouping.of[row.uid] == group.code],
                    conditions,
                    with_evidence,
                ),
            )
            for group in grouping.groups
        ),
    )


def totals(
    counts: Counts,
    tallies: Mapping[str | None, Tally],
    outstanding: OutstandingByCommune,
) -> Totals:
    """Return the province: what was counted over all rows, and what is in none of them."""
    every = sum(tally.inspections for tally in tallies.values())
    without_unit = tallies[None].inspections if None in tallies else 0
    valid = sum(tally.valid_gps for tally in tallies.values())
    counted = {field.name: getattr(counts, field.name) for field in fields(counts)}
    return Totals(
        **{**counted, "inspections": every, "gps": Share(valid, every)},
        of_former_units=every - counts.inspections - without_unit,
        without_unit=without_unit,
        recommendations_elsewhere=outstanding.elsewhere if outstanding.has_list else None,
    )


def count(
    rows: Sequence[CommuneRow], conditions: Sequence[Condition], with_evidence: frozenset[str]
) -> Counts:
    """Count communes by what their rows say."""
    return Counts(
        communes=len(rows),
        inspected=sum(row.latest is not None for row in rows),
        by_status=_by_status(row.status for row in rows),
        by_condition={
            c.code: _by_status(row.conditions.get(c.code, NOT_INSPECTED) for row in rows)
            for c in conditions
        },
        documented={
            c.code: _documented(c.code, rows) for c in conditions if c.code in with_evidence
        },
        with_valid_gps=sum(
            row.latest is not None and row.latest.gps_status in VALID_GPS for row in rows
        ),
        gps=Share(sum(row.gps.count for row in rows), sum(row.gps.of for row in rows)),
        inspections=sum(row.inspections for row in rows),
        recommendations=together([row.recommendations for row in rows]),
        by_report=_by_report(rows),
        by_coverage={str(state): sum(row.coverage == state for row in rows) for state in Covered},
        subjects=subjects_together(row.subjects for row in rows),
    )


def _by_status(statuses: Iterable[str]) -> dict[str, int]:
    counted = Counter(statuses)
    return {status: counted.get(status, 0) for status in LABELS}


def _documented(code: str, rows: Sequence[CommuneRow]) -> Share:
    told = [row.documented[code] for row in rows if code in row.documented]
    return Share(sum(told), len(told))


def _by_report(rows: Sequence[CommuneRow]) -> dict[str, dict[str, int]]:
    """Count by period and state; a period without a due date is not in it."""
    periods = list(rows[0].reports) if rows else []
    return {
        period: {
            str(state): sum(row.reports[period] == state for row in rows) for state in Reported
        }
        for period in periods
        if any(row.reports[period] is not None for row in rows)
    }
