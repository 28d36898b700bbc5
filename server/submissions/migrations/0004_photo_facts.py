import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('submissions', '0003_quarantined_form_closed'),
    ]

    operations = [
        migrations.CreateModel(
            name='PhotoFacts',
            fields=[
                ('blob', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('note', models.TextField(blank=True)),
                ('dhash', models.CharField(blank=True, max_length=16)),
                ('bands', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), default=list, size=None)),
                ('taken_at', models.DateTimeField(null=True)),
                ('lon', models.FloatField(null=True)),
                ('lat', models.FloatField(null=True)),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['bands'], name='photo_by_band')],
            },
        ),
    ]
