from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0013_user_made_by'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='language',
            field=models.TextField(blank=True, choices=[('vi', 'Vietnamese'), ('en', 'English')], db_default='', default=''),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(('language__in', ('', 'vi', 'en'))), name='language_is_known'),
        ),
    ]
