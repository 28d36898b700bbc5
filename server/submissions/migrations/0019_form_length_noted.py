from django.db import migrations

# Nothing arrives between counting and the triggers: the first statement keeps writers waiting to
# the end of the transaction, the third of a second that counting a million takes.
_NOTE = """
LOCK TABLE submissions_submission IN SHARE ROW EXCLUSIVE MODE;
INSERT INTO submissions_formlength (list_id, state, block, rows)
SELECT form_id, review_state, id >> 13, count(*)
FROM submissions_submission WHERE deleted_at IS NULL GROUP BY 1, 2, 3;

CREATE FUNCTION submissions_formlength_noted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO submissions_formlength (list_id, state, block, rows)
  SELECT form_id, review_state, id >> 13, count(*) * TG_ARGV[0]::integer
  FROM noted WHERE deleted_at IS NULL GROUP BY 1, 2, 3;
  RETURN NULL;
END $$;
CREATE TRIGGER submissions_formlength_came AFTER INSERT ON submissions_submission
  REFERENCING NEW TABLE AS noted
  FOR EACH STATEMENT EXECUTE FUNCTION submissions_formlength_noted('1');
CREATE TRIGGER submissions_formlength_went AFTER DELETE ON submissions_submission
  REFERENCING OLD TABLE AS noted
  FOR EACH STATEMENT EXECUTE FUNCTION submissions_formlength_noted('-1');

-- By row, so that the many updates that change none of this cost nothing.
CREATE FUNCTION submissions_formlength_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO submissions_formlength (list_id, state, block, rows)
  SELECT form_id, review_state, id >> 13, rows
  FROM (SELECT OLD.*, -1 AS rows UNION ALL SELECT NEW.*, 1) AS noted WHERE deleted_at IS NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER submissions_formlength_moved
  AFTER UPDATE OF id, form_id, review_state, deleted_at ON submissions_submission
  FOR EACH ROW WHEN (
    (OLD.id, OLD.form_id, OLD.review_state, OLD.deleted_at IS NULL)
    IS DISTINCT FROM (NEW.id, NEW.form_id, NEW.review_state, NEW.deleted_at IS NULL)
  ) EXECUTE FUNCTION submissions_formlength_moved();

CREATE FUNCTION submissions_formlength_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM submissions_formlength;
  RETURN NULL;
END $$;
CREATE TRIGGER submissions_formlength_emptied AFTER TRUNCATE ON submissions_submission
  FOR EACH STATEMENT EXECUTE FUNCTION submissions_formlength_emptied();
"""
_FORGET = """
DROP FUNCTION submissions_formlength_noted() CASCADE;
DROP FUNCTION submissions_formlength_moved() CASCADE;
DROP FUNCTION submissions_formlength_emptied() CASCADE;
DELETE FROM submissions_formlength;
"""


class Migration(migrations.Migration):
    """Count each form's submissions once, and note from then on what changes."""

    dependencies = [
        ('submissions', '0018_form_length'),
    ]

    operations = [
        migrations.RunSQL(_NOTE, _FORGET),
    ]
