import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('submissions', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Comment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('path', models.TextField(blank=True)),
                ('body', models.TextField()),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('submission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='comments', to='submissions.submission')),
            ],
        ),
        migrations.CreateModel(
            name='ReviewEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_state', models.TextField(choices=[('received', 'Received'), ('edited', 'Edited'), ('hasIssues', 'Has Issues'), ('approved', 'Approved'), ('rejected', 'Rejected')])),
                ('to_state', models.TextField(choices=[('received', 'Received'), ('edited', 'Edited'), ('hasIssues', 'Has Issues'), ('approved', 'Approved'), ('rejected', 'Rejected')])),
                ('reason', models.TextField(blank=True)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('submission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='review_events', to='submissions.submission')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='submissions.submissionversion')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('from_state__in', ['received', 'edited', 'hasIssues', 'approved', 'rejected']), ('to_state__in', ['received', 'edited', 'hasIssues', 'approved', 'rejected'])), name='review_event_states_are_known'), models.CheckConstraint(condition=models.Q(models.Q(('to_state__in', ('hasIssues', 'rejected')), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='refusal_has_a_reason')],
            },
        ),
    ]
