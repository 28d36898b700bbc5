"""Compare inspections with their neighbours, apart from the request, paying what `derive` left.

What changes at one inspection may change the flags of others, so those that it had to do with
before and those that it has to do with now are all looked at again. The flags are a function of
what stands in the tables; computing them again gives the same.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
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
from server.inspections.models import Flag, Visit, VisitPhoto
from server.inspections.neighbours import Neighbours, Pair, neighbours
from server.statements import all_rows, copy
from server.submissions.models import PhotoFacts, Submission
from server.submissions.photos import read_missing

log = logging.getLogger(__name__)

BATCH = 500  # submissions in one transaction
WITH_ONE = 100  # that are compared while somebody waits to approve one of them
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
    ids = [submission_id, *others.values_list("pk", flat=True)[: WITH_ONE - 1]]
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
    written = _write(_flags(_write_visits(list(owed)), more))
    return Looked(_settle(owed) if settles else 0, written)


@dataclass(frozen=True, slots=True)
class _Affected:
    """Whose flags may be others now, and what is known of them by now."""

    ids: set[int]
    changed: Sequence[int]  # of which another visit stands than before
    found: Neighbours  # of those


def _write_visits(submission_ids: Sequence[int]) -> _Affected:
    """Write visits; return whose flags may be others now, with the neighbours of then and now.

    The flags of neighbours stay as they are where a visit does: much of a `rederive`.
    """
    facts, before = visits.now(submission_ids), visits.standing(submission_ids)
    changed = visits.differing(facts, before, submission_ids)
    then = neighbours([pk for pk in changed if pk in before])
    visits.write(facts, before, changed)
    found = neighbours(changed)
    # Those that answered alike have the flag; those that answer alike can be measured.
    alike = {other for _, other in then.may_be_alike()}
    flagged = Flag.objects.filter(code="duplicate_visit", inspection__submission__in=alike)
    ids = {
        *submission_ids,
        *then.but_alike(),
        *(flagged.values_list("inspection__submission", flat=True) if alike else ()),
        *found.but_alike(),
        *(other for _, other in _shares(found.may_be_alike())),
    }
    return _Affected(ids, changed, found)


def _owed(submission_ids: Sequence[int]) -> dict[int, dt.datetime]:
    """Return when each came to owe a look; read before what is looked at."""
    rows = Submission.objects.owed_a_look().filter(pk__in=submission_ids)
    return {pk: at for pk, at in rows.values_list("pk", "look_owed_at") if at is not None}


# What somebody else has in hand will owe a look again. Waiting for it, while they may wait for an
# inspection that we have written flags of, would be waiting for each other.
_SETTLE = """
UPDATE submissions_submission SET look_owed_at = NULL, look_attempts = 0
WHERE id IN (
  SELECT paid.id FROM submissions_submission paid
  JOIN unnest(%s::bigint[], %s::timestamptz[]) owed (id, at)
    ON owed.id = paid.id AND owed.at = paid.look_owed_at
  ORDER BY paid.id FOR NO KEY UPDATE OF paid SKIP LOCKED
)
RETURNING id
"""


def _settle(owed: Mapping[int, dt.datetime]) -> int:
    """Clear the debts that are still those we read; return how many."""
    return len(all_rows(_SETTLE, [list(owed), list(owed.values())]))


# Flags --------------------------------------------------------------------------------------------


def _flags(affected: _Affected, more: More) -> dict[int, dict[str, RaisedFlag]]:
    """Return the flags of those affected, by code."""
    ids = sorted(affected.ids)
    found = affected.found | neighbours(sorted(affected.ids.difference(affected.changed)))
    known = visits.standing({*ids, *found.all()})
    photos = _photos(ids)
    alike = _shares(found.may_be_alike())
    zone = ZoneInfo(settings.LOCAL_TIME_ZONE)
    raised: dict[int, dict[str, RaisedFlag]] = {pk: {} for pk in ids}
    here = [known[pk] for pk in ids if pk in known]
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
        found: Neighbours,
        known: Mapping[int, Visit],
        alike: Mapping[Pair, float],
        photos: Mapping[int, list[PhotoFacts]],
    ) -> None:
        self._found = found
        self._known = known
        self._photos = photos
        self._alike: dict[int, dict[int, float]] = defaultdict(dict)
        for (one, other), share in alike.items():
            self._alike[one][other] = share

    def of(self, visit: Visit) -> Around:
        """Return one visit among those it has to do with."""
        pk, found = visit.pk, self._found
        shares, bits = self._alike.get(pk, {}), found.same_photo.get(pk, {})
        return Around(
            visit=visit,
            same_visit=self._counting(found.same_visit.get(pk, ())),
            alike={other.instance_id: shares[other.pk] for other in self._counting(shares)},
            same_point=self._counting(found.same_point.get(pk, ())),
            in_a_row=self._counting(found.in_a_row.get(pk, ())),
            same_photo={other.instance_id: bits[other.pk] for other in self._counting(bits)},
            photos=self._photos[pk],
        )

    def _counting(self, others: Iterable[int]) -> list[Visit]:
        known = (self._known.get(other) for other in others)
        return [visit for visit in known if visit is not None and visit.counts]


def _photos(submission_ids: Sequence[int]) -> defaultdict[int, list[PhotoFacts]]:
    shown: defaultdict[int, list[PhotoFacts]] = defaultdict(list)
    blobs = VisitPhoto.objects.filter(visit__in=submission_ids).order_by("blob")
    rows = list(blobs.values_list("visit", "blob"))
    facts = PhotoFacts.objects.in_bulk({blob for _, blob in rows}) if rows else {}
    for pk, blob in rows:
        if blob in facts:
            shown[pk].append(facts[blob])
    return shown


def _shares(candidates: Sequence[Pair]) -> dict[Pair, float]:
    """Return how much alike those are that are alike enough."""
    if not candidates:
        return {}
    answers = visits.answers_of({pk for pair in candidates for pk in pair})
    return {
        (one, other): share
        for one, other in candidates
        if one in answers and other in answers
        if comparing.is_alike(share := comparing.similarity(answers[one], answers[other]))
    }


_INSPECTIONS = """
SELECT submission_id, id FROM inspections_inspection WHERE submission_id = ANY(%s)
"""
_FLAGS = """
SELECT inspection_id, code, details, id FROM inspections_flag
WHERE inspection_id = ANY(%s) AND code = ANY(%s)
"""
_FORGET = "DELETE FROM inspections_flag WHERE id = ANY(%s)"


def _write(raised: Mapping[int, Mapping[str, RaisedFlag]]) -> int:
    """Write the flags that differ from those that stand; return how many came, changed or went."""
    ids: dict[int, int] = dict(all_rows(_INSPECTIONS, [list(raised)]))
    standing = {
        (inspection, code): (json.loads(details), pk)
        for inspection, code, details, pk in all_rows(_FLAGS, [list(ids.values()), list(COMPARED)])
    }
    wanted = {
        (ids[pk], code): dict(flag.details)
        for pk, flags in raised.items()
        if pk in ids
        for code, flag in flags.items()
    }
    gone = [pk for key, (details, pk) in standing.items() if wanted.get(key) != details]
    fresh = [
        (*key, json.dumps(details, ensure_ascii=False))
        for key, details in wanted.items()
        if key not in standing or standing[key][0] != details
    ]
    if gone:
        with connection.cursor() as cursor:
            cursor.execute(_FORGET, [gone])
    if fresh:
        copy("inspections_flag", ("inspection_id", "code", "details"), fresh)
    return len(gone) + len(wanted.keys() - standing.keys())
