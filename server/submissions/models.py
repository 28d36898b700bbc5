"""WHAT CAME BACK: what devices sent, byte for byte, through all its edits."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from server.forms.models import Form, FormVersion
from server.projects.models import AppUser, Project, User
from server.submissions.draft_submission import DraftSubmission as DraftSubmission  # as the next
from server.submissions.lengths import FormLength as FormLength  # a model of this app as well

_LIVING = Q(deleted_at__isnull=True)


class ReviewState(models.TextChoices):
    """Where a supervisor's review stands, spelled as on Central's wire."""

    RECEIVED = "received"
    EDITED = "edited"
    HAS_ISSUES = "hasIssues"
    APPROVED = "approved"
    REJECTED = "rejected"


class SubmissionQuerySet(models.QuerySet["Submission"]):
    """Submissions, in the words of the field."""

    def living(self) -> Self:
        """Those not deleted."""
        return self.filter(deleted_at=None)

    def countable(self) -> Self:
        """Those that count in totals: everything not deleted and not rejected."""
        return self.living().exclude(review_state=ReviewState.REJECTED)

    def owed(self) -> Self:
        """Those whose meaning is still to be derived, oldest debt first."""
        return self.filter(derive_owed_at__isnull=False).order_by("derive_owed_at", "pk")

    def owed_a_look(self) -> Self:
        """Those still to be compared with their neighbours, oldest debt first."""
        return self.filter(look_owed_at__isnull=False).order_by("look_owed_at", "pk")


class Submission(models.Model):
    """One record through all its edits. Its identity for ever is its first instanceID."""

    # No index but the unique one, which begins with it.
    form = models.ForeignKey(Form, on_delete=models.PROTECT, db_index=False)
    instance_id = models.CharField(max_length=255)  # the first version's
    current_version = models.ForeignKey(
        "SubmissionVersion", null=True, on_delete=models.PROTECT, related_name="+"
    )
    review_state = models.TextField(choices=ReviewState.choices, default=ReviewState.RECEIVED)
    created_at = models.DateTimeField()  # when the first version was received
    updated_at = models.DateTimeField(null=True)  # when it was last edited or decided about
    deleted_at = models.DateTimeField(null=True)
    # The debt: set whenever bytes arrive, cleared by inspections.derive; the sweep looks for it.
    derive_owed_at = models.DateTimeField(null=True)
    derive_attempts = models.PositiveSmallIntegerField(default=0)
    derive_failure = models.TextField(blank=True)  # why the last attempt failed; a code, no answers
    # The next debt, set when that one is paid: to be compared with neighbours (inspections.look).
    look_owed_at = models.DateTimeField(null=True)
    look_attempts = models.PositiveSmallIntegerField(default=0)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["form", "instance_id"], name="one_submission_per_id"),
            models.CheckConstraint(
                condition=Q(review_state__in=ReviewState.values), name="review_state_is_known"
            ),
        )
        indexes = (
            models.Index(
                fields=["derive_owed_at"],
                name="submission_owed",
                condition=Q(derive_owed_at__isnull=False),
            ),
            models.Index(
                fields=["look_owed_at"],
                name="submission_look_owed",
                condition=Q(look_owed_at__isnull=False),
            ),
            # A form's list and what was deleted of it; all as they came, what waits, what failed.
            models.Index(fields=["form", "id"], name="submission_of_a_form", condition=_LIVING),
            models.Index(
                fields=["form", "id"],
                name="submission_deleted",
                condition=Q(deleted_at__isnull=False),
            ),
            models.Index(
                fields=["created_at", "id"], name="submission_by_receipt", condition=_LIVING
            ),
            models.Index(
                fields=["created_at", "id"],
                name="submission_undecided",
                condition=Q(deleted_at=None, review_state__in=["received", "edited", "hasIssues"]),
            ),
            # What feeds are asked for; arrivals are in neither.
            models.Index(
                fields=["form", "review_state", "id"],
                name="submission_reviewed",
                condition=_LIVING & ~Q(review_state="received"),
            ),
            models.Index(
                fields=["form", "updated_at"],
                name="submission_edited",
                condition=Q(updated_at__isnull=False),
            ),
            models.Index(
                fields=["id"], name="submission_failed", condition=_LIVING & ~Q(derive_failure="")
            ),
        )

    def __str__(self) -> str:
        return self.instance_id


class SubmissionVersion(models.Model):
    """One instance as received, byte for byte."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="versions")
    # So that the database can keep (form, instanceID) unique over all versions.
    form = models.ForeignKey(Form, on_delete=models.PROTECT, db_index=False)
    instance_id = models.CharField(max_length=255)
    deprecated_id = models.CharField(max_length=255, blank=True)
    instance_name = models.TextField(blank=True)
    form_version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, db_index=False)
    xml = models.BinaryField()  # as received
    xml_sha256 = models.CharField(max_length=64)
    is_encrypted = models.BooleanField(default=False)
    # The names of files that the XML refers to, in document order (openrosa.md §4.7, §4.9).
    expected_files = ArrayField(models.TextField(), default=list)
    app_user = models.ForeignKey(AppUser, null=True, on_delete=models.PROTECT)
    # Who sent it from a desk, by a program, and from no device.
    person = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    device_id = models.CharField(max_length=255, blank=True)
    user_agent = models.CharField(max_length=255, blank=True)
    edit_reason = models.TextField(blank=True, default="", db_default="")  # by who edits at a desk
    received_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["form", "instance_id"], name="one_version_per_id"),
            # Two edits of the same version cannot both be the next one (openrosa.md §11, ED03).
            models.UniqueConstraint(
                fields=["form", "deprecated_id"],
                name="one_edit_per_version",
                condition=~Q(deprecated_id=""),
            ),
        )
        indexes = (
            # Nearly all come from devices.
            models.Index(
                fields=["person"], name="version_by_person", condition=Q(person__isnull=False)
            ),
        )

    def __str__(self) -> str:
        return self.instance_id


