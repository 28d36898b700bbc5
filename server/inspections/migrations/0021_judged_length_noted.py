from django.db import migrations

# Of all communes in blocks of 512 inspections, of each in blocks of 32,768.
# (`judged_lengths.OF_ALL`, `OF_ONE`).
_NOTE = """
-- In the order in which an arrival writes them, so that neither waits for the other.
LOCK TABLE inspections_inspection, inspections_finding, inspections_flag
  IN SHARE ROW EXCLUSIVE MODE;

CREATE FUNCTION inspections_judgedlength_noted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO inspections_judgedlength (kind, list_id, unit, block, rows)
  SELECT TG_ARGV[0], form_id, part.unit, id >> part.shift, sum(many) * TG_ARGV[1]::integer
  FROM (SELECT inspection_id, count(*) AS many FROM noted GROUP BY inspection_id) AS held
  JOIN inspections_inspection ON id = inspection_id
  CROSS JOIN LATERAL (VALUES ('', 9), (unit_id, 15)) AS part (unit, shift)
  WHERE part.unit IS NOT NULL GROUP BY 2, 3, 4;
  RETURN NULL;
END $$;
CREATE TRIGGER inspections_judgedlength_came AFTER INSERT ON inspections_finding
  REFERENCING NEW TABLE AS noted
  FOR EACH STATEMENT EXECUTE FUNCTION inspections_judgedlength_noted('finding', '1');
CREATE TRIGGER inspections_judgedlength_went AFTER DELETE ON inspections_finding
  REFERENCING OLD TABLE AS noted
  FOR EACH STATEMENT EXECUTE FUNCTION inspections_judgedlength_noted('finding', '-1');
CREATE TRIGGER inspections_judgedlength_came AFTER INSERT ON inspections_flag
  REFERENCING NEW TABLE AS noted
  FOR EACH STATEMENT EXECUTE FUNCTION inspections_judgedlength_noted('flag', '1');
CREATE TRIGGER inspections_judgedlength_went AFTER DELETE ON inspections_flag
  REFERENCING OLD TABLE AS noted
  FOR EACH STATEMENT EXECUTE FUNCTION inspections_judgedlength_noted('flag', '-1');

CREATE FUNCTION inspections_judgedlength_inspected() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO inspections_judgedlength (kind, list_id, unit, block, rows)
  SELECT 'inspection', form_id, part.unit, id >> part.shift, count(*) * TG_ARGV[0]::integer
  FROM noted CROSS JOIN LATERAL (VALUES ('', 9), (unit_id, 15)) AS part (unit, shift)
  WHERE part.unit IS NOT NULL GROUP BY 2, 3, 4;
  RETURN NULL;
END $$;
CREATE TRIGGER inspections_judgedlength_came AFTER INSERT ON inspections_inspection
  REFERENCING NEW TABLE AS noted
  FOR EACH STATEMENT EXECUTE FUNCTION inspections_judgedlength_inspected('1');
CREATE TRIGGER inspections_judgedlength_went AFTER DELETE ON inspections_inspection
  REFERENCING OLD TABLE AS noted
  FOR EACH STATEMENT EXECUTE FUNCTION inspections_judgedlength_inspected('-1');

-- By row, so that the many updates that move nothing to another commune cost nothing.
CREATE FUNCTION inspections_judgedlength_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO inspections_judgedlength (kind, list_id, unit, block, rows)
  SELECT kind, form_id, part.unit, NEW.id >> part.shift, many * sign
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
CREATE TRIGGER inspections_judgedlength_moved
  AFTER UPDATE OF form_id, unit_id ON inspections_inspection
  FOR EACH ROW WHEN ((OLD.form_id, OLD.unit_id) IS DISTINCT FROM (NEW.form_id, NEW.unit_id))
  EXECUTE FUNCTION inspections_judgedlength_moved();

CREATE FUNCTION inspections_judgedlength_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM inspections_judgedlength WHERE kind = TG_ARGV[0];
  RETURN NULL;
END $$;
CREATE TRIGGER inspections_judgedlength_emptied AFTER TRUNCATE ON inspections_inspection
  FOR EACH STATEMENT EXECUTE FUNCTION inspections_judgedlength_emptied('inspection');
CREATE TRIGGER inspections_judgedlength_emptied AFTER TRUNCATE ON inspections_finding
  FOR EACH STATEMENT EXECUTE FUNCTION inspections_judgedlength_emptied('finding');
CREATE TRIGGER inspections_judgedlength_emptied AFTER TRUNCATE ON inspections_flag
  FOR EACH STATEMENT EXECUTE FUNCTION inspections_judgedlength_emptied('flag');
"""
_FORGET = """
DROP FUNCTION inspections_judgedlength_noted() CASCADE;
DROP FUNCTION inspections_judgedlength_inspected() CASCADE;
DROP FUNCTION inspections_judgedlength_moved() CASCADE;
DROP FUNCTION inspections_judgedlength_emptied() CASCADE;
"""


class Migration(migrations.Migration):
    """Note from now on what comes and goes; what is there already is counted next."""

    dependencies = [
        ("inspections", "0020_judged_length"),
    ]

    operations = [
        migrations.RunSQL(_NOTE, _FORGET),
    ]
