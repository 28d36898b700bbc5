from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, Left


class Migration(migrations.Migration):

    atomic = False  # AddIndexConcurrently

    dependencies = [
        ('entities', '0005_what_programs_give_lists'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='entity',
            index=models.Index(models.F('entity_list'), Left(Coalesce(KeyTextTransform('han', 'data'), models.Value('')), 10), models.F('id'), condition=models.Q(('deleted_at__isnull', True)), name='entity_by_deadline'),
        ),
    ]
