"""Files that people ask for and fetch later: asking, looking, taking back, forgetting.

Locks are taken in this order: the membership of whoever asks, then exports, then the audit log.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from server.inspections.review import REVIEWERS
from server.projects.audit import Actor
from server.projects.models import Membership, Role
from server.reports import export_audit, known, selection
from server.reports.export_kinds import KINDS, Format
from server.reports.models import WAITING, Export, ExportState, Profile
from server.reports.problems import (
    ExportForbidden,
    ExportGone,
    ExportNotReady,
    ExportsKept,
    ExportsWaiting,
    ExportUnknown,
    ProfileRefused,
)
from server.submissions import orphans

_BATCH = 500  # exports that expire in one transaction


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for."""

    format: str  # export_kinds.Format
    profile: Profile
    asked: Mapping[str, Any]  # as Export.asked
    purpose: str


@transaction.atomic(durable=True)
def ask(membership: Membership, wanted: Wanted, by: Actor) -> Export:
    """Return the export that will be made; the same one while it waits and is asked for again.

    Raises ProfileRefused, FilterTooFine, FilterUnknown, ExportsWaiting, ExportsKept.
    """
    _refuse(membership, wanted)
    # One at a time for each person, so that nobody asks past the quota.
    Membership.objects.select_for_update().get(pk=membership.pk)
    theirs = Export.objects.filter(project=membership.project_id, asked_by=membership.user_id)
    waiting = theirs.filter(state__in=WAITING)
    same = waiting.filter(
        format=wanted.format,
        profile=wanted.profile,
        asked=dict(wanted.asked),
        purpose=wanted.purpose,
        role=membership.role,
    ).first()
    if same is not None:
        return same
    if waiting.count() >= settings.EXPORTS_WAITING:
        raise ExportsWaiting(most=settings.EXPORTS_WAITING)
    if theirs.filter(state=ExportState.READY).count() >= settings.EXPORTS_KEPT:
        raise ExportsKept(most=settings.EXPORTS_KEPT)
    now = timezone.now()
    made = Export.objects.create(
        project_id=membership.project_id,
        asked_by_id=membership.user_id,
        asked_at=now,
        role=membership.role,
        api_key_id=by.api_key_id,
        format=wanted.format,
        profile=wanted.profile,
        asked=dict(wanted.asked),
        purpose=wanted.purpose,
        owed_at=now,
    )
    export_audit.record(by, "export.create", made)
    return made


def _refuse(membership: Membership, wanted: Wanted) -> None:
    """Refuse at once what would only fail later; whoever makes it asks again."""
    asked = selection.load(wanted.asked["selection"])
    if wanted.profile == Profile.DEIDENTIFIED:
        selection.select_deidentified(membership, asked)
    elif membership.role not in REVIEWERS and KINDS[Format(wanted.format)].is_of_records:
        raise ProfileRefused
    known.refuse_unknown(membership, asked)


def seen_by(membership: Membership) -> QuerySet[Export]:
    """Return the exports that a person may see, the newest first, with who asked."""
    return Export.objects.of(membership).select_related("asked_by").order_by("-pk")


def find(membership: Membership, export_id: int) -> Export:
    """Return one of them. Raises ExportUnknown."""
    found = seen_by(membership).filter(pk=export_id).first()
    if found is None:
        raise ExportUnknown(id=export_id)
    return found


@transaction.atomic(durable=True)
def cancel(membership: Membership, export_id: int, by: Actor) -> Export:
    """Stop making it, or let its file go; what is over already stays as it is.

    Whoever makes it hears of it within seconds. The file goes with the next sweep for orphans.
    Raises ExportUnknown.
    """
    found = Export.objects.of(membership).select_for_update().filter(pk=export_id).first()
    if found is None:
        raise ExportUnknown(id=export_id)
    if found.state in (*WAITING, ExportState.READY):
        found.state = ExportState.CANCELLED
        found.lease, found.sha256, found.ended_at = None, "", timezone.now()
        found.save(update_fields=["state", "lease", "sha256", "ended_at"])
        export_audit.record(by, "export.cancel", found)
    return find(membership, export_id)


def opened(membership: Membership, export_id: int) -> Export:
    """Return an export whose file may be fetched by a person now.

    Raises ExportUnknown, ExportNotReady, ExportGone; ExportForbidden to whoever answers for fewer
    communes than it was made within, or sees no records any more but those of a viewer's file.
    """
    found = find(membership, export_id)
    if found.state == ExportState.EXPIRED:
        raise ExportGone(id=export_id, days=settings.EXPORT_KEPT_DAYS)
    if found.state != ExportState.READY:
        raise ExportNotReady(id=export_id, state=ExportState(found.state).label)
    if not _may_have(membership, found):
        raise ExportForbidden
    return found


def _may_have(membership: Membership, export: Export) -> bool:
    if not KINDS[Format(export.format)].is_of_records:
        return True
    if membership.role not in REVIEWERS:  # sees what is de-identified, of all that was approved
        return export.profile == Profile.DEIDENTIFIED and export.role == Role.VIEWER
    theirs, within = scope(membership), export.commune_uids
    return not theirs or (bool(within) and set(within) <= set(theirs))


def scope(membership: Membership) -> list[str]:
    """Return the communes that a person's exports are made within; none for all."""
    return membership.commune_uids if membership.role == Role.SUPERVISOR else []


def expire(now: dt.datetime) -> int:
    """Let go of the files that were kept long enough; return how many exports that was.

    Raises StorageUnavailable; then the files go with the next sweep for orphans.
    """
    expired = 0
    while batch := _expired(now):
        orphans.remove_unused(batch)
        expired += len(batch)
    return expired


@transaction.atomic(durable=True)
def _expired(now: dt.datetime) -> list[str]:
    due = Export.objects.filter(state=ExportState.READY, expires_at__lte=now)
    found = list(due.select_for_update(skip_locked=True).order_by("pk")[:_BATCH])
    Export.objects.filter(pk__in=[one.pk for one in found]).update(
        state=ExportState.EXPIRED, sha256=""
    )
    return [one.sha256 for one in found]
