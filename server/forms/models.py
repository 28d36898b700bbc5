"""WHAT WE ASK: forms, their published versions, and the files phones need with them."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q

from server.projects.models import Project, User


class FormState(models.TextChoices):
    """What devices may do with a form, spelled as on Central's wire."""

    OPEN = "open"  # listed, downloadable, accepts
    CLOSING = "closing"  # not listed, downloadable, accepts
    CLOSED = "closed"  # nothing


class FormQuerySet(models.QuerySet["Form"]):
    """Forms, in the words of the field."""

    def living(self) -> Self:
        """Those not deleted."""
        return self.filter(deleted_at=None)


class Form(models.Model):
    """A form's whole life, through all its versions."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE)
    form_id = models.CharField(max_length=249)  # OpenRosa's formID (openrosa-metadata: <= 249)
    state = models.TextField(choices=FormState.choices, default=FormState.OPEN)
    current_version = models.ForeignKey(
        "FormVersion", null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True)

    objects = FormQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["project", "form_id"], name="one_form_per_id"),
            models.CheckConstraint(
                condition=Q(state__in=FormState.values), name="form_state_is_known"
            ),
        )

    def __str__(self) -> str:
        return self.form_id


class Definition(models.Model):
    """What a workbook compiled to, byte for byte as phones get it; never changed afterwards."""

    version = models.CharField(max_length=249, blank=True)  # the designer's; "" is a version too
    title = models.TextField()
    xform = models.BinaryField()  # the bytes served
    md5 = models.CharField(max_length=32)  # of `xform`; what the form list says
    workbook_sha256 = models.CharField(max_length=64, blank=True)  # blob; "" when sent as XML
    schema = models.JSONField()  # server.forms.schema.Schema, see schema.dump
    conditions = models.JSONField()  # server.forms.findings.Conditions, see findings.dump
    indicators = models.JSONField(default=list)  # server.forms.indicators, see indicators.dump
    entity_lists = models.JSONField(default=list)  # DeclaredList, see entity_lists.dump
    warnings = models.JSONField(default=list)  # of the compiler, as it wrote them

    class Meta:
        abstract = True


class CriteriaSet(models.Model):
    """A dated rule book; its conditions are written in the forms that judge by it."""

    code = models.CharField(max_length=64, unique=True)  # what h_criteria_set says
    series = models.CharField(max_length=64)  # books of one series follow each other
    title = models.TextField()
    legal_basis = models.TextField(blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)  # the first day on which it no longer holds
    is_verified = models.BooleanField(default=False)  # somebody has read the original text

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")),
                name="criteria_set_ends_after_it_begins",
            ),
        )

    def __str__(self) -> str:
        return self.code


class RuleVersion(models.Model):
    """The conditions that answers are scored by; never changed once made.

    Made when a form is published whose conditions are new, or by a correction (server.forms.rules),
    which scores what is stored again.
    """

    form = models.ForeignKey(Form, on_delete=models.CASCADE, related_name="rule_versions")
    number = models.PositiveIntegerField()  # 1, 2 … within the form
    criteria_set = models.ForeignKey(CriteriaSet, null=True, on_delete=models.PROTECT)
    conditions = models.JSONField()  # server.forms.findings.Conditions, see findings.dump
    sha256 = models.CharField(max_length=64)  # of the conditions
    # Only visits of these days are judged by it, others by what it corrects; NULL: without end.
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)  # the first day on which it no longer holds
    made_at = models.DateTimeField(auto_now_add=True)
    made_for = models.CharField(max_length=249, blank=True)  # the form's version; "" by correcting
    made_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)  # of a correction
    note = models.TextField(blank=True)  # why, of a correction; "" for a publication
    corrects = models.ForeignKey("self", null=True, on_delete=models.PROTECT)
    # What a correction changed: {"condition", "rule": 1, "threshold": ["100", "90"] or [],
    # "is_verified": true or null}, and "valid_from", "valid_to" for one of some days; {} for a
    # publication. A correction of all days is laid in pieces where days differ already.
    correction = models.JSONField(default=dict)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["form", "number"], name="one_rule_version_per_number"),
            models.CheckConstraint(
                condition=Q(corrects=None) | ~Q(note=""), name="rule_correction_has_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_to__gt=F("valid_from")),
                name="rule_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(valid_from=None, valid_to=None) | Q(corrects__isnull=False),
                name="rule_of_some_days_corrects_others",
            ),
        )

    def __str__(self) -> str:
        return f"{self.form} rules {self.number}"


class FormVersion(Definition):
    """One published version."""

    form = models.ForeignKey(Form, on_delete=models.CASCADE, related_name="versions")
    published_at = models.DateTimeField(auto_now_add=True)
    note = models.TextField(blank=True, default="", db_default="")  # what is new, by its publisher
    # What its answers are scored by today, by day of the visit (server.forms.eras); phones go on
    # by `conditions`.
    rule_version = models.ForeignKey(RuleVersion, null=True, on_delete=models.PROTECT)
    # Counts up whenever its answers may be scored otherwise from now on.
    rule_edition = models.PositiveIntegerField(default=0, db_default=0)
    # What it collected must be scored again; the sweep of server.inspections does it.
    rescore_owed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["form", "version"], name="one_form_version"),
        )

    def __str__(self) -> str:
        return f"{self.form} {self.version}"


class DraftQuerySet(models.QuerySet["Draft"]):
    """Drafts, in the words of the field."""

    def living(self) -> Self:
        """Those that can be tried: neither replaced nor published, of a form not deleted."""
        return self.filter(ended_at=None, form__deleted_at=None)


class Draft(Definition):
    """A version to try before it is published.

    In a table of its own, as what is sent to it is, so that no list or total can count it by
    leaving out a condition. Whoever has its token may try it; here is only its SHA-256.
    """

    form = models.ForeignKey(Form, on_delete=models.CASCADE, related_name="drafts")
    token_sha256 = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)  # replaced by another draft or by a publication

    objects = DraftQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["form"], name="one_draft_per_form", condition=Q(ended_at=None)
            ),
        )

    def __str__(self) -> str:
        return f"draft of {self.form} {self.version}"


class AttachmentSource(models.TextChoices):
    """Where the bytes of an attachment come from."""

    FILE = "file"  # a blob
    COMMUNES = "communes"  # communes.csv, rendered from server.communes
    INSPECTORS = "inspectors"  # inspectors.csv, rendered from server.projects
    ENTITIES = "entities"  # an entity list, rendered from server.entities; see `list_name`


class NeededFile(models.Model):
    """A file that phones need with a form; the manifest lists it when its bytes are there."""

    name = models.CharField(max_length=255)
    kind = models.TextField()  # file, image, audio, video (openrosa.md §2.2)
    source = models.TextField(choices=AttachmentSource.choices, default=AttachmentSource.FILE)
    list_name = models.CharField(max_length=255, blank=True)  # of the entity list, else ""
    sha256 = models.CharField(max_length=64, blank=True)  # blob; "" when not (yet) a file
    md5 = models.CharField(max_length=32, blank=True)  # of the blob; what the manifest says
    size = models.BigIntegerField(null=True)  # bytes
    content_type = models.TextField(default="application/octet-stream")

    class Meta:
        abstract = True
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class FormAttachment(NeededFile):
    """A file of a published version."""

    form_version = models.ForeignKey(
        FormVersion, on_delete=models.CASCADE, related_name="attachments"
    )

    class Meta(NeededFile.Meta):
        abstract = False
        constraints = (
            models.UniqueConstraint(fields=["form_version", "name"], name="one_file_per_name"),
        )


class DraftAttachment(NeededFile):
    """A file of a draft."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="attachments")

    class Meta(NeededFile.Meta):
        abstract = False
        constraints = (
            models.UniqueConstraint(fields=["draft", "name"], name="one_draft_file_per_name"),
        )
