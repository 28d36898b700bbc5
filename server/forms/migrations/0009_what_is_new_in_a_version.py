"""Whoever publishes a version says what is new in it."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("forms", "0008_score_again_by_day")]
    operations: ClassVar = [
        migrations.AddField(
            model_name="formversion",
            name="note",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
    ]
