from django.db import migrations

# Whoever writes an inspection, and whoever decides about its submission, has the submission locked:
# neither misses the other.
_NOTE = """
CREATE OR REPLACE FUNCTION inspections_judgedlength_inspected() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO inspections_judgedlength (kind, list_id, unit, block, state, rows)
  SELECT 'inspection', noted.form_id, part.unit, noted.id >> part.shift, part.state,
         count(*) * TG_ARGV[0]::integer
  FROM noted JOIN submissions_submission AS submission ON submission.id = noted.submission_id
  CROSS JOIN LATERAL (
    VALUES ('', 9, ''), (unit_id, 15, review_state)
  ) AS part (unit, shift, state)
  WHERE part.unit IS NOT NULL GROUP BY 2, 3, 4, 5;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION inspections_judgedlength_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO inspections_judgedlength (kind, list_id, unit, block, state, rows)
  SELECT kind, form_id, part.unit, NEW.id >> part.shift,
         CASE WHEN kind = 'inspection' AND part.unit <> '' THEN (
           SELECT review_state FROM submissions_submission WHERE id = NEW.submission_id
         ) ELSE '' END,
         many * sign
  FROM (
    SELECT 'inspection' AS kind, 1 AS many
    UNION ALL SELECT 'finding', count(*) FROM inspections_finding WHERE inspection_id = NEW.id
    UNION ALL SELECT 'flag', count(*) FROM inspections_flag WHERE inspection_id = NEW.id
  ) AS held
  CROSS JOIN (
    SELECT OLD.form_id, OLD.unit_id, -1 AS sign UNION ALL SELECT NEW.form_id, NEW.unit_id, 1
  ) AS of
  CROSS JOIN LATERAL (VALUES ('', 9), (unit_id, 15)) AS part (unit, shift)
  WHERE part.unit IS NOT NULL AND many > 0;
  RETURN NULL;
END $$;

CREATE FUNCTION inspections_judgedlength_reviewed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO inspections_judgedlength (kind, list_id, unit, block, state, rows)
  SELECT 'inspection', form_id, unit_id, id >> 15, state, sign
  FROM inspections_inspection
  CROSS JOIN (VALUES (OLD.review_state, -1), (NEW.review_state, 1)) AS stood (state, sign)
  WHERE submission_id = NEW.id AND unit_id IS NOT NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER inspections_judgedlength_reviewed
  AFTER UPDATE OF review_state ON submissions_submission
  FOR EACH ROW WHEN (OLD.review_state IS DISTINCT FROM NEW.review_state)
  EXECUTE FUNCTION inspections_judgedlength_reviewed();
"""
_FORGET = "DROP FUNCTION inspections_judgedlength_reviewed() CASCADE;"


class Migration(migrations.Migration):
    """Note it from now on; what is there already is counted next."""

    dependencies = [
        ("inspections", "0024_judged_length_state"),
        ("submissions", "0024_submission_reviewed"),
    ]

    operations = [
        migrations.RunSQL(_NOTE, _FORGET),
    ]
