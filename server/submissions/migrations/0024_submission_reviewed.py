from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Indexes of what feeds ask for: what was reviewed how, and what was edited when."""

    atomic = False  # the table may be large, and phones go on sending

    dependencies = [
        ("submissions", "0023_submission_failed"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="submission",
            index=models.Index(
                fields=["form", "review_state", "id"],
                name="submission_reviewed",
                condition=models.Q(
                    ("deleted_at__isnull", True),
                    models.Q(("review_state", "received"), _negated=True),
                ),
            ),
        ),
        AddIndexConcurrently(
            model_name="submission",
            index=models.Index(
                fields=["form", "updated_at"],
                name="submission_edited",
                condition=models.Q(("updated_at__isnull", False)),
            ),
        ),
    ]
