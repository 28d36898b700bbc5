from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Indexes that give the first few visits of a day, and the next in a row, without the others."""

    atomic = False  # the table may be large, and phones go on sending

    dependencies = [
        ("inspections", "0010_index_visit_in_future"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="visit",
            index=models.Index(
                fields=["form", "unit", "visit_date", "team", "subject", "submission"],
                name="visit_of_one_day",
            ),
        ),
        AddIndexConcurrently(
            model_name="visit",
            index=models.Index(
                fields=["project", "hand", "begun_at", "submission"], name="visit_in_a_row"
            ),
        ),
        RemoveIndexConcurrently(model_name="visit", name="visit_by_day"),
        RemoveIndexConcurrently(model_name="visit", name="visit_by_time"),
    ]
