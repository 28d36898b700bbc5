"""What operators did for the data, as their scripts tell it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from server.upkeep.models import Act, Care
from server.upkeep.problems import BackupEmpty, BackupMissing, BackupTooLarge, MomentWrong

_AHEAD = dt.timedelta(minutes=5)  # that the clock of another machine may be
_MOST_BYTES = 2**63 - 1  # that PostgreSQL counts


def record(
    act: Act, *, at: dt.datetime | None = None, size: int | None = None, is_good: bool = True
) -> Care:
    """Record that something was done.

    at: when; None: now. size: bytes. Raises BackupEmpty, BackupTooLarge, MomentWrong.
    """
    now = timezone.now()
    if at is not None and at > now + _AHEAD:
        raise MomentWrong(text=f"{at:%Y-%m-%dT%H:%M%z}")
    if act == Act.BACKUP and (size is None or size <= 0):
        raise BackupEmpty(name="")
    if size is not None and size > _MOST_BYTES:
        raise BackupTooLarge(most=_MOST_BYTES)
    return Care.objects.create(act=act, done_at=at or now, size=size, is_good=is_good)


def latest(act: Act) -> Care | None:
    """Return when it was done last, well or not."""
    return Care.objects.filter(act=act).order_by("-done_at", "-pk").first()


def size_of(files: Sequence[Path]) -> int:
    """Return how many bytes the files of a backup hold. Raises BackupMissing, BackupEmpty."""
    total = 0
    for file in files:
        try:
            size = file.stat().st_size
        except OSError as error:
            raise BackupMissing(name=file.name) from error
        if not file.is_file() or not size:
            raise BackupEmpty(name=file.name)
        total += size
    return total


def moment(text: str) -> dt.datetime | None:
    """Read a moment that a script gives, in local time unless it says so; None for "".

    Raises MomentWrong.
    """
    if not text:
        return None
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise MomentWrong(text=text) from error
    if found.tzinfo is None:
        found = found.replace(tzinfo=ZoneInfo(settings.LOCAL_TIME_ZONE))
    return found
