from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def least(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Have what still waits made as for a viewer where one may have asked."""
    exports = apps.get_model("reports", "Export").objects
    waiting = exports.filter(state__in=("queued", "running"), profile="deidentified")
    waiting.update(role="viewer")


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0001_export"),
    ]

    operations = [
        migrations.AddField(
            model_name="export",
            name="api_key_id",
            field=models.BigIntegerField(null=True),
        ),
        # Nobody knows what was made as what: so no viewer gets it.
        migrations.AddField(
            model_name="export",
            name="role",
            field=models.TextField(
                choices=[
                    ("manager", "Manager"),
                    ("supervisor", "Supervisor"),
                    ("viewer", "Viewer"),
                ],
                default="supervisor",
            ),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ["manager", "supervisor", "viewer"])),
                name="export_role_is_known",
            ),
        ),
        migrations.RunPython(least, migrations.RunPython.noop),
    ]
