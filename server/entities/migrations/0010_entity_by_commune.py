from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Left


class Migration(migrations.Migration):
    """The index of a commune's entities, in order."""

    atomic = False  # the table may be large, and phones go on sending

    dependencies = [
        ("entities", "0009_entity_list_length_noted"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="entity",
            index=models.Index(
                models.F("entity_list"),
                Left(KeyTextTransform("xa", "data"), 25),
                models.F("id"),
                condition=models.Q(("deleted_at__isnull", True)),
                name="entity_by_commune",
            ),
        ),
        RemoveIndexConcurrently(model_name="entity", name="entity_of_a_commune"),
    ]
