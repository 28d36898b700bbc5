"""Make what people asked for: write it to a file, read it again, and only then give it out."""

from __future__ import annotations

import logging
from array import array
from collections.abc import Callable, Mapping
from typing import IO

from django.db import InterfaceError, OperationalError

from server import blobs
from server.blobs import StorageFull, StorageUnavailable
from server.errors import Problem
from server.inspections import summary
from server.inspections.failures import whereabouts
from server.projects import api_keys
from server.projects.models import Membership, Role
from server.reports import beating, hanging, jobs, leases, selection, taking
from server.reports.export_kinds import KINDS, Format, Work, Written
from server.reports.leases import Lease, LeaseLost, Made
from server.reports.models import Export, Profile
from server.reports.problems import ExportForbidden, ExportWrong
from server.reports.records import Keys, Watched
from server.reports.taking import Taken
from server.reports.verified import Broken
from server.submissions.models import Submission

log = logging.getLogger(__name__)

_WRITTEN = 90  # percent, when all that is left is to read it again and to store it
_BATCH = 2_000  # records asked about at once
_UNFORESEEN = "internal"  # as the API calls what is our own fault


def make_next() -> bool:
    """Make the next of what is owed, as `leases.take` says; tell whether there was any.

    What cannot be made holds up nobody: its row says why. Where a store is away it is owed again.
    Raises what the database raises; then whoever looks next finds it silent, and begins anew.
    """
    lease = leases.take()
    if lease is None:
        return False
    try:
        try:
            with hanging.watched() as lease.alive:
                lease.finish(_make(lease))
        except (StorageUnavailable, StorageFull) as away:
            log.warning("export %s waits: %s", lease.export.pk, away.code)
            lease.give_back()
        except Problem as problem:
            log.warning("export %s not made: %s", lease.export.pk, problem.code)
            lease.fail(problem.code)
        except (OperationalError, InterfaceError, LeaseLost):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it may not hold up the others
            log.error("export %s not made: %s", lease.export.pk, whereabouts(error))
            lease.fail(_UNFORESEEN)
    except LeaseLost:
        log.info("export %s is not wanted any more, or made elsewhere", lease.export.pk)
    return True


def _make(lease: Lease) -> Made:
    export = lease.export
    membership = _membership(export)
    asked = selection.load(export.asked["selection"])
    is_deidentified = export.profile == Profile.DEIDENTIFIED
    kind = KINDS[Format(export.format)]
    if kind.is_of_records:
        taken = taking.take(membership, asked, is_deidentified=is_deidentified, beat=lease.beat)
    else:
        form = summary.published_form(membership.project_id, asked.form_id)
        taken = Taken(form, asked, array("q"), None)
    watched = Watched(taken.keys, _progress(lease, len(taken.keys) * kind.passes))
    work = Work(taken.form, watched, export.asked.get("options", {}), taken.hidden, lease.beat)
    blobs.check_room()
    with beating.temporary(lease.beat) as out:
        written = kind.write(work, out)
        out.flush()
        rows = agreed(written, out, Watched(taken.keys, lambda _: lease.beat()))
        return Made(
            name=f"{taken.stem}{written.suffix or kind.suffix}",
            content_type=written.content_type or kind.content_type,
            blob=blobs.put(out),
            rows=rows,
            role=membership.role,
            commune_uids=jobs.scope(membership),
            taken=taken,
        )


def _membership(export: Export) -> Membership:
    """Return what whoever asked is in the project now, and no more than what they asked as.

    No row is written. Raises ExportForbidden.
    """
    found = Membership.objects.filter(
        project=export.project_id,
        user=export.asked_by_id,
        user__is_active=True,
    ).first()
    asked_as = Role(export.role)
    if found is None or api_keys.tells_others(found, asked_as):
        raise ExportForbidden
    found.role = api_keys.lesser(Role(found.role), asked_as)
    return found


def _progress(lease: Lease, whole: int) -> Callable[[int], None]:
    return lambda taken: lease.beat(taken * _WRITTEN // max(whole, 1))


def agreed(written: Written, out: IO[bytes], keys: Keys) -> Mapping[str, int]:
    """Return how many rows the file has, table by table. Raises ExportWrong."""
    out.seek(0)
    try:
        found = written.count(out)
    except Broken as broken:
        raise ExportWrong(what=broken) from broken
    for table, rows in written.rows.items():
        if found.get(table) != rows:
            raise ExportWrong(what=table)
    if written.root and not _present(keys) <= found.get(written.root, -1) <= len(keys):
        raise ExportWrong(what=written.root)
    return {name: found[name] for name in (written.root, *written.rows) if name}


def _present(keys: Keys) -> int:
    """Return how many of some records are still there: others were purged while we wrote."""
    return sum(
        Submission.objects.filter(pk__in=keys[start : start + _BATCH].tolist()).count()
        for start in range(0, len(keys), _BATCH)
    )
