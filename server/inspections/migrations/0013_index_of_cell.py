from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The index that tables of communes are counted from, with the workplace as well."""

    atomic = False  # the table may be large, and phones go on sending

    dependencies = [
        ("inspections", "0012_set_in_force"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="inspection",
            index=models.Index(
                fields=["form", "year", "period", "unit"],
                include=["id", "submission", "visit_date", "gps_status", "subject"],
                name="inspection_of_cell",
            ),
        ),
        RemoveIndexConcurrently(model_name="inspection", name="inspection_by_cell"),
    ]
