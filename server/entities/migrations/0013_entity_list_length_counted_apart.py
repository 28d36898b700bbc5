from django.db import migrations

# In one statement, which sees rows and notes of one moment: what arrives meanwhile notes itself.
_COUNT = """
INSERT INTO entities_entitylistlength (list_id, form, commune, block, rows)
SELECT list_id, form, commune, block, sum(rows) FROM (
  SELECT entity_list_id AS list_id, coalesce(data ->> 'bieu', '') AS form, part.commune,
         id >> part.shift AS block, count(*) AS rows
  FROM entities_entity CROSS JOIN LATERAL (
    VALUES ('', 13), (nullif(left(data ->> 'xa', 25), ''), 15)
  ) AS part (commune, shift)
  WHERE deleted_at IS NULL AND part.commune IS NOT NULL GROUP BY 1, 2, 3, 4
  UNION ALL SELECT list_id, form, commune, block, -rows FROM entities_entitylistlength
) AS compared GROUP BY 1, 2, 3, 4 HAVING sum(rows) <> 0;
"""


class Migration(migrations.Migration):
    """Count what notes of before do not tell apart."""

    dependencies = [
        ("entities", "0012_entity_list_length_noted_apart"),
    ]

    operations = [
        migrations.RunSQL(_COUNT, migrations.RunSQL.noop),
    ]
