import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_NAMES = ("d_tax", "d_name", "h_unit", "t_rec", "v_task")  # best first
_ROWS = 500


def fill(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor | None) -> None:
    """Write down what stored inspections are about, and what is compared by it; safe to repeat.

    Not left to `rederive`: until an operator runs that, all workplaces of a commune would count as
    one.
    """
    version = apps.get_model("forms", "FormVersion")
    inspection = apps.get_model("inspections", "Inspection")
    for version_id, schema in version.objects.values_list("pk", "schema"):
        paths = _paths(schema.get("fields", ()))
        last = 0
        while paths:
            rows = list(
                inspection.objects.filter(form_version=version_id, pk__gt=last)
                .only("answers", "subject", "submission_id")
                .order_by("pk")[:_ROWS]
            )
            if not rows:
                break
            _fill(apps, rows, paths)
            last = rows[-1].pk


def _paths(fields: Iterable[Mapping[str, Any]]) -> list[str]:
    single = [f for f in fields if not f.get("repeat") and not f.get("is_repeat")]
    return [str(f["path"]) for name in _NAMES for f in single if f["name"] == name]


def _fill(apps: Apps, rows: list[Any], paths: list[str]) -> None:
    inspection = apps.get_model("inspections", "Inspection")
    visit = apps.get_model("inspections", "Visit")
    visits = visit.objects.in_bulk([row.submission_id for row in rows])
    for row in rows:
        row.subject = _digest(row.answers, paths)
        if row.submission_id in visits:
            visits[row.submission_id].subject = row.subject
    inspection.objects.bulk_update(rows, ["subject"])
    visit.objects.bulk_update(visits.values(), ["subject"])


def _digest(answers: Mapping[str, str], paths: list[str]) -> str:
    for path in paths:
        said = " ".join(answers.get(path, "").casefold().split())
        bare = said.replace("-", "").replace(" ", "")
        if said:
            of = f"{path.rpartition('/')[2]}={bare if bare.isdigit() else said}"
            return hashlib.sha256(of.encode()).hexdigest()[:32]
    return ""


class Migration(migrations.Migration):
    """Fill `Inspection.subject` in, in batches of their own."""

    atomic = False  # the table may be large, and phones go on sending

    dependencies = [
        ("inspections", "0008_inspection_subject"),
        ("forms", "0006_rule_version_made_for"),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
