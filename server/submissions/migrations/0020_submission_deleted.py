from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False  # AddIndexConcurrently

    dependencies = [
        ('submissions', '0019_form_length_noted'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='submission',
            index=models.Index(condition=models.Q(('deleted_at__isnull', False)), fields=['form', 'id'], name='submission_deleted'),
        ),
    ]
