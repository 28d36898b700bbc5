from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('submissions', '0017_quarantined_edit_reason'),
    ]

    operations = [
        migrations.CreateModel(
            name='FormLength',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('list_id', models.BigIntegerField()),
                ('block', models.BigIntegerField()),
                ('rows', models.BigIntegerField()),
                ('state', models.TextField()),
            ],
            options={
                'abstract': False,
            },
        ),
    ]
