"""What was sent to try a draft of a form."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q

from server.forms.models import Draft


class DraftSubmissionQuerySet(models.QuerySet["DraftSubmission"]):
    """What was sent to drafts, in the words of the field."""

    def living(self) -> Self:
        """Those of drafts that can still be tried."""
        return self.filter(draft__ended_at=None, draft__form__deleted_at=None)


class DraftSubmission(models.Model):
    """One instance sent to try a draft, byte for byte.

    No Submission, so that nothing counts, lists, exports or derives it; it goes with its draft.
    """

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="submissions")
    instance_id = models.CharField(max_length=255)
    deprecated_id = models.CharField(max_length=255, blank=True)
    # What came first, of an edit; None: it came first itself.
    original = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="edits")
    xml = models.BinaryField()
    xml_sha256 = models.CharField(max_length=64)
    files = models.JSONField(default=list)  # [{"name", "sha256", "size", "content_type"}]
    device_id = models.CharField(max_length=255, blank=True)
    user_agent = models.CharField(max_length=255, blank=True)
    received_at = models.DateTimeField()

    objects = DraftSubmissionQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["draft", "instance_id"], name="one_draft_submission_per_id"
            ),
            models.UniqueConstraint(
                fields=["draft", "deprecated_id"],
                name="one_draft_edit_per_instance",
                condition=~Q(deprecated_id=""),
            ),
        )

    def __str__(self) -> str:
        return self.instance_id
