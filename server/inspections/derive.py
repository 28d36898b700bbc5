"""Write down what submissions mean, paying the debt that `submissions.intake` recorded.

Repeating it changes nothing: rows are written only where the meaning differs from what stands,
so everything derived can be computed again at any time, in part or whole.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Value, prefetch_related_objects
from django.db.models.functions import Coalesce
from django.utils import timezone

from server.entities import apply
from server.entities.apply import Asked
from server.hooks import telling
from server.hooks.models import Event
from server.inspections import returned, rows
from server.inspections.entity_blocks import first_asked, follow_up
from server.inspections.failures import cause, whereabouts
from server.inspections.first_rows import First, write_first
from server.inspections.geotag import Geography, LoadedGeography
from server.inspections.meaning import Files, Meaning, understand
from server.inspections.models import Inspection
from server.inspections.reading import edition_last_seen, editions_now, reading_of
from server.inspections.rows import Rows, Written
from server.statements import all_rows
from server.submissions.models import Submission, SubmissionVersion
from server.submissions.record import Receipt

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 3  # then a submission that cannot be understood waits for `rederive`


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run did, in submissions."""

    derived: int = 0
    changed: int = 0
    failed: int = 0
    rescored: int = 0  # findings (not submissions) that other rules gave another outcome

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(
            self.derived + other.derived,
            self.changed + other.changed,
            self.failed + other.failed,
            self.rescored + other.rescored,
        )


def arrived(receipt: Receipt) -> None:
    """Derive what was just received, if there is anything new in it. Never raises."""
    if receipt.written is not None and _derive_written(receipt.written):
        return
    if receipt.has_more:
        attempt(receipt.submission_id)


def _derive_written(submission: Submission) -> bool:
    """Derive a submission that we have just written ourselves, from memory; tell whether we did.

    In one statement, which does nothing if somebody has meanwhile paid the debt or added to it, or
    if the rules are others than those this process knows; with new entities in three.
    """
    try:
        versions = [v for v in (submission.current_version,) if v]
        rules = {v.form_version_id: edition_last_seen(v.form_version_id) for v in versions}
        meaning = _meaning(submission, _received_names(versions), rules, LoadedGeography())
        if meaning is None:
            return False
        asked = first_asked(submission, meaning.flags)
        if asked is None:
            return write_first(submission, meaning) != First.OTHER_RULES
        return asked.is_new_alone and _write_first_of_all(submission, meaning, asked)
    except Exception:  # noqa: BLE001 - the slow way meets it again, and counts it where it belongs
        return False


class _OtherWay(Exception):
    """What was written is to be taken back, and done as `derive` does it."""


def _write_first_of_all(submission: Submission, meaning: Meaning, asked: Asked) -> bool:
    """Write the first meaning with the entities it makes; False, and nothing written, for others.

    The submission is locked by the first statement, the lists after it, as everywhere.
    """
    try:
        with transaction.atomic(durable=True):
            became = write_first(submission, meaning)
            if became == First.WRITTEN:
                if not apply.open_new([asked]):
                    raise _OtherWay
                apply.release(asked.source.project_id)
    except _OtherWay:
        return False
    return became != First.OTHER_RULES


def attempt(submission_id: int) -> None:
    """Derive one submission right after it arrived. Never raises.

    The device's 201 must not depend on this: whatever goes wrong, the debt stands in the row and
    the sweep pays it.
    """
    try:
        derive([submission_id], only_owed=True)
    except Exception as error:  # noqa: BLE001 - the one place that may not fail, see above
        log.error("submission %s: meaning not derived yet: %s", submission_id, whereabouts(error))


def derive(submission_ids: Sequence[int], *, only_owed: bool = False) -> Outcome:
    """Derive some submissions, together, or one by one when the database refuses one of them.

    One that cannot be understood or written is counted as failed and keeps its debt; the others
    go on.
    only_owed: leave out what is paid by now, and what another process has locked. Whoever holds
    that lock either derives it too, or is an arrival that has an attempt of its own to follow.
    Raises OperationalError or InterfaceError when the database is not there: every debt stands.
    """
    # Out here, because a map that cannot be read is no fault of any submission.
    geography = LoadedGeography()
    try:
        return _derive_together(submission_ids, geography, only_owed=only_owed)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it may not hold up the others
        if len(submission_ids) == 1:
            return _record_failure(submission_ids[0], error)
    return reduce(add, (derive([pk], only_owed=only_owed) for pk in submission_ids), Outcome())


_BEGIN = f"SELECT set_config('synchronous_commit', 'off', true), {telling.SOMEBODY_LISTENS}"


@transaction.atomic(durable=True)
def _derive_together(
    submission_ids: Sequence[int], geography: Geography, *, only_owed: bool
) -> Outcome:
    with connection.cursor() as cursor:
        # All of this can be computed again, so it need not wait for the disk.
        cursor.execute(_BEGIN)
        is_heard = cursor.fetchone()[1]
    submissions = _locked(submission_ids, only_owed=only_owed)
    if not submissions:
        return Outcome()
    understood = _understand_all(submissions, geography)
    written = _write_changes(submissions, understood, is_heard=is_heard)
    follow_up(submission for submission in submissions if submission.pk in understood)
    returned.settle(submissions)  # also of what nobody understands: it is sent back first of all
    _settle(submissions, understood)
    failed = len(submissions) - len(understood)
    return Outcome(len(understood), written.inspections, failed, written.rescored)


