from django.db import migrations

# What is sent to drafts is little, and ends with them; running it twice changes nothing.
_FILL = """
WITH RECURSIVE chain AS (
  SELECT id, draft_id, instance_id, id AS original_id
  FROM submissions_draftsubmission WHERE deprecated_id = ''
  UNION ALL
  SELECT edit.id, edit.draft_id, edit.instance_id, chain.original_id
  FROM submissions_draftsubmission edit
  JOIN chain ON edit.draft_id = chain.draft_id AND edit.deprecated_id = chain.instance_id
)
UPDATE submissions_draftsubmission edited SET original_id = chain.original_id
FROM chain
WHERE chain.id = edited.id AND chain.id <> chain.original_id AND edited.original_id IS NULL
"""


class Migration(migrations.Migration):

    dependencies = [
        ('submissions', '0012_draft_submission_original'),
    ]

    operations = [
        migrations.RunSQL(_FILL, migrations.RunSQL.noop),
    ]
