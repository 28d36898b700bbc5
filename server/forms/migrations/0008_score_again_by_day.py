"""What was scored before sets were told apart by the day of the visit is scored again."""

from typing import ClassVar

from django.db import migrations

_OWE = "UPDATE forms_formversion SET rescore_owed_at = now() WHERE rule_version_id IS NOT NULL"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("forms", "0007_rules_by_day")]
    operations: ClassVar = [migrations.RunSQL(_OWE, migrations.RunSQL.noop)]
