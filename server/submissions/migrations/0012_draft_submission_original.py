import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('submissions', '0011_own_large'),
    ]

    operations = [
        migrations.AddField(
            model_name='draftsubmission',
            name='original',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='edits', to='submissions.draftsubmission'),
        ),
    ]
