from django.db import migrations

# In one statement, which sees rows and notes of one moment, so that nobody waits for it: what
# arrives meanwhile notes itself. Said again, it finds no difference.
_COUNT = """
INSERT INTO inspections_judgedlength (kind, list_id, unit, block, rows)
SELECT kind, list_id, unit, block, sum(rows) FROM (
  SELECT kind, form_id AS list_id, part.unit, id >> part.shift AS block, sum(many) AS rows
  FROM (
    SELECT 'finding' AS kind, inspection_id, count(*) AS many
    FROM inspections_finding GROUP BY inspection_id
    UNION ALL
    SELECT 'flag', inspection_id, count(*) FROM inspections_flag GROUP BY inspection_id
    UNION ALL
    SELECT 'inspection', id, 1 FROM inspections_inspection
  ) AS held
  JOIN inspections_inspection ON id = inspection_id
  CROSS JOIN LATERAL (VALUES ('', 9), (unit_id, 15)) AS part (unit, shift)
  WHERE part.unit IS NOT NULL GROUP BY 1, 2, 3, 4
  UNION ALL SELECT kind, list_id, unit, block, -rows FROM inspections_judgedlength
) AS compared GROUP BY 1, 2, 3, 4 HAVING sum(rows) <> 0;
"""


class Migration(migrations.Migration):
    """Count what was there before it was noted."""

    dependencies = [
        ("inspections", "0021_judged_length_noted"),
    ]

    operations = [
        migrations.RunSQL(_COUNT, "DELETE FROM inspections_judgedlength"),
    ]
