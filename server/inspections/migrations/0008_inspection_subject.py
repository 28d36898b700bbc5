from django.db import migrations, models


class Migration(migrations.Migration):
    """What in its commune an inspection is about. A constant default: nothing is rewritten."""

    dependencies = [
        ("inspections", "0007_index_by_cell"),
    ]

    operations = [
        migrations.AddField(
            model_name="inspection",
            name="subject",
            field=models.CharField(blank=True, db_default="", default="", max_length=32),
        ),
    ]
