from django.db import migrations, models


class Migration(migrations.Migration):
    """Let notes of entities tell of which form and which commune they are."""

    dependencies = [
        ("entities", "0010_entity_by_commune"),
    ]

    operations = [
        migrations.AddField(
            model_name="entitylistlength",
            name="form",
            field=models.TextField(db_default=""),
        ),
        migrations.AddField(
            model_name="entitylistlength",
            name="commune",
            field=models.TextField(db_default=""),
        ),
    ]
