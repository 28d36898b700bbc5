from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False  # AddIndexConcurrently

    dependencies = [
        ('submissions', '0022_submission_undecided'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='submission',
            index=models.Index(condition=models.Q(('deleted_at__isnull', True), models.Q(('derive_failure', ''), _negated=True)), fields=['id'], name='submission_failed'),
        ),
    ]
