"""WHAT LEAVES: files that people asked for."""

from __future__ import annotations

import datetime as dt
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from server.projects.models import Membership, Project, Role, User


class ExportState(models.TextChoices):
    """Where an export stands."""

    QUEUED = "queued", "đang chờ"
    RUNNING = "running", "đang tạo"
    READY = "ready", "đã xong"
    FAILED = "failed", "không tạo được"
    CANCELLED = "cancelled", "đã hủy"
    EXPIRED = "expired", "đã hết hạn"  # it was ready once; its file is gone


WAITING = (ExportState.QUEUED, ExportState.RUNNING)


class Profile(models.TextChoices):
    """How much of the records is in it."""

    FULL = "full", "như đã nhận"  # for who answers for the records
    DEIDENTIFIED = "deidentified", "đã khử nhận dạng"  # server.reports.deidentified


class ExportQuerySet(models.QuerySet["Export"]):
    """Exports, in the words of the field."""

    def of(self, membership: Membership) -> Self:
        """Those that a person may see: their own; a manager, all of the project."""
        found = self.filter(project=membership.project_id)
        if membership.role == Role.MANAGER:
            return found
        return found.filter(asked_by=membership.user_id)

    def owed(self, now: dt.datetime, stale: dt.timedelta) -> Self:
        """Those to be made: the queued, and the running whose maker gave no sign for `stale`."""
        queued = Q(state=ExportState.QUEUED, owed_at__lte=now)
        silent = Q(state=ExportState.RUNNING, heartbeat_at__lt=now - stale)
        return self.filter(queued | silent)


class Export(models.Model):
    """A file that someone asked for; the row stays when the file is gone."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    # What they asked as, and once it is made what it was made as: a script's key may make it less.
    role = models.TextField(choices=Role.choices)
    api_key_id = models.BigIntegerField(null=True)  # of the script that asked, for the audit log
    format = models.TextField()  # export_kinds.Format
    profile = models.TextField(choices=Profile.choices)
    # {"selection": as selection.dump keeps it, "options": as its kind takes them}.
    asked = models.JSONField()
    purpose = models.TextField()  # in the words of whoever asked
    # The communes it was made within, by uid; empty: all. Whoever answers for less may not have it.
    commune_uids = ArrayField(models.TextField(), default=list)

    state = models.TextField(choices=ExportState.choices, default=ExportState.QUEUED)
    owed_at = models.DateTimeField()  # not to be made before; moved on when a store is away
    attempts = models.PositiveSmallIntegerField(default=0)  # that ended without a word
    lease = models.UUIDField(null=True)  # of the one process whose file counts
    heartbeat_at = models.DateTimeField(null=True)  # its last sign of life
    percent = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    failure = models.TextField(blank=True)  # a Problem's code

    # Of what is ready.
    name = models.TextField(blank=True)
    content_type = models.TextField(blank=True)
    rows = models.JSONField(default=dict)  # {table: rows}
    report = models.JSONField(default=dict)  # how well a de-identified one hides (anonymity)
    size = models.PositiveBigIntegerField(null=True)  # bytes
    sha256 = models.CharField(max_length=64, blank=True)  # of the blob; "" when there is none
    expires_at = models.DateTimeField(null=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=["project", "asked_by"], name="export_by_person"),
            models.Index(
                fields=["owed_at"],
                name="export_owed",
                condition=Q(state__in=WAITING),
            ),
            # Which files are named is asked of every table at once (submissions.orphans).
            models.Index(fields=["sha256"], name="export_by_blob", condition=~Q(sha256="")),
        )
        constraints = (
            models.CheckConstraint(condition=Q(role__in=Role.values), name="export_role_is_known"),
            models.CheckConstraint(
                condition=Q(state__in=ExportState.values), name="export_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(profile__in=Profile.values), name="export_profile_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state=ExportState.READY)
                | (~Q(sha256="") & Q(size__isnull=False, expires_at__isnull=False)),
                name="ready_export_has_a_file",
            ),
            models.CheckConstraint(
                condition=~Q(state=ExportState.RUNNING)
                | Q(lease__isnull=False, heartbeat_at__isnull=False),
                name="running_export_has_a_maker",
            ),
        )

    def __str__(self) -> str:
        return f"{self.format} {self.state}"


class SavedView(models.Model):
    """A filter of the list of records under a name: what it shows is asked anew each time."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    name = models.TextField()
    query = models.TextField()  # of the address, as the filters wrote it; "" is the whole list
    is_shared = models.BooleanField()  # for everybody in the project who sees records
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["project", "owner", "name"],
                name="one_own_view_per_name",
                condition=Q(is_shared=False),
            ),
            models.UniqueConstraint(
                fields=["project", "name"],
                name="one_shared_view_per_name",
                condition=Q(is_shared=True),
            ),
        )

    def __str__(self) -> str:
        return self.name
