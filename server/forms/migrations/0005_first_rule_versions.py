"""Give the versions that were published before there were rule versions the one they were scored by."""

import hashlib
import json

from django.db import migrations


def make(apps, schema_editor):
    FormVersion = apps.get_model("forms", "FormVersion")
    RuleVersion = apps.get_model("forms", "RuleVersion")
    made = {}  # (form, conditions) -> rule version
    numbers = {}
    versions = FormVersion.objects.filter(rule_version=None).order_by("pk")
    for version in versions.only("form_id", "conditions").iterator(chunk_size=50):
        if not version.conditions.get("conditions"):
            continue
        text = json.dumps(version.conditions, sort_keys=True)
        key = (version.form_id, text)
        if key not in made:
            numbers[version.form_id] = numbers.get(version.form_id, 0) + 1
            made[key] = RuleVersion.objects.create(
                form_id=version.form_id,
                number=numbers[version.form_id],
                conditions=version.conditions,
                sha256=hashlib.sha256(text.encode()).hexdigest(),
            )
        FormVersion.objects.filter(pk=version.pk).update(rule_version=made[key])


class Migration(migrations.Migration):

    dependencies = [
        ("forms", "0004_rule_versions"),
    ]

    operations = [
        migrations.RunPython(make, migrations.RunPython.noop),
    ]
