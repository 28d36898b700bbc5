"""Keep with each device how many submissions its holder is asked to complete."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0005_appuser_queue_health'),
    ]

    operations = [
        migrations.AddField(
            model_name='appuser',
            name='open_tasks',
            field=models.PositiveIntegerField(default=0),
        ),
    ]
