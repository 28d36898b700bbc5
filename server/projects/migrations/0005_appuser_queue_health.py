from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0004_public_link_once'),
    ]

    operations = [
        migrations.AddField(
            model_name='appuser',
            name='resends',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='appuser',
            name='refusals',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='appuser',
            name='last_refused_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='appuser',
            name='last_refusal',
            field=models.TextField(default=''),
        ),
    ]
