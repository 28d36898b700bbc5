from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """One index that tables of communes can be counted from, instead of a shorter one."""

    atomic = False  # the table may be large, and phones go on sending

    dependencies = [
        ("inspections", "0006_visits"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="inspection",
            index=models.Index(
                fields=["form", "year", "period", "unit"],
                include=["id", "submission", "visit_date", "gps_status"],
                name="inspection_by_cell",
            ),
        ),
        RemoveIndexConcurrently(
            model_name="inspection",
            name="inspection_by_period",
        ),
    ]
