"""Say of what was derived before there were rule versions by which rules it was scored."""

from django.db import migrations

SAY = """
UPDATE inspections_inspection AS inspection SET rule_version_id = version.rule_version_id
FROM forms_formversion AS version
WHERE version.id = inspection.form_version_id AND inspection.rule_version_id IS NULL
"""


class Migration(migrations.Migration):

    dependencies = [
        ("inspections", "0002_rule_versions"),
        ("forms", "0005_first_rule_versions"),
    ]

    operations = [
        migrations.RunSQL(SAY, migrations.RunSQL.noop),
    ]
