from django.db import migrations

# As before, in one statement: what notes of before do not tell is the difference.
_COUNT = """
INSERT INTO inspections_judgedlength (kind, list_id, unit, block, state, rows)
SELECT 'inspection', list_id, unit, block, state, sum(rows) FROM (
  SELECT inspection.form_id AS list_id, unit_id AS unit, inspection.id >> 15 AS block,
         review_state AS state, count(*) AS rows
  FROM inspections_inspection AS inspection
  JOIN submissions_submission AS submission ON submission.id = submission_id
  WHERE unit_id IS NOT NULL GROUP BY 1, 2, 3, 4
  UNION ALL
  SELECT list_id, unit, block, state, -rows FROM inspections_judgedlength
  WHERE kind = 'inspection' AND unit <> ''
) AS compared GROUP BY 2, 3, 4, 5 HAVING sum(rows) <> 0;
"""


class Migration(migrations.Migration):
    """Count what was there before it was noted."""

    dependencies = [
        ("inspections", "0025_judged_length_state_noted"),
    ]

    operations = [
        migrations.RunSQL(_COUNT, migrations.RunSQL.noop),
    ]
