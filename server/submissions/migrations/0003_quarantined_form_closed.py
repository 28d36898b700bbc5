from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('submissions', '0002_review_history'),
    ]

    operations = [
        migrations.AlterField(
            model_name='quarantined',
            name='reason',
            field=models.TextField(choices=[('conflict', 'Conflict'), ('form_unknown', 'Form Unknown'), ('version_unknown', 'Version Unknown'), ('form_closed', 'Form Closed'), ('original_unknown', 'Original Unknown'), ('edit_outdated', 'Edit Outdated')]),
        ),
    ]
