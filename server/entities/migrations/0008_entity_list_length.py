from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('entities', '0007_entity_of_a_commune'),
    ]

    operations = [
        migrations.CreateModel(
            name='EntityListLength',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('list_id', models.BigIntegerField()),
                ('block', models.BigIntegerField()),
                ('rows', models.BigIntegerField()),
            ],
            options={
                'abstract': False,
            },
        ),
    ]
