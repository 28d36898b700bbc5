from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Left


class Migration(migrations.Migration):

    atomic = False  # AddIndexConcurrently

    dependencies = [
        ('entities', '0006_entity_by_deadline'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='entity',
            index=models.Index(models.F('entity_list'), Left(KeyTextTransform('xa', 'data'), 25), condition=models.Q(('deleted_at__isnull', True)), name='entity_of_a_commune'),
        ),
    ]
