from django.db import migrations

# In one statement, which sees rows and notes of one moment: what arrives meanwhile notes itself.
_COUNT = """
INSERT INTO entities_recommendationlength
  (list_id, commune, state, severity, owner, due, block, rows)
SELECT list_id, commune, state, severity, owner, due, 0, sum(sign) FROM (
  SELECT entity_list_id AS list_id, part.commune, state, part.severity, part.owner, part.due, sign
  FROM (
    SELECT entity_list_id, 1 AS sign,
           nullif(left(data ->> 'xa', 25), '') AS xa,
           left(coalesce(nullif(data ->> 'trang_thai', ''), 'moi'), 32) AS state,
           left(coalesce(data ->> 'muc_do', ''), 32) AS muc_do,
           left(coalesce(data ->> 'chu_the', ''), 32) AS chu_the,
           nullif(left(data ->> 'han', 10), '') AS han
    FROM entities_entity
    WHERE deleted_at IS NULL
      AND entity_list_id IN (SELECT id FROM entities_entitylist WHERE name = 'kien_nghi')
  ) AS said CROSS JOIN LATERAL (
    VALUES ('', muc_do, chu_the, ''), (xa, muc_do, chu_the, ''), ('', '', '', han)
  ) AS part (commune, severity, owner, due)
  WHERE part.commune IS NOT NULL AND part.due IS NOT NULL
  UNION ALL
  SELECT list_id, commune, state, severity, owner, due, -rows FROM entities_recommendationlength
) AS each GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(sign) <> 0;
"""


class Migration(migrations.Migration):
    """Count what was there before it was noted."""

    dependencies = [
        ("entities", "0016_recommendation_length_noted"),
    ]

    operations = [
        migrations.RunSQL(_COUNT, "DELETE FROM entities_recommendationlength"),
    ]
