"""Entity lists, their entities through all versions, and what each submission did to them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce, Left, NullIf
from django.db.models.lookups import Exact, In
from django.utils import timezone

from server.entities.recommendation_lengths import COMMUNE_MOST
from server.entities.recommendation_lengths import (
    RecommendationLength as RecommendationLength,  # a model of this app as well
)
from server.lengths import Length
from server.projects.models import Project, User

# No longer than a day, for the reason that COMMUNE_MOST has.
_DUE = Left(Coalesce(KT("data__han"), models.Value("")), 10)
_STATE = Coalesce(
    NullIf(KT("data__trang_thai"), models.Value("")),
    models.Value("moi"),
    output_field=models.TextField(),
)
_DONE = Exact(_STATE, models.Value("hoan_thanh"))

SYSTEM = "hệ thống"  # who made a version that no device sent


class EntityList(models.Model):
    """One list of a project; its row is locked while anything in it changes."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE)
    name = models.CharField(max_length=255)  # as phones and CSV files spell it
    approval_required = models.BooleanField(default=False)  # before an entity is created
    owner_property = models.TextField(blank=True)  # the username that alone gets the row; "": all
    changes = models.PositiveBigIntegerField(default=0)  # one more with each; what is cached by
    created_at = models.DateTimeField(default=timezone.now)  # of older lists: of the migration
    # {property: when}: those that a program gave it, beside those of forms.
    declared = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["project", "name"], name="one_entity_list_per_name"),
        )

    def __str__(self) -> str:
        return self.name


class Entity(models.Model):
    """One thing that is followed up, as it is now. The deleted stay, so that no id comes twice."""

    # No index but the unique one, which begins with it: each is written with each arrival.
    entity_list = models.ForeignKey(
        EntityList, on_delete=models.CASCADE, related_name="entities", db_index=False
    )
    uuid = models.UUIDField()
    version = models.PositiveIntegerField(default=1)
    label = models.TextField()
    data = models.JSONField(default=dict)  # {property: text}
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["entity_list", "uuid"], name="one_entity_per_uuid"),
        )
        indexes = (
            # The register of recommendations, by deadline; of no use to other lists.
            models.Index(
                models.F("entity_list"),
                _DUE,
                models.F("id"),
                name="entity_by_deadline",
                condition=models.Q(deleted_at__isnull=True),
            ),
            # For who answers for some communes: `of_communes`; in order, for `entity_part`.
            models.Index(
                models.F("entity_list"),
                Left(KT("data__xa"), COMMUNE_MOST),
                models.F("id"),
                name="entity_by_commune",
                condition=models.Q(deleted_at__isnull=True),
            ),
            # The register of such a one, by deadline.
            models.Index(
                models.F("entity_list"),
                Left(KT("data__xa"), COMMUNE_MOST),
                _DUE,
                models.F("id"),
                name="entity_by_commune_and_deadline",
                condition=models.Q(deleted_at__isnull=True),
            ),
            # What is still to be done: what is late is found among the few that are open.
            models.Index(
                models.F("entity_list"),
                _DUE,
                models.F("id"),
                name="entity_open_by_deadline",
                condition=models.Q(deleted_at__isnull=True)
                & ~models.Q(Exact(_STATE, models.Value("hoan_thanh"))),
            ),
        )

    def __str__(self) -> str:
        return str(self.uuid)


class EntityListLength(Length):
    """Changes of how many living entities a list has, of all communes and of each.

    Apart by the form that they are of (`bieu`), which recommendations have. block: the id, shifted
    by OF_ALL where commune is "", else by OF_ONE.
    """

    OF_ALL, OF_ONE = 13, 15
    COUNTED = f"""(
      SELECT entity_list_id, coalesce(data ->> 'bieu', '') AS form, part.commune,
             id >> part.shift AS block
      FROM entities_entity CROSS JOIN LATERAL (
        VALUES ('', {OF_ALL}), (nullif(left(data ->> 'xa', {COMMUNE_MOST}), ''), {OF_ONE})
      ) AS part (commune, shift)
      WHERE deleted_at IS NULL AND part.commune IS NOT NULL
    ) AS counted"""  # noqa: S608  (our own numbers)
    KEYS: ClassVar = {
        "list_id": "entity_list_id",
        "form": "form",
        "commune": "commune",
        "block": "block",
    }

    form = models.TextField(db_default="")  # as the entity says it; "": it says none
    commune = models.TextField(db_default="")  # as it says it, COMMUNE_MOST of it; "": all

    def __str__(self) -> str:
        return f"{self.list_id} {self.commune} {self.rows:+}"


