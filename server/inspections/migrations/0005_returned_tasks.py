"""Keep which entity tells an inspector to complete a submission."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('entities', '0001_initial'),
        ('inspections', '0004_flag_decisions'),
        ('projects', '0006_app_user_open_tasks'),
        ('submissions', '0003_quarantined_form_closed'),
    ]

    operations = [
        migrations.CreateModel(
            name='ReturnedTask',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('closed_at', models.DateTimeField(null=True)),
                ('app_user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='returned_tasks', to='projects.appuser')),
                ('entity', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='entities.entity')),
                ('submission', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='returned_task', to='submissions.submission')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('closed_at', None)), fields=['app_user'], name='returned_task_open')],
            },
        ),
    ]
