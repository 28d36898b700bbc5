from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False  # AddIndexConcurrently

    dependencies = [
        ('submissions', '0020_submission_deleted'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='submission',
            index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['created_at', 'id'], name='submission_by_receipt'),
        ),
    ]
