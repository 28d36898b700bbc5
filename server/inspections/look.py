"""Compare inspections with their neighbours, apart from the request, paying what `derive` left.

What changes at one inspection may change the flags of others, so those that it had to do with
before and those that it has to do with now are all looked at again. The flags are a function of
what stands in the tables; computing them again gives the same.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F

from server.blobs import StorageUnavailable
from server.inspections import comparing, visits
from server.inspections.comparing import Around, More
from server.inspections.failures import whereabouts
from server.inspections.flag_kinds import COMPARED
from server.inspections.flags import RaisedFlag
from server.inspections.models import Flag, Inspection, Visit, VisitPhoto
from server.inspections.neighbours import Pair, Pairs, pairs
from server.submissions.models import PhotoFacts, Submission
from server.submissions.photos import read_missing

log = logging.getLogger(__name__)

BATCH = 100  # submissions in one transaction
MAX_ATTEMPTS = 3  # then one that cannot be compared waits for `rederive`
_LOCK = 0x4C_4F_4F_4B  # among PostgreSQL's advisory locks, ours


@dataclass(frozen=True, slots=True)
class Looked:
    """What one run did."""

    submissions: int = 0  # whose debt was paid
    flags: int = 0  # written or removed, at them and their neighbours
    failed: int = 0

    def __add__(self, other: Looked) -> Looked:
        return Looked(
            self.submissions + other.submissions,
            self.flags + other.flags,
            self.failed + other.failed,
        )


def nothing_more(_: Sequence[Visit]) -> Mapping[int, RaisedFlag]:
    """Raise no flags that only a higher layer knows of."""
    return {}


def pay_debts(more: More, most: int = 5_000) -> Looked:
    """Compare what is owed a look, oldest debt first, at the most `most` submissions.

    more: raises the flags that only a higher layer can. One that cannot be compared is counted
    and holds up nobody. Raises StorageUnavailable; then every debt that is left stands.
    """
    owed = Submission.objects.owed_a_look().filter(look_attempts__lt=MAX_ATTEMPTS)[:most]
    ids, looked = list(owed.values_list("pk", flat=True)), Looked()
    for start in range(0, len(ids), BATCH):
        looked += look(ids[start : start + BATCH], more)
    return looked


def look(submission_ids: Sequence[int], more: More) -> Looked:
    """Compare some submissions with their neighbours, or one by one when together it fails."""
    try:
        # Before the transaction: it asks the store, and takes as long as photos take.
        _read_photos(submission_ids)
        return _look(submission_ids, more)
    except (OperationalError, InterfaceError, StorageUnavailable):
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it may not hold up the others
        if len(submission_ids) == 1:
            log.error("submission %s not compared: %s", submission_ids[0], whereabouts(error))
            Submission.objects.filter(pk__in=submission_ids).update(
                look_attempts=F("look_attempts") + 1
            )
            return Looked(failed=1)
    return sum((look([pk], more) for pk in submission_ids), Looked())


def catch_up(submission_id: int) -> None:
    """Compare a submission now if it owes a look: somebody is about to approve it.

    With the oldest that owe one too, which it may have to do with; more than a batch of them wait
    only after a `rederive` or a long stop. What only a higher layer knows stays as it stands, and
    so does the debt. A store that does not answer keeps nobody from deciding.
    """
    owed = Submission.objects.owed_a_look()
    if not owed.filter(pk=submission_id).exists():
        return
    with contextlib.suppress(StorageUnavailable):
        _read_photos([submission_id])
    others = owed.exclude(pk=submission_id).filter(look_attempts__lt=MAX_ATTEMPTS)
    ids = [submission_id, *others.values_list("pk", flat=True)[: BATCH - 1]]
    try:
        _look(ids, _late_as_it_stands, settles=False)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 - whichever it was, the worker meets it again
        log.error("submission %s not compared yet: %s", submission_id, whereabouts(error))


def _read_photos(submission_ids: Sequence[int]) -> None:
    shown = visits.photos(submission_ids)
    read_missing([blob for blobs in shown.values() for blob in blobs])


def _late_as_it_stands(here: Sequence[Visit]) -> Mapping[int, RaisedFlag]:
    standing = Flag.objects.filter(
        code="late", inspection__submission__in=[visit.pk for visit in here]
    )
    rows = standing.values_list("inspection__submission", "details")
    return {pk: RaisedFlag("late", details) for pk, details in rows}


@transaction.atomic(durable=True)
def _look(submission_ids: Sequence[int], more: More, *, settles: bool = True) -> Looked:
    with connection.cursor() as cursor:
        # All of this can be computed again, so it need not wait for the disk. One at a time: what
        # two would write about the same neighbour, neither would have seen whole.
        cursor.execute("SET LOCAL synchronous_commit TO OFF")
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    owed = _owed(submission_ids)
    if not owed:
        return Looked()
    affected = sorted(_write_visits(list(owed)))
    written = sum(
        _write(_flags(affected[start : start + BATCH], more))
        for start in range(0, len(affected), BATCH)
    )
    return Looked(_settle(owed) if settles else 0, written)


def _write_visits(submission_ids: Sequence[int]) -> set[int]:
    """Write visits; return those whose flags may be others now, the neighbours of then and now.

    The flags of neighbours stay as they are where a visit does: much of a `rederive`.
    """
    facts = visits.now(submission_ids)
    changed = visits.differing(facts, submission_ids)
    then = pairs(changed)
    visits.write(facts, changed)
    now = pairs(changed)
    # Those that answered alike have the flag; those that answer alike can be measured.
    alike = {other for _, other in then.alike}
    flagged = Flag.objects.filter(code="duplicate_visit", inspection__submission__in=alike)
    return {
        *submission_ids,
        *then.but_alike(),
        *flagged.values_list("inspection__submission", flat=True),
        *now.but_alike(),
        *(other for _, other in _shares(now.alike)),
    }


def _owed(submission_ids: Sequence[int]) -> dict[int, dt.datetime]:
    """Return when each came to owe a look; read before what is looked at."""
    rows = Submission.objects.owed_a_look().filter(pk__in=submission_ids)
    return {pk: at for pk, at in rows.values_list("pk", "look_owed_at") if at is not None}


def _settle(owed: Mapping[int, dt.datetime]) -> int:
    """Clear the debts that are still those we read; return how many."""
    # What somebody else has in hand will owe a look again. Waiting for it, while they may wait for
    # an inspection that we have written flags of, would be waiting for each other.
    rows = Submission.objects.filter(pk__in=owed).select_for_update(no_key=True, skip_locked=True)
    paid = [row.pk for row in rows.order_by("pk") if row.look_owed_at == owed[row.pk]]
    return Submission.objects.filter(pk__in=paid).update(look_owed_at=None, look_attempts=0)


# Flags --------------------------------------------------------------------------------------------


def _flags(submission_ids: Sequence[int], more: More) -> dict[int, dict[str, RaisedFlag]]:
    """Return the flags of some submissions, by code."""
    found = pairs(submission_ids)
    known = Visit.objects.in_bulk({*submission_ids, *found.others()})
    photos = _photos(submission_ids)
    alike = _shares(found.alike)
    zone = ZoneInfo(settings.LOCAL_TIME_ZONE)
    raised: dict[int, dict[str, RaisedFlag]] = {pk: {} for pk in submission_ids}
    here = [known[pk] for pk in submission_ids if pk in known]
    around = _Around(found, known, alike, photos)
    for visit in here:
        flags = comparing.raise_flags(around.of(visit), zone)
        raised[visit.pk] = {flag.code: flag for flag in flags}
    for pk, flag in more(here).items():
        raised[pk][flag.code] = flag
    return raised


class _Around:
    """What some visits have to do with others that count, by visit."""

    def __init__(
        self,
        found: Pairs,
        known: Mapping[int, Visit],
        alike: Mapping[Pair, float],
        photos: Mapping[int, list[PhotoFacts]],
    ) -> None:
        self._known = known
        self._photos = photos
        self._same_visit = self._counting(found.same_visit)
        self._same_point = self._counting(found.same_point)
        self._in_a_row = self._counting(found.in_a_row)
        self._alike = self._counting(alike)
        self._same_photo = self._counting(found.same_photo)
        self._shares, self._bits = alike, found.same_photo

    def of(self, visit: Visit) -> Around:
        """Return one visit among those it has to do with."""
        pk = visit.pk
        return Around(
            visit=visit,
            same_visit=self._same_visit[pk],
            alike={other.instance_id: self._shares[pk, other.pk] for other in self._alike[pk]},
            same_point=self._same_point[pk],
            in_a_row=self._in_a_row[pk],
            same_photo={
                other.instance_id: self._bits[pk, other.pk] for other in self._same_photo[pk]
            },
            photos=self._photos[pk],
        )

    def _counting(self, found: Iterable[Pair]) -> defaultdict[int, list[Visit]]:
        grouped: defaultdict[int, list[Visit]] = defaultdict(list)
        for one, other in found:
            visit = self._known.get(other)
            if visit is not None and visit.counts:
                grouped[one].append(visit)
        return grouped


def _photos(submission_ids: Sequence[int]) -> defaultdict[int, list[PhotoFacts]]:
    shown: defaultdict[int, list[PhotoFacts]] = defaultdict(list)
    blobs = VisitPhoto.objects.filter(visit__in=submission_ids).order_by("blob")
    rows = list(blobs.values_list("visit", "blob"))
    facts = PhotoFacts.objects.in_bulk({blob for _, blob in rows})
    for pk, blob in rows:
        if blob in facts:
            shown[pk].append(facts[blob])
    return shown


def _shares(candidates: Sequence[Pair]) -> dict[Pair, float]:
    """Return how much alike those are that are alike enough."""
    ids = {pk for pair in candidates for pk in pair}
    answers = {
        inspection.submission_id: visits.comparable(inspection)
        for inspection in Inspection.objects.filter(submission__in=ids)
    }
    return {
        (one, other): share
        for one, other in candidates
        if one in answers and other in answers
        if comparing.is_alike(share := comparing.similarity(answers[one], answers[other]))
    }


def _write(raised: Mapping[int, Mapping[str, RaisedFlag]]) -> int:
    """Write the flags that differ from those that stand; return how many came, changed or went."""
    inspections = Inspection.objects.filter(submission__in=raised)
    ids = dict(inspections.values_list("submission", "pk"))
    standing = {
        (flag.inspection_id, flag.code): flag
        for flag in Flag.objects.filter(inspection__in=ids.values(), code__in=COMPARED)
    }
    wanted = {
        (ids[pk], code): dict(flag.details)
        for pk, flags in raised.items()
        if pk in ids
        for code, flag in flags.items()
    }
    gone = [flag.pk for key, flag in standing.items() if wanted.get(key) != flag.details]
    fresh = [
        Flag(inspection_id=key[0], code=key[1], details=details)
        for key, details in wanted.items()
        if key not in standing or standing[key].details != details
    ]
    Flag.objects.filter(pk__in=gone).delete()
    Flag.objects.bulk_create(fresh)
    return len(gone) + len(wanted.keys() - standing.keys())
