from django.db import migrations

# Of all communes in blocks of 8,192 entities, of each in blocks of 32,768.
_PARTS = """
  CROSS JOIN LATERAL (
    VALUES ('', 13), (nullif(left(data ->> 'xa', 25), ''), 15)
  ) AS part (commune, shift)
  WHERE deleted_at IS NULL AND part.commune IS NOT NULL
"""
_NOTE = f"""
CREATE OR REPLACE FUNCTION entities_entitylistlength_noted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO entities_entitylistlength (list_id, form, commune, block, rows)
  SELECT entity_list_id, coalesce(data ->> 'bieu', ''), part.commune, id >> part.shift,
         count(*) * TG_ARGV[0]::integer
  FROM noted {_PARTS} GROUP BY 1, 2, 3, 4;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION entities_entitylistlength_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO entities_entitylistlength (list_id, form, commune, block, rows)
  SELECT entity_list_id, coalesce(data ->> 'bieu', ''), part.commune, id >> part.shift, rows
  FROM (SELECT OLD.*, -1 AS rows UNION ALL SELECT NEW.*, 1) AS noted {_PARTS};
  RETURN NULL;
END $$;
DROP TRIGGER entities_entitylistlength_moved ON entities_entity;
CREATE TRIGGER entities_entitylistlength_moved
  AFTER UPDATE OF id, entity_list_id, data, deleted_at ON entities_entity
  FOR EACH ROW WHEN (
    (OLD.id, OLD.entity_list_id, OLD.data ->> 'bieu', OLD.data ->> 'xa', OLD.deleted_at IS NULL)
    IS DISTINCT FROM
    (NEW.id, NEW.entity_list_id, NEW.data ->> 'bieu', NEW.data ->> 'xa', NEW.deleted_at IS NULL)
  ) EXECUTE FUNCTION entities_entitylistlength_moved();
"""  # noqa: S608  (our own words)

class Migration(migrations.Migration):
    """Note it from now on; what is there already is counted next."""

    dependencies = [
        ("entities", "0011_entity_list_length_apart"),
    ]

    operations = [
        migrations.RunSQL(_NOTE, migrations.RunSQL.noop),
    ]