class SubmissionAttachment(models.Model):
    """A file received with a version; the first of a name is shown, later ones kept beside."""

    version = models.ForeignKey(
        SubmissionVersion, on_delete=models.CASCADE, related_name="attachments", db_index=False
    )
    name = models.TextField()  # the multipart part's name, which the XML refers to
    sha256 = models.CharField(max_length=64)  # blob
    size = models.BigIntegerField()  # bytes
    content_type = models.TextField()
    is_expected = models.BooleanField()  # the XML refers to it
    # Taken over from the version that was edited; gives way when the edit brings its own.
    is_carried_over = models.BooleanField(default=False)
    received_at = models.DateTimeField()
    # The debt of an image: to be made small (thumbnails).
    thumbnails_owed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["version", "name", "sha256"], name="one_attachment_per_content"
            ),
        )
        indexes = (
            models.Index(
                fields=["thumbnails_owed_at"],
                name="attachment_thumbnails_owed",
                condition=Q(thumbnails_owed_at__isnull=False),
            ),
            # Whether any record still has a photo or a file (orphans).
            models.Index(fields=["sha256"], name="attachment_by_content"),
        )

    def __str__(self) -> str:
        return self.name


class PhotoFacts(models.Model):
    """What the bytes of one photo show and say of themselves; derived, once for the same bytes."""

    # Its SHA-256; not named for it, so that what we know of a blob does not keep it (orphans).
    blob = models.CharField(max_length=64, primary_key=True)
    note = models.TextField(blank=True)  # why nothing was read: no_image, broken, too_large
    dhash = models.CharField(max_length=64, blank=True)  # hexadecimal; "" where it shows nothing
    bands = ArrayField(models.IntegerField(), default=list)  # of a coarser one, see photos.bands
    taken_at = models.DateTimeField(null=True)  # EXIF
    lon = models.FloatField(null=True)  # EXIF, degrees WGS 84
    lat = models.FloatField(null=True)

    class Meta:
        indexes = (GinIndex(fields=["bands"], name="photo_by_band"),)

    def __str__(self) -> str:
        return self.blob


class Thumbnails(models.Model):
    """A photo made small; derived, once for the same bytes."""

    # Of the photo; not named for a SHA-256, so that its small ones do not keep it (orphans).
    blob = models.CharField(max_length=64, primary_key=True)
    note = models.TextField(blank=True)  # why there are none: no_image, broken, too_large
    small_sha256 = models.CharField(max_length=64, blank=True)  # blob, JPEG
    small_size = models.BigIntegerField(null=True)  # bytes
    large_sha256 = models.CharField(max_length=64, blank=True)  # "" until somebody asks for it
    large_size = models.BigIntegerField(null=True)  # bytes
    # A JPEG that is not too large is shown itself, stripped; then none is made.
    is_own_large = models.BooleanField(default=False, db_default=False)

    def __str__(self) -> str:
        return self.blob


