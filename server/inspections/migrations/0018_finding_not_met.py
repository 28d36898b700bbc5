from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False  # AddIndexConcurrently

    dependencies = [
        ("inspections", "0017_inspection_of_commune"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="finding",
            index=models.Index(
                condition=models.Q(("status__in", ("khong_dat", "chua_du_can_cu"))),
                fields=["status", "id"],
                name="finding_not_met",
            ),
        ),
        AddIndexConcurrently(
            model_name="flag",
            index=models.Index(fields=["code", "id"], name="flag_of_a_kind"),
        ),
    ]
