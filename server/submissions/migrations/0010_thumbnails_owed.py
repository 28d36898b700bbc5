from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # phones go on sending meanwhile

    dependencies = [
        ('submissions', '0009_thumbnails'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='submissionattachment',
            index=models.Index(condition=models.Q(('thumbnails_owed_at__isnull', False)), fields=['thumbnails_owed_at'], name='attachment_thumbnails_owed'),
        ),
    ]
