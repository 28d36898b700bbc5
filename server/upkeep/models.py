"""What keeps the server going: the last run of each task, and what operators did for the data."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Ran(models.Model):
    """The last run of one background task: a worker that writes here is alive."""

    task = models.TextField(primary_key=True)  # its name for Celery
    queue = models.TextField()
    ended_at = models.DateTimeField()
    seconds = models.FloatField()
    succeeded_at = models.DateTimeField(null=True)  # of the last run that ended well
    failure = models.TextField(blank=True)  # class of what ended the last run; never its words

    def __str__(self) -> str:
        return f"{self.task} {self.ended_at:%Y-%m-%d %H:%M}"


class Act(models.TextChoices):
    """What an operator does for the data."""

    BACKUP = "backup", "sao lưu"
    RESTORE_TEST = "restore_test", "thử phục hồi"
    FILE_CHECK = "file_check", "đối chiếu tệp"  # manage.py fsck, reading every file


class Care(models.Model):
    """One time that it was done; never changed."""

    act = models.TextField(choices=Act.choices)
    done_at = models.DateTimeField()
    size = models.PositiveBigIntegerField(null=True)  # bytes: of a backup, or of the files read
    is_good = models.BooleanField()
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = (models.Index(fields=["act", "-done_at"], name="care_of_an_act"),)
        constraints = (
            models.CheckConstraint(condition=Q(act__in=Act.values), name="care_act_is_known"),
            models.CheckConstraint(
                condition=~Q(act=Act.BACKUP) | Q(size__gt=0), name="backup_holds_something"
            ),
        )

    def __str__(self) -> str:
        return f"{self.act} {self.done_at:%Y-%m-%d}"