class ReviewEvent(models.Model):
    """One decision about a submission; never changed afterwards."""

    submission = models.ForeignKey(
        Submission, on_delete=models.CASCADE, related_name="review_events"
    )
    # What the person had before them.
    version = models.ForeignKey(SubmissionVersion, on_delete=models.CASCADE, related_name="+")
    from_state = models.TextField(choices=ReviewState.choices)
    to_state = models.TextField(choices=ReviewState.choices)
    reason = models.TextField(blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(from_state__in=ReviewState.values) & Q(to_state__in=ReviewState.values),
                name="review_event_states_are_known",
            ),
            models.CheckConstraint(
                condition=~Q(to_state__in=(ReviewState.HAS_ISSUES, ReviewState.REJECTED))
                | ~Q(reason=""),
                name="refusal_has_a_reason",
            ),
        )

    def __str__(self) -> str:
        return f"{self.from_state} -> {self.to_state}"


class Comment(models.Model):
    """A remark about a submission, or about one answer in it."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="comments")
    path = models.TextField(blank=True)  # of the field; "" for the whole
    body = models.TextField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.by_id} {self.at:%Y-%m-%d %H:%M}"


class QuarantineReason(models.TextChoices):
    """Why something that arrived could not become a submission by itself."""

    CONFLICT = "conflict"  # the instanceID is taken, by other XML
    FORM_UNKNOWN = "form_unknown"  # never published here, or withdrawn
    VERSION_UNKNOWN = "version_unknown"
    FORM_CLOSED = "form_closed"  # filled in before the form closed, or sent in spite of it
    ORIGINAL_UNKNOWN = "original_unknown"  # an edit of what never came
    EDIT_OUTDATED = "edit_outdated"  # an edit of what somebody else has edited since


class Decision(models.TextChoices):
    """What a person made of something in quarantine."""

    ACCEPT = "accept"
    REJECT = "reject"


class QuarantinedQuerySet(models.QuerySet["Quarantined"]):
    """What is kept apart, in the words of the field."""

    def waiting(self) -> Self:
        """Those that nobody has decided about."""
        return self.filter(decided_at=None)


class Quarantined(models.Model):
    """An instance that could not become a submission, kept whole until a person decides."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT)
    reason = models.TextField(choices=QuarantineReason.choices)
    form_id = models.CharField(max_length=255)  # as the instance says; may be unknown here
    version = models.CharField(max_length=255, blank=True)  # the same
    instance_id = models.CharField(max_length=255)
    deprecated_id = models.CharField(max_length=255, blank=True)
    xml = models.BinaryField()
    xml_sha256 = models.CharField(max_length=64)
    files = models.JSONField(default=list)  # [{"name", "sha256", "size", "content_type"}]
    size = models.BigIntegerField()  # bytes, of the XML and the files
    app_user = models.ForeignKey(AppUser, null=True, on_delete=models.PROTECT)
    person = models.ForeignKey(  # who sent it from a desk
        User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    device_id = models.CharField(max_length=255, blank=True)
    user_agent = models.CharField(max_length=255, blank=True)
    edit_reason = models.TextField(blank=True, default="", db_default="")  # by who edits at a desk
    received_at = models.DateTimeField()
    # The decision, empty until there is one; it is never taken back.
    decision = models.TextField(choices=Decision.choices, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decision_reason = models.TextField(blank=True)
    submission = models.ForeignKey(  # what it became part of
        Submission, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = QuarantinedQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["project", "form_id", "instance_id", "xml_sha256"],
                name="one_quarantined_per_content",
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_at=None)
                | Q(decision__in=Decision.values, decided_at__isnull=False),
                name="decision_is_dated",
            ),
        )
        indexes = (
            models.Index(
                fields=["project", "app_user"],
                name="quarantined_waiting",
                condition=Q(decided_at=None),
            ),
        )

    def __str__(self) -> str:
        return f"{self.reason} {self.instance_id}"
