from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The index of what is a commune's, with all that lists of records ask of it."""

    atomic = False  # the table may be large, and phones go on sending

    dependencies = [
        ("inspections", "0016_hidden_cells"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="inspection",
            index=models.Index(fields=["unit", "form", "submission"], name="inspection_of_commune"),
        ),
        RemoveIndexConcurrently(model_name="inspection", name="inspection_by_unit"),
    ]
