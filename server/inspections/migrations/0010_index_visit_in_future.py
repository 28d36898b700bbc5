from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """An index of the few visits that are dated after their receipt."""

    atomic = False  # the table may be large, and phones go on sending

    dependencies = [
        ("inspections", "0009_fill_subjects"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="flag",
            index=models.Index(
                condition=models.Q(("code", "visit_in_future")),
                fields=["inspection"],
                name="flag_visit_in_future",
            ),
        ),
    ]
