from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Indexes of what lists of findings, flags and inspections ask, in the order of records."""

    atomic = False  # the tables may be large, and phones go on sending

    dependencies = [
        ("inspections", "0018_finding_not_met"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="inspection",
            index=models.Index(
                fields=["unit", "id"],
                include=["form", "submission", "year"],
                name="inspection_by_commune",
            ),
        ),
        AddIndexConcurrently(
            model_name="finding",
            index=models.Index(
                condition=models.Q(("status__in", ("khong_dat", "chua_du_can_cu"))),
                fields=["status", "inspection", "position"],
                name="finding_not_met_by_record",
            ),
        ),
        AddIndexConcurrently(
            model_name="flag",
            index=models.Index(fields=["code", "inspection"], name="flag_of_a_kind_by_record"),
        ),
        RemoveIndexConcurrently(model_name="inspection", name="inspection_of_commune"),
        RemoveIndexConcurrently(model_name="finding", name="finding_not_met"),
        RemoveIndexConcurrently(model_name="flag", name="flag_of_a_kind"),
    ]
