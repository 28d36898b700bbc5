"""How many inspections, findings and flags forms have, and where (`server.lengths`).

Those of deleted submissions too: a note that asked whether a submission is deleted would be wrong
where it is being deleted in that moment. Who reads takes them off, `judged_list`.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from server.lengths import Length

# Inspections in a block, as shifts of their ids: of all communes few, since each has some twenty
# findings and a block is read through; of one commune as many as give it a few hundred.
OF_ALL, OF_ONE = 9, 15


class Kind(models.TextChoices):
    """What is counted."""

    INSPECTION = "inspection"
    FINDING = "finding"
    FLAG = "flag"


class JudgedLength(Length):
    """Changes of how much of a kind a form has, of all communes and of each.

    block: the id of the inspection, shifted by OF_ALL where unit is "", else by OF_ONE.
    state: where the review of the submission stands, of inspections of one commune; else "".
    """

    COUNTED = f"""(
      WITH held (kind, inspection_id, many) AS (
        SELECT 'finding', inspection_id, count(*) FROM inspections_finding GROUP BY inspection_id
        UNION ALL
        SELECT 'flag', inspection_id, count(*) FROM inspections_flag GROUP BY inspection_id
        UNION ALL
        SELECT 'inspection', id, 1 FROM inspections_inspection
      )
      SELECT kind, of.form_id, part.unit, of.id >> part.shift AS block, many,
             CASE WHEN kind = 'inspection' AND part.unit <> '' THEN review_state ELSE '' END
               AS state
      FROM held JOIN inspections_inspection AS of ON of.id = inspection_id
      JOIN submissions_submission AS submission ON submission.id = submission_id
      CROSS JOIN LATERAL (VALUES ('', {OF_ALL}), (unit_id, {OF_ONE})) AS part (unit, shift)
      WHERE part.unit IS NOT NULL
    ) AS counted"""  # noqa: S608  (our own numbers)
    MANY = "sum(many)"
    KEYS: ClassVar = {
        "kind": "kind",
        "list_id": "form_id",
        "unit": "unit",
        "block": "block",
        "state": "state",
    }

    kind = models.TextField(choices=Kind.choices)
    unit = models.TextField()  # AdminUnit.uid; "": all, and those of none
    state = models.TextField(db_default="")  # ReviewState, or ""

    def __str__(self) -> str:
        return f"{self.list_id} {self.kind} {self.unit} {self.rows:+}"
