from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0003_appuser_person'),
    ]

    operations = [
        migrations.AddField(
            model_name='appuser',
            name='takes_once',
            field=models.BooleanField(default=False),
        ),
    ]
