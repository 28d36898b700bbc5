"""Where things are kept: disk, files, database; and the copies of them elsewhere."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from contextlib import suppress

from django.conf import settings
from django.utils import timezone

from server import stores
from server.blobs import StorageFull, StorageUnavailable
from server.reports.checks import Check, Fact, Level, Size, by_age
from server.statements import one_row
from server.stores import SPOOL
from server.upkeep import care
from server.upkeep.models import Act

_DAY = dt.timedelta(days=1)
BACKUP_WATCH, BACKUP_BAD = dt.timedelta(hours=26), 3 * _DAY  # one a night; then two more failed
RESTORE_WATCH = 180 * _DAY
FILE_CHECK_WATCH = 35 * _DAY  # once a month
_ROOM = 10  # times what the server stops at (MIN_FREE_BYTES): watch; 2 times: bad
_SPOOL_WATCH, _SPOOL_BAD = dt.timedelta(minutes=10), dt.timedelta(hours=6)


def kept() -> Iterator[Check]:
    """Give how the places are where things are kept."""
    yield _disk()
    yield _store()
    if SPOOL in settings.STORAGES:
        yield _spool()
    row = one_row("SELECT pg_database_size(current_database())", [])
    yield Check("database", Level.GOOD, {"size": Size(row[0] if row else 0)})
    yield _file_check()


def copies() -> Iterator[Check]:
    """Give how old the last backup is, and whether one was ever restored."""
    now = timezone.now()
    made = care.latest(Act.BACKUP)
    if made is None:
        yield Check("backup", Level.BAD, case="never")
    else:
        age = max(now - made.done_at, dt.timedelta())
        facts: dict[str, Fact] = {"ago": age, "at": made.done_at, "size": Size(made.size or 0)}
        yield Check("backup", by_age(age, BACKUP_WATCH, BACKUP_BAD), facts)
    tried = care.latest(Act.RESTORE_TEST)
    if tried is None:
        yield Check("restore", Level.WATCH, case="never")
    elif not tried.is_good:
        yield Check("restore", Level.BAD, {"at": tried.done_at}, case="failed")
    else:
        is_old = now - tried.done_at > RESTORE_WATCH
        yield Check("restore", Level.WATCH if is_old else Level.GOOD, {"at": tried.done_at})


def _disk() -> Check:
    """Return how much room is on the disk that has least, of those that files come to."""
    free = total = None
    for folder in (settings.FILE_UPLOAD_TEMP_DIR, str(settings.FILES_DIR)):
        with suppress(FileNotFoundError):  # made when the first file comes
            disk = os.statvfs(folder)
            room = disk.f_bavail * disk.f_frsize
            if free is None or room < free:
                free, total = room, disk.f_blocks * disk.f_frsize
    if free is None or not total:
        return Check("disk", Level.WATCH, case="unknown")
    level = Level.GOOD
    if free < _ROOM * settings.MIN_FREE_BYTES or free < total / 10:
        level = Level.WATCH
    if free < 2 * settings.MIN_FREE_BYTES:
        level = Level.BAD
    return Check("disk", level, {"free": Size(free), "percent": round(100 * free / total)})


def _store() -> Check:
    try:
        stores.probe()
    except StorageUnavailable:
        return Check("store", Level.BAD)
    except StorageFull:
        return Check("store", Level.BAD, case="full")
    return Check("store", Level.GOOD)


def _spool() -> Check:
    """Return what waits for the store to answer again."""
    waiting = list(stores.listed(SPOOL, ""))
    if not waiting:
        return Check("spool", Level.GOOD, case="none")
    waits = max(timezone.now() - min(one.modified for one in waiting), dt.timedelta())
    size = sum(one.size for one in waiting)
    level = by_age(waits, _SPOOL_WATCH, _SPOOL_BAD)
    if size > settings.SPOOL_BYTES / 2:
        level = Level.BAD
    return Check("spool", level, {"count": len(waiting), "size": Size(size), "waits": waits})


def _file_check() -> Check:
    done = care.latest(Act.FILE_CHECK)
    if done is None:
        return Check("files", Level.WATCH, case="never")
    facts: dict[str, Fact] = {"at": done.done_at, "size": Size(done.size or 0)}
    if not done.is_good:
        return Check("files", Level.BAD, facts)
    if timezone.now() - done.done_at > FILE_CHECK_WATCH:
        return Check("files", Level.WATCH, facts, case="old")
    return Check("files", Level.GOOD, facts)
