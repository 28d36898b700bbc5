"""The rows that a meaning becomes, and whether they stand already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from server.inspections.meaning import Meaning
from server.inspections.models import Finding, Flag, Inspection
from server.statements import Columns, one_row
from server.submissions.models import Submission


def facts(meaning: Meaning, submission: Submission) -> dict[str, Any]:
    """Return the columns of the Inspection that `meaning` becomes, but for `derived_at`."""
    version = submission.current_version
    if version is None:
        raise ValueError(f"submission {submission.pk} has no current version")
    place, point = meaning.place, meaning.point
    return {
        "submission_id": submission.pk,
        "form_id": submission.form_id,
        "form_version_id": version.form_version_id,
        "visit_date": meaning.visit_date,
        "year": meaning.year,
        "period": meaning.period,
        "unit_id": place.unit,
        "declared_unit_id": place.declared,
        "located_unit_id": place.located,
        "lon": point.lon if point else None,
        "lat": point.lat if point else None,
        "accuracy_m": point.accuracy_m if point else None,
        "gps_status": place.status,
        "gps_distance_m": place.distance_m,
        "gps_is_schematic": place.is_schematic,
        "result": meaning.scored.result,
        "device_result": meaning.scored.device_result,
        "evidence_share": meaning.scored.evidence_share,
        "answers": dict(meaning.answers.flat),
        "repeats": {
            path: [dict(row) for row in rows] for path, rows in meaning.answers.repeats.items()
        },
    }


def findings(inspection: Inspection, meaning: Meaning) -> list[Finding]:
    """Return the findings of an inspection that is saved, in the order of the findings sheet."""
    return [
        Finding(
            inspection_id=inspection.pk,
            position=position,
            condition=scored.condition,
            status=scored.status,
            device_status=scored.device_status,
            value=scored.value,
            is_core=scored.is_core,
            is_verified=scored.is_verified,
            has_document=scored.has_document,
            evidence=scored.evidence,
        )
        for position, scored in enumerate(meaning.scored.findings)
    ]


def flags(inspection: Inspection, meaning: Meaning) -> list[Flag]:
    """Return the flags of an inspection that is saved."""
    return [
        Flag(inspection_id=inspection.pk, code=flag.code, details=flag.details)
        for flag in meaning.flags
    ]


_FINDING_COLUMNS = (
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


def differs(standing: Inspection, new_facts: Mapping[str, Any], meaning: Meaning) -> bool:
    """Tell whether what stands in the tables is anything but what `meaning` becomes."""
    if any(getattr(standing, name) != value for name, value in new_facts.items()):
        return True
    old_findings = sorted(standing.findings.all(), key=lambda row: row.position)
    if _columns(old_findings) != _columns(findings(standing, meaning)):
        return True
    old_flags = {flag.code: flag.details for flag in standing.flags.all()}
    return old_flags != {flag.code: flag.details for flag in meaning.flags}


def _columns(rows: list[Finding]) -> list[tuple[Any, ...]]:
    return [tuple(getattr(row, name) for name in _FINDING_COLUMNS) for row in rows]


_INSPECTION = Columns(Inspection, frozenset({"id"}))
_FINDING = Columns(Finding, frozenset({"id", "inspection_id"}))
_FLAG = Columns(Flag, frozenset({"id", "inspection_id"}))
# All of it can be computed again, so it need not wait for the disk. The debt must be the very one
# that was derived: files or an edit that came meanwhile owe another. One statement in place of
# the ten that `derive` needs: with it and that of `record`, a new submission takes a third.
_WRITE_FIRST = f"""
WITH paid AS (
  UPDATE submissions_submission
  SET derive_owed_at = NULL, derive_attempts = 0, derive_failure = ''
  WHERE id = %s AND current_version_id = %s AND derive_owed_at = %s
  RETURNING set_config('synchronous_commit', 'off', true)
), inspection AS (
  INSERT INTO inspections_inspection ({_INSPECTION.names}) SELECT {_INSPECTION.marks} FROM paid
  RETURNING id
), finding AS (
  INSERT INTO inspections_finding (inspection_id, {_FINDING.names})
  SELECT id, finding.* FROM inspection, jsonb_to_recordset(%s) AS finding ({_FINDING.types})
), flag AS (
  INSERT INTO inspections_flag (inspection_id, {_FLAG.names})
  SELECT id, flag.* FROM inspection, jsonb_to_recordset(%s) AS flag ({_FLAG.types})
)
SELECT count(*) FROM paid
"""  # noqa: S608  (names of our own columns)


def write_first(submission: Submission, meaning: Meaning) -> None:
    """Write the first meaning of a submission, and that nothing is owed; durable before long.

    Does nothing if its debt is paid by now, or is a later one.
    """
    inspection = Inspection(**facts(meaning, submission), derived_at=timezone.now())
    parameters = [
        submission.pk,
        submission.current_version_id,
        submission.derive_owed_at,
        *_INSPECTION.values(inspection),
        _FINDING.as_json(findings(inspection, meaning)),
        _FLAG.as_json(flags(inspection, meaning)),
    ]
    one_row(_WRITE_FIRST, parameters)
