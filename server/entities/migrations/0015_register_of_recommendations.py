from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, Left, NullIf
from django.db.models.lookups import Exact

_DUE = Left(Coalesce(KeyTextTransform("han", "data"), models.Value("")), 10)
_STATE = Coalesce(
    NullIf(KeyTextTransform("trang_thai", "data"), models.Value("")),
    models.Value("moi"),
    output_field=models.TextField(),
)


class Migration(migrations.Migration):
    """Indexes of the register of recommendations: of a commune, and of what is open."""

    atomic = False  # the table may be large, and phones go on sending

    dependencies = [
        ("entities", "0014_recommendation_length"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="entity",
            index=models.Index(
                models.F("entity_list"),
                Left(KeyTextTransform("xa", "data"), 25),
                _DUE,
                models.F("id"),
                condition=models.Q(("deleted_at__isnull", True)),
                name="entity_by_commune_and_deadline",
            ),
        ),
        AddIndexConcurrently(
            model_name="entity",
            index=models.Index(
                models.F("entity_list"),
                _DUE,
                models.F("id"),
                condition=models.Q(
                    ("deleted_at__isnull", True),
                    models.Q(Exact(_STATE, models.Value("hoan_thanh")), _negated=True),
                ),
                name="entity_open_by_deadline",
            ),
        ),
    ]
