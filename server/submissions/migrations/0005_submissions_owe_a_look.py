from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('submissions', '0004_photo_facts'),
    ]

    operations = [
        migrations.AddField(
            model_name='submission',
            name='look_attempts',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='submission',
            name='look_owed_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name='submission',
            index=models.Index(condition=models.Q(('look_owed_at__isnull', False)), fields=['look_owed_at'], name='submission_look_owed'),
        ),
    ]