def _locked(submission_ids: Sequence[int], *, only_owed: bool) -> list[Submission]:
    wanted = Submission.objects.filter(pk__in=submission_ids, current_version__isnull=False)
    if only_owed:
        wanted = wanted.filter(derive_owed_at__isnull=False)
    # In one order everywhere, so that two of these cannot wait for each other. No key changes
    # hands, so rows that refer to the submission may be written meanwhile.
    found = list(wanted.select_for_update(no_key=True, skip_locked=only_owed).order_by("pk"))
    # By a statement of its own: a join in the one above would show the version that was current
    # before we waited for the lock, not the one that the holder has just committed.
    prefetch_related_objects(found, "current_version")
    return found


def _understand_all(
    submissions: Sequence[Submission], geography: Geography
) -> dict[int, Meaning | None]:
    """Return the meaning of each by id, None for one that is encrypted; failures are left out."""
    versions = [s.current_version for s in submissions if s.current_version]
    received = _received_names(versions)
    rules = editions_now(version.form_version_id for version in versions)
    understood: dict[int, Meaning | None] = {}
    for submission in submissions:
        try:
            understood[submission.pk] = _meaning(submission, received, rules, geography)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:  # noqa: BLE001 - a poisonous one may not hold up the others
            log.error("submission %s cannot be understood: %s", submission.pk, whereabouts(error))
            submission.derive_failure = cause(error)
    return understood


def _meaning(
    submission: Submission,
    received: Mapping[int, Counter[str]],
    rules: Mapping[int, int],
    geography: Geography,
) -> Meaning | None:
    version = submission.current_version
    if version is None or version.is_encrypted:
        return None
    times = received.get(version.pk, Counter())
    files = Files(
        missing=tuple(name for name in version.expected_files if not times[name]),
        # The same name with the same bytes is one row, so that two have other bytes.
        differing=tuple(name for name in version.expected_files if times[name] > 1),
    )
    return understand(
        bytes(version.xml),
        reading=reading_of(version.form_version_id, rules[version.form_version_id]),
        geography=geography,
        files=files,
        received_on=version.received_at.astimezone(ZoneInfo(settings.LOCAL_TIME_ZONE)).date(),
    )


_NAMES = "SELECT version_id, name FROM submissions_submissionattachment WHERE version_id = ANY(%s)"


def _received_names(versions: Iterable[SubmissionVersion]) -> dict[int, Counter[str]]:
    expecting = [version.pk for version in versions if version.expected_files]
    names: dict[int, Counter[str]] = defaultdict(Counter)
    if expecting:
        for version_id, name in all_rows(_NAMES, [expecting]):
            names[version_id][name] += 1
    return names


def _write_changes(
    submissions: Sequence[Submission],
    understood: Mapping[int, Meaning | None],
    *,
    is_heard: bool,
) -> Written:
    """Write what differs from what stands; return what that was.

    Of one that could not be understood, what stands may be all that will ever be known.
    is_heard: some webhook listens.
    """
    given: dict[int, Rows] = {}
    unreadable: list[int] = []
    for submission in submissions:
        if (meaning := understood.get(submission.pk)) is not None:
            given[submission.pk] = rows.of(meaning, submission)
        elif submission.pk in understood:
            unreadable.append(submission.pk)
    before = rows.standing(list(given))
    if is_heard and (severe := rows.newly_severe(given, before)):
        telling.tell(Event.FINDING_SEVERE, severe)
    return rows.replace(given, before) + Written(_forget(unreadable))


def _forget(submission_ids: Sequence[int]) -> int:
    """Delete what was readable before an edit encrypted it; return how many inspections."""
    if not submission_ids:
        return 0
    _, by_model = Inspection.objects.filter(submission__in=submission_ids).delete()
    return by_model.get(Inspection._meta.label, 0)


def _settle(submissions: Sequence[Submission], understood: Mapping[int, Meaning | None]) -> None:
    """Clear the debt of those understood; count the attempt on the others."""
    # They are locked, so what we read is what stands; most of a `rederive` owes nothing.
    paid = [s.pk for s in submissions if s.pk in understood and _owes(s)]
    if paid:
        Submission.objects.filter(pk__in=paid).update(
            derive_owed_at=None,
            derive_attempts=0,
            derive_failure="",
            # Whatever was owed, others may look otherwise beside it now.
            look_owed_at=timezone.now(),
            look_attempts=0,
        )
    for submission in submissions:
        if submission.pk not in understood:
            _count_attempt(submission.pk, submission.derive_failure)


def _owes(submission: Submission) -> bool:
    return (submission.derive_owed_at, submission.derive_attempts, submission.derive_failure) != (
        None,
        0,
        "",
    )


@transaction.atomic(durable=True)
def _record_failure(submission_id: int, error: Exception) -> Outcome:
    log.error("submission %s cannot be derived: %s", submission_id, whereabouts(error))
    _count_attempt(submission_id, cause(error))
    return Outcome(failed=1)


def _count_attempt(submission_id: int, failure: str) -> None:
    Submission.objects.filter(pk=submission_id).update(
        derive_attempts=F("derive_attempts") + 1,
        derive_failure=failure,
        # Computed again on request, it was not owed before; now it is.
        derive_owed_at=Coalesce("derive_owed_at", Value(timezone.now())),
    )
