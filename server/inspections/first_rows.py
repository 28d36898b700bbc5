"""Write the first meaning of a submission: in one statement, while its sender waits."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from enum import Enum, auto

from server.hooks import telling
from server.hooks.models import Event
from server.inspections.meaning import Meaning
from server.inspections.models import Finding, Flag
from server.inspections.rows import (
    FINDING,
    FLAG,
    INSPECTION,
    MARKS,
    WRITTEN,
    Row,
    is_severe,
    of,
    values_of,
)
from server.statements import Columns, one_row
from server.submissions.models import Submission

_FINDINGS = Columns(Finding, frozenset({"id", "inspection_id"}))
_FLAGS = Columns(Flag, frozenset({"id", "inspection_id"}))
# All of it can be computed again, so it need not wait for the disk. The debt must be the very one
# that was derived: files or an edit that came meanwhile owe another. One statement in place of
# the ten that `derive` needs: with it and that of `record`, a new submission takes a third.
_WRITE_FIRST = f"""
WITH rules AS (
  SELECT count(*) > 0 AS stand FROM forms_formversion
  WHERE id = %s AND rule_edition = %s
), paid AS (
  UPDATE submissions_submission
  SET derive_owed_at = NULL, derive_attempts = 0, derive_failure = '', look_owed_at = now()
  WHERE id = %s AND current_version_id = %s AND derive_owed_at = %s
    AND (SELECT stand FROM rules)
  RETURNING set_config('synchronous_commit', 'off', true)
), inspection AS (
  {WRITTEN} SELECT {MARKS} FROM paid RETURNING id, submission_id
), finding AS (
  INSERT INTO inspections_finding (inspection_id, {_FINDINGS.names})
  SELECT id, finding.* FROM inspection, jsonb_to_recordset(%s) AS finding ({_FINDINGS.types})
), flag AS (
  INSERT INTO inspections_flag (inspection_id, {_FLAGS.names})
  SELECT id, flag.* FROM inspection, jsonb_to_recordset(%s) AS flag ({_FLAGS.types})
), told AS (
  {telling.told_within("inspection.submission_id", "inspection")}
)
SELECT stand, EXISTS (SELECT FROM paid) FROM rules
"""  # noqa: S608  (names of our own columns)


class First(Enum):
    """What became of the first meaning of a submission."""

    WRITTEN = auto()
    NOT_OURS = auto()  # its debt is paid by now, or is a later one
    OTHER_RULES = auto()  # its form is scored by others by now


def write_first(submission: Submission, meaning: Meaning) -> First:
    """Write the first meaning of a submission, and that nothing is owed; durable before long.

    Unless it is written, nothing was done. Raises ValueError for a figure that JSON cannot say;
    `replace` can.
    """
    rows = of(meaning, submission)
    found = one_row(
        _WRITE_FIRST,
        [
            rows.inspection[INSPECTION.index("form_version_id")],
            meaning.rule_edition,
            submission.pk,
            submission.current_version_id,
            submission.derive_owed_at,
            *values_of(rows),
            _objects(FINDING, rows.findings.values()),
            _objects(FLAG, rows.flags.values()),
            *telling.parameters(
                Event.FINDING_SEVERE if is_severe(rows) else None, submission.form_id
            ),
        ],
    )
    if found is None or not found[0]:
        return First.OTHER_RULES
    return First.WRITTEN if found[1] else First.NOT_OURS


def _objects(names: Sequence[str], rows: Iterable[Row]) -> str:
    return json.dumps([dict(zip(names, row, strict=True)) for row in rows], allow_nan=False)
