import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inspections', '0022_judged_length_counted'),
        ('submissions', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='PeriodLeft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField()),
                ('period', models.TextField()),
                ('at', models.DateTimeField()),
                ('submission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='submissions.submission')),
            ],
            options={
                'indexes': [models.Index(fields=['year', 'period', 'at'], name='period_left')],
            },
        ),
    ]