class ConflictKind(models.TextChoices):
    """What an update met that was made from an older version (openrosa.md ET14)."""

    NONE = ""
    SOFT = "soft"  # others changed other properties
    HARD = "hard"  # others gave the same property another value
    RULE = "rule"  # the list forbids it: kept, and without effect until somebody decides


def of_communes(uids: Iterable[str]) -> Q:
    """Match the entities of some communes (AdminUnit.uid)."""
    return Q(In(Left(KT("data__xa"), COMMUNE_MOST), sorted(uids)))


class EntityVersion(models.Model):
    """One state of an entity; never changed, save that somebody decides about its conflict."""

    # Without indexes of what another begins with, or of whom nobody looks up: people stay.
    entity = models.ForeignKey(
        Entity, on_delete=models.CASCADE, related_name="versions", db_index=False
    )
    number = models.PositiveIntegerField()
    label = models.TextField()
    data = models.JSONField(default=dict)
    base = models.PositiveIntegerField(null=True)  # number that it was made from; null: created
    branch_id = models.UUIDField(null=True)  # of updates made on one device without a network
    branch_base = models.PositiveIntegerField(null=True)  # baseVersion as that device counts
    # Of the submission that made it: a key of a layer above, so no foreign key.
    submission_id = models.BigIntegerField(null=True, db_index=True)
    by = models.TextField()  # username of the device, name of the person, or SYSTEM
    at = models.DateTimeField()
    person = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    reason = models.TextField(blank=True)  # as a person gave it
    conflict = models.TextField(choices=ConflictKind.choices, blank=True)
    # What it said and the list forbids, by property, and the code of the Problem.
    held = models.JSONField(default=dict)
    rule = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    decision = models.JSONField(null=True)  # conflicts.Verdict, so that it can be repeated
    decided_in = models.PositiveIntegerField(null=True)  # number of the version that it made

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["entity", "number"], name="one_entity_version"),
            models.CheckConstraint(
                condition=Q(conflict__in=ConflictKind.values), name="entity_conflict_is_known"
            ),
        )
        indexes = (
            models.Index(
                fields=["entity"],
                name="entity_conflict_undecided",
                condition=~Q(conflict="") & Q(decided_at=None),
            ),
        )

    def __str__(self) -> str:
        return f"{self.entity_id} v{self.number}"


class SourceState(models.TextChoices):
    """What became of the entity blocks of a submission."""

    DONE = "done"  # never acts again, whatever edit comes
    FAILED = "failed"
    HELD = "held"  # an earlier update of its branch is still to come
    WAITING = "waiting"  # for approval, or for somebody to look at what may be personal data


class EntitySource(models.Model):
    """What one submission did to entities: all of its blocks, or none (openrosa.md ET18)."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE)
    submission_id = models.BigIntegerField(unique=True)  # a key of a layer above
    state = models.TextField(choices=SourceState.choices)
    failure = models.TextField(blank=True)  # a Problem's code, never an answer
    # What its sentence names: lists and attributes as the form calls them.
    details = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    blocks = models.JSONField(default=list)  # of one that is held: Block as a dict
    app_user = models.TextField(blank=True)  # username of the device
    since = models.DateTimeField()  # when it came to this state

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=SourceState.values), name="entity_source_state_is_known"
            ),
        )
        indexes = (
            models.Index(
                fields=["project", "since"], name="entity_source_held", condition=Q(state="held")
            ),
            models.Index(
                fields=["project", "since"],
                name="entity_source_failed",
                condition=Q(state="failed"),
            ),
        )

    def __str__(self) -> str:
        return f"{self.submission_id} {self.state}"
