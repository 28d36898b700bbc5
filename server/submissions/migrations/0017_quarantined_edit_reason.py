from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('submissions', '0016_edit_reason'),
    ]

    operations = [
        migrations.AddField(
            model_name='quarantined',
            name='edit_reason',
            field=models.TextField(blank=True, db_default='', default=''),
        ),
    ]
