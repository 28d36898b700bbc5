from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('submissions', '0010_thumbnails_owed'),
    ]

    operations = [
        migrations.AddField(
            model_name='thumbnails',
            name='is_own_large',
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
