from django.db import migrations

# `noted`: entities, each with a sign. Three notes of each (`recommendation_lengths`).
_SAID = """
  SELECT entity_list_id AS list_id, part.commune, state, part.severity, part.owner, part.due, sign
  FROM (
    SELECT entity_list_id, sign,
           nullif(left(data ->> 'xa', 25), '') AS xa,
           left(coalesce(nullif(data ->> 'trang_thai', ''), 'moi'), 32) AS state,
           left(coalesce(data ->> 'muc_do', ''), 32) AS muc_do,
           left(coalesce(data ->> 'chu_the', ''), 32) AS chu_the,
           nullif(left(data ->> 'han', 10), '') AS han
    FROM noted
    WHERE deleted_at IS NULL
      AND entity_list_id IN (SELECT id FROM entities_entitylist WHERE name = 'kien_nghi')
  ) AS said CROSS JOIN LATERAL (
    VALUES ('', muc_do, chu_the, ''), (xa, muc_do, chu_the, ''), ('', '', '', han)
  ) AS part (commune, severity, owner, due)
  WHERE part.commune IS NOT NULL AND part.due IS NOT NULL
"""
_ADD = """
  INSERT INTO entities_recommendationlength
    (list_id, commune, state, severity, owner, due, block, rows)
"""
_EACH = "SELECT list_id, commune, state, severity, owner, due, 0, sum(sign)"
_NOTE = f"""
CREATE FUNCTION entities_recommendationlength_noted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  {_ADD} {_EACH} FROM (
    WITH signed AS (SELECT *, TG_ARGV[0]::integer AS sign FROM noted)
    {_SAID.replace("FROM noted", "FROM signed")}
  ) AS each GROUP BY 1, 2, 3, 4, 5, 6;
  RETURN NULL;
END $$;
CREATE TRIGGER entities_recommendationlength_came AFTER INSERT ON entities_entity
  REFERENCING NEW TABLE AS noted
  FOR EACH STATEMENT EXECUTE FUNCTION entities_recommendationlength_noted('1');
CREATE TRIGGER entities_recommendationlength_went AFTER DELETE ON entities_entity
  REFERENCING OLD TABLE AS noted
  FOR EACH STATEMENT EXECUTE FUNCTION entities_recommendationlength_noted('-1');

-- By row, so that the updates that change none of this cost nothing.
CREATE FUNCTION entities_recommendationlength_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  {_ADD} {_EACH} FROM (
    WITH noted AS (SELECT OLD.*, -1 AS sign UNION ALL SELECT NEW.*, 1) {_SAID}
  ) AS each GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(sign) <> 0;
  RETURN NULL;
END $$;
CREATE TRIGGER entities_recommendationlength_moved
  AFTER UPDATE OF entity_list_id, data, deleted_at ON entities_entity
  FOR EACH ROW WHEN (
    (OLD.entity_list_id, OLD.data, OLD.deleted_at IS NULL)
    IS DISTINCT FROM (NEW.entity_list_id, NEW.data, NEW.deleted_at IS NULL)
  ) EXECUTE FUNCTION entities_recommendationlength_moved();

CREATE FUNCTION entities_recommendationlength_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM entities_recommendationlength;
  RETURN NULL;
END $$;
CREATE TRIGGER entities_recommendationlength_emptied AFTER TRUNCATE ON entities_entity
  FOR EACH STATEMENT EXECUTE FUNCTION entities_recommendationlength_emptied();
"""  # noqa: S608  (our own words)
_FORGET = """
DROP FUNCTION entities_recommendationlength_noted() CASCADE;
DROP FUNCTION entities_recommendationlength_moved() CASCADE;
DROP FUNCTION entities_recommendationlength_emptied() CASCADE;
"""


class Migration(migrations.Migration):
    """Note from now on what comes, goes and changes; what is there already is counted next."""

    dependencies = [
        ("entities", "0015_register_of_recommendations"),
    ]

    operations = [
        migrations.RunSQL(_NOTE, _FORGET),
    ]
