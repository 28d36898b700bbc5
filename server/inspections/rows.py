"""The rows that a meaning becomes, those that stand, and writing the ones in place of the others.

Both come in one shape, so that comparing them is `==`. No models: making twenty of them for each
submission, and twenty more to compare with, takes longer than understanding it.

What a meaning says more one day is a name in a list of columns here and its value beside it, or
one more list of rows in `Rows`.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone

from server.inspections import indicators
from server.inspections.flag_kinds import COMPARED
from server.inspections.meaning import Meaning
from server.inspections.scoring import KHONG_DAT, ScoredCondition
from server.statements import all_rows, copy
from server.submissions.models import Submission

Row = tuple[Any, ...]  # one value for each column of its table below, as Python has it

# What is derived of each table: all but its keys, and when it was.
INSPECTION = (
    "submission_id",
    "form_id",
    "form_version_id",
    "rule_version_id",
    "criteria_set",
    "is_provisional",
    "awaited_set",
    "visit_date",
    "year",
    "period",
    "unit_id",
    "declared_unit_id",
    "located_unit_id",
    "subject",
    "lon",
    "lat",
    "accuracy_m",
    "gps_status",
    "gps_distance_m",
    "gps_is_schematic",
    "result",
    "device_result",
    "evidence_share",
    "answers",
    "repeats",
    "indicators",
)
FINDING = (
    "position",
    "condition",
    "status",
    "device_status",
    "value",
    "is_core",
    "is_verified",
    "has_document",
    "evidence",
)
FLAG = ("code", "details")


@dataclass(frozen=True, slots=True)
class Rows:
    """What stands in the tables for one submission, but for ids and when it was derived."""

    inspection: Row
    findings: dict[str, Row]  # by condition
    flags: dict[str, Row]  # by code


@dataclass(frozen=True, slots=True)
class Standing:
    """What a submission has in the tables now."""

    inspection_id: int
    rows: Rows


def of(meaning: Meaning, submission: Submission) -> Rows:
    """Return the rows that `meaning` becomes."""
    return Rows(
        inspection=_inspection(meaning, submission),
        findings={
            scored.condition: _finding(position, scored)
            for position, scored in enumerate(meaning.scored.findings)
        },
        flags={flag.code: (flag.code, flag.details) for flag in meaning.flags},
    )


def _inspection(meaning: Meaning, submission: Submission) -> Row:
    version = submission.current_version
    if version is None:
        raise ValueError(f"submission {submission.pk} has no current version")
    place, point, scored = meaning.place, meaning.point, meaning.scored
    return (
        submission.pk,
        submission.form_id,
        version.form_version_id,
        meaning.era.rule_version_id,
        meaning.era.conditions.criteria_set,
        meaning.era.is_provisional,
        meaning.era.awaited_set,
        meaning.visit_date,
        meaning.year,
        meaning.period,
        place.unit,
        place.declared,
        place.located,
        meaning.subject,
        point.lon if point else None,
        point.lat if point else None,
        point.accuracy_m if point else None,
        place.status,
        place.distance_m,
        place.is_schematic,
        scored.result,
        scored.device_result,
        scored.evidence_share,
        meaning.answers.flat,
        {path: list(times) for path, times in meaning.answers.repeats.items()},
        indicators.dump(meaning.measured),
    )


def _finding(position: int, scored: ScoredCondition) -> Row:
    return (
        position,
        scored.condition,
        scored.status,
        scored.device_status,
        scored.value,
        scored.is_core,
        scored.is_verified,
        scored.has_document,
        scored.evidence,
    )


_STATUS, _CORE = FINDING.index("status"), FINDING.index("is_core")


def is_severe(rows: Rows) -> bool:
    """Tell whether a core condition is not met."""
    return any(row[_CORE] and row[_STATUS] == KHONG_DAT for row in rows.findings.values())


# What stands --------------------------------------------------------------------------------------

_STANDING = f"""
SELECT id, {", ".join(INSPECTION)} FROM inspections_inspection WHERE submission_id = ANY(%s)
"""  # noqa: S608  (names of our own columns, here and below)
_FINDINGS_OF = f"""
SELECT inspection_id, condition, {", ".join(FINDING)}
FROM inspections_finding WHERE inspection_id = ANY(%s)
"""  # noqa: S608
_FLAGS_OF = f"""
SELECT inspection_id, code, {", ".join(FLAG)} FROM inspections_flag
WHERE inspection_id = ANY(%s) AND code NOT IN ({", ".join(f"'{code}'" for code in COMPARED)})
"""  # noqa: S608


def standing(submission_ids: Sequence[int]) -> dict[int, Standing]:
    """Return what some submissions have, by submission; nothing for one without."""
    inspections = all_rows(_STANDING, [list(submission_ids)])
    ids = [inspection_id for inspection_id, *_ in inspections]
    findings, flags = _hanging(_FINDINGS_OF, ids), _hanging(_FLAGS_OF, ids)
    found: dict[int, Standing] = {}
    for inspection_id, *row, answers, repeats, measured in inspections:
        inspection = (*row, json.loads(answers), json.loads(repeats), json.loads(measured))
        rows = Rows(inspection, findings[inspection_id], flags[inspection_id])
        found[row[0]] = Standing(inspection_id, rows)
    return found


def _hanging(sql: str, inspection_ids: list[int]) -> defaultdict[int, dict[str, Row]]:
    """Return rows by inspection and by what is unique among its rows; their last column is JSON."""
    found: defaultdict[int, dict[str, Row]] = defaultdict(dict)
    for inspection_id, key, *row, given in all_rows(sql, [inspection_ids]):
        found[inspection_id][key] = (*row, json.loads(given))
    return found


# Writing ------------------------------------------------------------------------------------------

WRITTEN = f"INSERT INTO inspections_inspection ({', '.join(INSPECTION)}, derived_at)"
MARKS = ", ".join("%s" for _ in (*INSPECTION, "derived_at"))
_INSTEAD = f"""
ON CONFLICT (submission_id) DO UPDATE SET derived_at = excluded.derived_at,
{", ".join(f"{name} = excluded.{name}" for name in INSPECTION)}
RETURNING submission_id, id
"""
_TOUCH = "UPDATE inspections_inspection SET derived_at = %s WHERE id = ANY(%s)"
_FORGET = """
DELETE FROM {table} AS old
USING unnest(%s::bigint[], %s::text[]) AS gone (inspection_id, key)
WHERE old.inspection_id = gone.inspection_id AND old.{key} = gone.key
"""

_NOTHING = Rows((), {}, {})


@dataclass(frozen=True, slots=True)
class Written:
    """How much was written."""

    inspections: int = 0  # in which anything differed
    rescored: int = 0  # findings that other rules gave another outcome; the earlier one is kept

    def __add__(self, other: Written) -> Written:
        return Written(self.inspections + other.inspections, self.rescored + other.rescored)


def replace(given: Mapping[int, Rows], before: Mapping[int, Standing]) -> Written:
    """Write the given rows, by submission, where they differ from what stands before.

    An inspection keeps its id, and what is the same in it its row: a rule that changed rewrites
    one finding of each, not all that was answered.
    """
    old = {pk: before[pk].rows if pk in before else _NOTHING for pk in given}
    changed = [pk for pk in given if given[pk] != old[pk]]
    if not changed:
        return Written()
    facts = [pk for pk in changed if given[pk].inspection != old[pk].inspection]
    ids = {pk: before[pk].inspection_id for pk in changed if pk in before}
    _touch([ids[pk] for pk in changed if pk not in facts])
    ids |= _add_inspections([given[pk] for pk in facts if pk not in before])
    ids |= _write_inspections([given[pk] for pk in facts if pk in before])
    findings = [_Change(ids[pk], old[pk].findings, given[pk].findings) for pk in changed]
    _write_changes("inspections_finding", FINDING, key="condition", changes=findings)
    flags = [_Change(ids[pk], old[pk].flags, given[pk].flags) for pk in changed]
    _write_changes("inspections_flag", FLAG, key="code", changes=flags)
    _keep_periods(given, before)
    return Written(len(changed), _keep_history(given, before))


def newly_severe(given: Mapping[int, Rows], before: Mapping[int, Standing]) -> list[int]:
    """Return the submissions of which a core condition is not met that was before, or was not."""
    return [
        pk
        for pk, rows in given.items()
        if is_severe(rows) and not (pk in before and is_severe(before[pk].rows))
    ]


_PERIOD = (INSPECTION.index("year"), INSPECTION.index("period"))


def _keep_periods(given: Mapping[int, Rows], before: Mapping[int, Standing]) -> None:
    """Keep which periods records have left: what their figures were of is known nowhere else."""
    now = timezone.now()
    left = [
        (pk, *was, now)
        for pk, old in before.items()
        if all(was := tuple(old.rows.inspection[column] for column in _PERIOD))
        and was != tuple(given[pk].inspection[column] for column in _PERIOD)
    ]
    if left:
        copy("inspections_periodleft", ("submission_id", "year", "period", "at"), left)


_RULES = INSPECTION.index("rule_version_id")
_OUTCOME = (FINDING.index("status"), FINDING.index("value"))
_HISTORY = ("inspection_id", "condition", "status", "value", "rule_version_id", "replaced_at")


def _keep_history(given: Mapping[int, Rows], before: Mapping[int, Standing]) -> int:
    """Keep the outcomes that other rules have replaced; return how many they are."""
    now = timezone.now()
    kept = [
        (old.inspection_id, condition, *_outcome(finding), old.rows.inspection[_RULES], now)
        for pk, old in before.items()
        if old.rows.inspection[_RULES] != given[pk].inspection[_RULES]
        for condition, finding in old.rows.findings.items()
        if _outcome(finding) != _outcome(given[pk].findings.get(condition))
    ]
    if kept:
        copy("inspections_findinghistory", _HISTORY, kept)
    return len(kept)


def _outcome(finding: Row | None) -> Row:
    return () if finding is None else tuple(finding[column] for column in _OUTCOME)


def _touch(inspection_ids: list[int]) -> None:
    if inspection_ids:
        with connection.cursor() as cursor:
            cursor.execute(_TOUCH, [timezone.now(), inspection_ids])


_IDS = "SELECT submission_id, id FROM inspections_inspection WHERE submission_id = ANY(%s)"


def _add_inspections(given: Sequence[Rows]) -> dict[int, int]:
    """Add inspections of submissions that have none; return their ids by submission.

    Whoever else would make one waits for the submission's lock, which we hold.
    """
    if not given:
        return {}
    copy("inspections_inspection", (*INSPECTION, "derived_at"), map(values_of, given))
    return dict(all_rows(_IDS, [[rows.inspection[0] for rows in given]]))


def _write_inspections(given: Sequence[Rows]) -> dict[int, int]:
    """Return the ids of the inspections by submission."""
    if not given:
        return {}
    many = ", ".join([f"({MARKS})"] * len(given))
    values = [value for rows in given for value in values_of(rows)]
    # By a cursor of its own: a statement of another length each time is not worth a plan.
    with connection.cursor() as cursor:
        cursor.execute(f"{WRITTEN} VALUES {many} {_INSTEAD}", values)
        return dict(cursor.fetchall())


def values_of(rows: Rows) -> list[Any]:
    """Return the parameters of an inspection, in the order of WRITTEN."""
    *values, answers, repeats, measured = rows.inspection
    return [*values, _to_json(answers), _to_json(repeats), _to_json(measured), timezone.now()]


@dataclass(frozen=True, slots=True)
class _Change:
    """Rows of one inspection, by what is unique among them."""

    inspection_id: int
    before: Mapping[str, Row]
    after: Mapping[str, Row]


def _write_changes(
    table: str, columns: Sequence[str], *, key: str, changes: Sequence[_Change]
) -> None:
    gone = [
        (c.inspection_id, k) for c in changes for k in c.before if c.after.get(k) != c.before[k]
    ]
    fresh = [
        (c.inspection_id, *row[:-1], _to_json(row[-1]))
        for c in changes
        for k, row in c.after.items()
        if c.before.get(k) != row
    ]
    if gone:
        with connection.cursor() as cursor:
            ids, keys = zip(*gone, strict=True)
            cursor.execute(_FORGET.format(table=table, key=key), [list(ids), list(keys)])
    if fresh:
        copy(table, ("inspection_id", *columns), fresh)


_to_json = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
