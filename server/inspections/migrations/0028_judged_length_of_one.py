from django.db import migrations

# An arrival brings one inspection: looked up and noted in plain statements, it costs PostgreSQL half
# of what grouping costs. Whoever writes several is noted by group, as before.
_NOTE = """
CREATE OR REPLACE FUNCTION inspections_judgedlength_noted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  one bigint; last bigint; held bigint; form bigint; commune text;
BEGIN
  SELECT min(inspection_id), max(inspection_id), count(*) * TG_ARGV[1]::integer
  INTO one, last, held FROM noted;
  IF one = last THEN
    SELECT form_id, unit_id INTO form, commune FROM inspections_inspection WHERE id = one;
    IF FOUND AND commune IS NOT NULL THEN
      INSERT INTO inspections_judgedlength (kind, list_id, unit, block, rows)
      VALUES (TG_ARGV[0], form, '', one >> 9, held), (TG_ARGV[0], form, commune, one >> 15, held);
    ELSIF FOUND THEN
      INSERT INTO inspections_judgedlength (kind, list_id, unit, block, rows)
      VALUES (TG_ARGV[0], form, '', one >> 9, held);
    END IF;
  ELSIF one < last THEN
    INSERT INTO inspections_judgedlength (kind, list_id, unit, block, rows)
    SELECT TG_ARGV[0], form_id, part.unit, inspection_id >> part.shift,
           sum(many) * TG_ARGV[1]::integer
    FROM (SELECT inspection_id, count(*) AS many FROM noted GROUP BY inspection_id) AS held
    CROSS JOIN LATERAL (
      SELECT form_id, unit_id FROM inspections_inspection WHERE id = inspection_id LIMIT 1
    ) AS inspection
    CROSS JOIN LATERAL (VALUES ('', 9), (unit_id, 15)) AS part (unit, shift)
    WHERE part.unit IS NOT NULL GROUP BY 2, 3, 4;
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION inspections_judgedlength_inspected() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  one bigint; last bigint; of bigint; form bigint; commune text; stood text;
  sign integer := TG_ARGV[0]::integer;
BEGIN
  SELECT min(id), max(id), min(submission_id), min(form_id), min(unit_id)
  INTO one, last, of, form, commune FROM noted;
  IF one = last THEN
    SELECT review_state INTO stood FROM submissions_submission WHERE id = of;
    IF FOUND AND commune IS NOT NULL THEN
      INSERT INTO inspections_judgedlength (kind, list_id, unit, block, state, rows)
      VALUES ('inspection', form, '', one >> 9, '', sign),
             ('inspection', form, commune, one >> 15, stood, sign);
    ELSIF FOUND THEN
      INSERT INTO inspections_judgedlength (kind, list_id, unit, block, rows)
      VALUES ('inspection', form, '', one >> 9, sign);
    END IF;
  ELSIF one < last THEN
    INSERT INTO inspections_judgedlength (kind, list_id, unit, block, state, rows)
    SELECT 'inspection', noted.form_id, part.unit, noted.id >> part.shift, part.state,
           count(*) * sign
    FROM noted JOIN submissions_submission AS submission ON submission.id = noted.submission_id
    CROSS JOIN LATERAL (
      VALUES ('', 9, ''), (unit_id, 15, review_state)
    ) AS part (unit, shift, state)
    WHERE part.unit IS NOT NULL GROUP BY 2, 3, 4, 5;
  END IF;
  RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    """Note what an arrival brings for half the price."""

    dependencies = [
        ("inspections", "0027_judged_length_looked_up"),
    ]

    operations = [
        migrations.RunSQL(_NOTE, migrations.RunSQL.noop),
    ]
