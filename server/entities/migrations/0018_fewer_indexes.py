import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# As Django names them. Not AlterField's: it makes the foreign key anew, too, and reads all for it.
_UNREAD = {
    "entities_entity_entity_list_id_f0fb7ce4": "entities_entity (entity_list_id)",
    "entities_entityversion_entity_id_aae31ebb": "entities_entityversion (entity_id)",
    "entities_entityversion_person_id_c30c9d41": "entities_entityversion (person_id)",
    "entities_entityversion_decided_by_id_dbd75303": "entities_entityversion (decided_by_id)",
}


def _key(to: str, name: str, **options: object) -> models.ForeignKey:
    deletion = django.db.models.deletion
    on_delete = deletion.PROTECT if options else deletion.CASCADE
    return models.ForeignKey(
        db_index=False, on_delete=on_delete, related_name=name, to=to, **options
    )


class Migration(migrations.Migration):
    """Take away indexes that another begins with, and those of people, whom nobody looks up."""

    atomic = False  # the tables may be large, and phones go on sending

    dependencies = [
        ("entities", "0017_recommendation_length_counted"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    f"DROP INDEX CONCURRENTLY IF EXISTS {name}",
                    f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {of}",
                )
                for name, of in _UNREAD.items()
            ],
            [
                migrations.AlterField(
                    "entity", "entity_list", _key("entities.entitylist", "entities")
                ),
                migrations.AlterField("entityversion", "entity", _key("entities.entity", "versions")),
                migrations.AlterField(
                    "entityversion", "person", _key(settings.AUTH_USER_MODEL, "+", null=True)
                ),
                migrations.AlterField(
                    "entityversion", "decided_by", _key(settings.AUTH_USER_MODEL, "+", null=True)
                ),
            ],
        ),
    ]
