from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0011_second_factor'),
    ]

    operations = [
        migrations.AddField(
            model_name='session',
            name='client',
            field=models.TextField(default=''),
        ),
    ]
