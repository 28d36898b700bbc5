from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # phones go on sending meanwhile

    dependencies = [
        ('submissions', '0007_sent_from_a_desk'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='submissionversion',
            index=models.Index(condition=models.Q(('person__isnull', False)), fields=['person'], name='version_by_person'),
        ),
    ]
