from django.db import migrations, models


class Migration(migrations.Migration):
    """Let notes of inspections tell where their review stands."""

    dependencies = [
        ("inspections", "0023_period_left"),
    ]

    operations = [
        migrations.AddField(
            model_name="judgedlength",
            name="state",
            field=models.TextField(db_default=""),
        ),
    ]
