from django.db import migrations

# Looked up by key, one by one: joined, a server that began empty read all inspections for each
# arrival, until PostgreSQL had statistics of them.
_NOTE = """
CREATE OR REPLACE FUNCTION inspections_judgedlength_noted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO inspections_judgedlength (kind, list_id, unit, block, rows)
  SELECT TG_ARGV[0], form_id, part.unit, inspection_id >> part.shift,
         sum(many) * TG_ARGV[1]::integer
  FROM (SELECT inspection_id, count(*) AS many FROM noted GROUP BY inspection_id) AS held
  CROSS JOIN LATERAL (
    SELECT form_id, unit_id FROM inspections_inspection WHERE id = inspection_id LIMIT 1
  ) AS inspection
  CROSS JOIN LATERAL (VALUES ('', 9), (unit_id, 15)) AS part (unit, shift)
  WHERE part.unit IS NOT NULL GROUP BY 2, 3, 4;
  RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    """Note findings and flags for what a key costs, whatever is known of the tables."""

    dependencies = [
        ("inspections", "0026_judged_length_state_counted"),
    ]

    operations = [
        migrations.RunSQL(_NOTE, migrations.RunSQL.noop),
    ]
