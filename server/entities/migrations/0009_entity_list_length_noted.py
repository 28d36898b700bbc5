from django.db import migrations

# Nothing arrives between counting and the triggers: the first statement keeps writers waiting to
# the end of the transaction, the third of a second that counting a million takes.
_NOTE = """
LOCK TABLE entities_entity IN SHARE ROW EXCLUSIVE MODE;
INSERT INTO entities_entitylistlength (list_id, block, rows)
SELECT entity_list_id, id >> 13, count(*)
FROM entities_entity WHERE deleted_at IS NULL GROUP BY 1, 2;

CREATE FUNCTION entities_entitylistlength_noted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO entities_entitylistlength (list_id, block, rows)
  SELECT entity_list_id, id >> 13, count(*) * TG_ARGV[0]::integer
  FROM noted WHERE deleted_at IS NULL GROUP BY 1, 2;
  RETURN NULL;
END $$;
CREATE TRIGGER entities_entitylistlength_came AFTER INSERT ON entities_entity
  REFERENCING NEW TABLE AS noted
  FOR EACH STATEMENT EXECUTE FUNCTION entities_entitylistlength_noted('1');
CREATE TRIGGER entities_entitylistlength_went AFTER DELETE ON entities_entity
  REFERENCING OLD TABLE AS noted
  FOR EACH STATEMENT EXECUTE FUNCTION entities_entitylistlength_noted('-1');

-- By row, so that the many updates that change none of this cost nothing.
CREATE FUNCTION entities_entitylistlength_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO entities_entitylistlength (list_id, block, rows)
  SELECT entity_list_id, id >> 13, rows
  FROM (SELECT OLD.*, -1 AS rows UNION ALL SELECT NEW.*, 1) AS noted WHERE deleted_at IS NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER entities_entitylistlength_moved
  AFTER UPDATE OF id, entity_list_id, deleted_at ON entities_entity
  FOR EACH ROW WHEN (
    (OLD.id, OLD.entity_list_id, OLD.deleted_at IS NULL)
    IS DISTINCT FROM (NEW.id, NEW.entity_list_id, NEW.deleted_at IS NULL)
  ) EXECUTE FUNCTION entities_entitylistlength_moved();

CREATE FUNCTION entities_entitylistlength_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM entities_entitylistlength;
  RETURN NULL;
END $$;
CREATE TRIGGER entities_entitylistlength_emptied AFTER TRUNCATE ON entities_entity
  FOR EACH STATEMENT EXECUTE FUNCTION entities_entitylistlength_emptied();
"""
_FORGET = """
DROP FUNCTION entities_entitylistlength_noted() CASCADE;
DROP FUNCTION entities_entitylistlength_moved() CASCADE;
DROP FUNCTION entities_entitylistlength_emptied() CASCADE;
DELETE FROM entities_entitylistlength;
"""


class Migration(migrations.Migration):
    """Count each list's entities once, and note from then on what changes."""

    dependencies = [
        ('entities', '0008_entity_list_length'),
    ]

    operations = [
        migrations.RunSQL(_NOTE, _FORGET),
    ]
