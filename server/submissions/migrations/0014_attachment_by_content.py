from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False  # AddIndexConcurrently

    dependencies = [
        ('submissions', '0013_originals_of_draft_edits'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='submissionattachment',
            index=models.Index(fields=['sha256'], name='attachment_by_content'),
        ),
    ]
