"""Who makes an export: one process at a time, and only its file counts.

Several workers may look for what is owed; each takes what no other holds. Whoever holds one says
that it is alive; when it falls silent for EXPORT_STALE_S, another takes its place. The first may
only have been slow: so everything it still writes names its lease, which is no longer the row's.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from server.blobs import Blob
from server.projects.audit import Actor
from server.projects.models import ActorKind
from server.reports import export_audit, taking
from server.reports.export_kinds import KINDS, Format
from server.reports.models import Export, ExportState
from server.reports.problems import ExportAbandoned
from server.reports.records import still
from server.reports.taking import Taken

MOST_ATTEMPTS = 3  # that end without a word: it is too much for us
BEAT_S = 1.0  # between two signs of life


class LeaseLost(Exception):
    """Nobody waits for this file any more: it was cancelled, or another process makes it."""


@dataclass(frozen=True, slots=True)
class Made:
    """What was made."""

    name: str
    content_type: str
    blob: Blob
    rows: Mapping[str, int]  # of each table
    role: str  # it was made as
    commune_uids: list[str]  # it was made within; empty: all
    taken: Taken


@dataclass(slots=True)
class Lease:
    """The right to make one export, as long as it is renewed."""

    export: Export
    _id: UUID
    _beaten_at: float = 0.0  # time.monotonic()
    alive: Callable[[], None] = still  # called with each sign of life

    def beat(self, percent: int | None = None) -> None:
        """Say that we are alive, once a second at the most. Raises LeaseLost."""
        if percent is not None:
            self.export.percent = min(percent, 99)  # 100 when it is ready
        if time.monotonic() - self._beaten_at < BEAT_S:
            return
        self._beaten_at = time.monotonic()
        self.alive()
        self._write(heartbeat_at=timezone.now(), percent=self.export.percent)

    @transaction.atomic(durable=True)
    def finish(self, made: Made) -> None:
        """Give it out. Raises LeaseLost; then the file is nobody's, and is swept."""
        now, hidden = timezone.now(), made.taken.hidden
        self._write(
            state=ExportState.READY,
            lease=None,
            percent=100,
            ended_at=now,
            expires_at=now + dt.timedelta(days=settings.EXPORT_KEPT_DAYS),
            name=made.name,
            content_type=made.content_type,
            rows=dict(made.rows),
            report={} if hidden is None else hidden.anonymity.as_json(),
            role=made.role,
            commune_uids=made.commune_uids,
            size=made.blob.size,
            sha256=made.blob.sha256,
        )
        by = Actor(ActorKind.PERSON, self.export.asked_by_id, self.export.api_key_id)
        if KINDS[Format(self.export.format)].is_of_records:
            taking.tell(by, made.taken, self.export.format, self.export.purpose)
        else:
            export_audit.record(by, "summary.export", self.export)

    def give_back(self) -> None:
        """Leave it for later: a store is away. The longer it has waited, the later."""
        now = timezone.now()
        waited = now - self.export.asked_at
        later = max(dt.timedelta(seconds=settings.MINIO_AWAY_S), waited / 2)
        self._write(
            state=ExportState.QUEUED,
            lease=None,
            owed_at=now + later,
            percent=0,
            attempts=F("attempts") - 1,  # it was no fault of its own
        )

    def fail(self, code: str) -> None:
        """Say why it cannot be made: the code of a Problem. Raises LeaseLost."""
        now = timezone.now()
        self._write(state=ExportState.FAILED, lease=None, failure=code, ended_at=now)

    def _write(self, **columns: Any) -> None:
        held = Export.objects.filter(
            pk=self.export.pk, lease=self._id, state=ExportState.RUNNING
        ).update(**columns)
        if not held:
            raise LeaseLost


def take() -> Lease | None:
    """Return the right to make what has been owed longest, None when nothing is.

    What was broken off comes after all that nobody has begun: it may be large, and break off again.
    """
    while True:
        lease = _take()
        if lease is None or lease.export.state == ExportState.RUNNING:
            return lease


@transaction.atomic(durable=True)
def _take() -> Lease | None:
    now = timezone.now()
    owed = Export.objects.owed(now, dt.timedelta(seconds=settings.EXPORT_STALE_S))
    # Whoever is behind what we pass over is taking it at this moment.
    found = owed.select_for_update(skip_locked=True).order_by("attempts", "owed_at", "pk").first()
    if found is None:
        return None
    lease = Lease(found, uuid4())
    if found.attempts >= MOST_ATTEMPTS:
        found.state, found.failure = ExportState.FAILED, ExportAbandoned.code
        found.lease, found.ended_at = None, now
    else:
        found.state, found.lease, found.heartbeat_at = ExportState.RUNNING, lease._id, now
        found.attempts, found.percent = found.attempts + 1, 0
    found.save()
    return lease
