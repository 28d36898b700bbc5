from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False  # AddIndexConcurrently

    dependencies = [
        ('submissions', '0021_submission_by_receipt'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='submission',
            index=models.Index(condition=models.Q(('deleted_at', None), ('review_state__in', ['received', 'edited', 'hasIssues'])), fields=['created_at', 'id'], name='submission_undecided'),
        ),
    ]
