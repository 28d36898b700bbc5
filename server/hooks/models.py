"""WHO IS TOLD: addresses of other servers, and what each is to be told."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from server.projects.models import Project, User


class Event(models.TextChoices):
    """What a server can be told of."""

    SUBMISSION_CREATED = "submission.created"
    SUBMISSION_EDITED = "submission.edited"
    REVIEW_DECIDED = "review.decided"
    FINDING_SEVERE = "finding.severe"  # a core condition is not met
    RECOMMENDATION_OVERDUE = "recommendation.overdue"
    PING = "ping"  # somebody tries it


EVENTS = tuple(event for event in Event if event != Event.PING)


class Webhook(models.Model):
    """An address that is told of events of a project. It tells nobody until it is made active."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE)
    url = models.TextField()
    salt = models.CharField(max_length=32)  # of its secret, which is not kept (signing)
    events = ArrayField(models.TextField(choices=Event.choices))
    is_active = models.BooleanField(default=False)
    made_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["project", "url"], name="one_webhook_per_address"),
        )

    def __str__(self) -> str:
        return f"webhook {self.pk}"  # an address may hold a key


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Deliveries, in the words of the field."""

    def owed(self) -> Self:
        """Those still to be made."""
        return self.filter(next_at__isnull=False)


class Delivery(models.Model):
    """One event that one address is to be told: the debt, and the log of paying it."""

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.TextField(choices=Event.choices)
    # What it is about: keys of layers above, so no foreign keys.
    submission_id = models.BigIntegerField(null=True)
    entity = models.UUIDField(null=True)
    state = models.TextField(db_default="", default="")  # as the event made it
    at = models.DateTimeField()  # of the event
    # The bytes that are signed and sent, the same each time; "" before the first attempt.
    payload = models.TextField(db_default="", default="")
    attempts = models.PositiveSmallIntegerField(db_default=0, default=0)
    next_at = models.DateTimeField(null=True)  # the debt; NULL when told, or given up
    last_at = models.DateTimeField(null=True)  # of the last attempt
    last_status = models.PositiveSmallIntegerField(null=True)  # of HTTP
    last_failure = models.TextField(db_default="", default="")  # a code of posting.Failure
    told_at = models.DateTimeField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(
                fields=["webhook", "next_at"],
                name="delivery_owed",
                condition=Q(next_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.event} {self.pk}"
