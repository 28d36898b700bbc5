from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False  # AddIndexConcurrently

    dependencies = [
        ('submissions', '0014_attachment_by_content'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='submission',
            index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['form', 'id'], name='submission_of_a_form'),
        ),
    ]
