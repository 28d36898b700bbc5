"""The records of an export, fetched a few hundred at a time, the newest first.

Which ones they are is settled at the beginning; each batch is then a question of its own. So the
memory stays flat, and nobody who downloads slowly keeps a transaction open.
"""

from __future__ import annotations

import datetime as dt
import sys
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet

from server import memory
from server.forms.eras import standing_note
from server.statements import all_rows, binary, packed_rows
from server.submissions.models import Submission

_BATCH = 200  # some 1 MB of XML, and five times that once it is read
_GIVEN_BACK = 2_000  # records after which memory is


class Keys(Protocol):
    """Which records, in their order: what `chosen` returns, or that `Watched`."""

    def __len__(self) -> int:
        """Return how many."""

    def __getitem__(self, part: slice, /) -> array[int]:
        """Return some that follow each other."""


Beat = Callable[[], None]  # says that whoever works is alive, and raises when nobody waits any more


def still() -> None:
    """Show no sign of life: nobody waits for one."""


class Watched:
    """Keys that say how far a writer has come with them."""

    def __init__(self, keys: array[int], taken: Callable[[int], None]) -> None:
        """taken: told how many have been taken; more than there are where a writer takes twice."""
        self._keys = keys
        self._taken = taken
        self._count = 0

    def __len__(self) -> int:
        return len(self._keys)

    def __getitem__(self, part: slice, /) -> array[int]:
        self._taken(self._count)  # those before these are written by now
        found = self._keys[part]
        self._count += len(found)
        return found


@dataclass(slots=True)  # to make a frozen one of so many columns takes six times as long
class Record:
    """One submission, its current version, and what is known about both."""

    instance_id: str  # the first
    created_at: dt.datetime
    review_state: str
    xml: bytes
    is_encrypted: bool
    has_encrypted_xml: bool
    submitter_id: int | None
    submitter: str
    device_id: str
    edits: int
    form_version: str  # that it was first made with
    expected: int  # files
    present: int
    form_version_id: int  # of the current answers
    team: str  # of the device that sent them
    commune: str
    commune_uid: str
    visit_date: dt.date | None
    year: int | None  # of the data
    period: str
    result: str  # a Status, or ""
    criteria_set: str  # that gave it
    is_provisional: bool  # that set was not in force on the day of the visit
    awaited_set: str

    @property
    def note(self) -> str:
        """Say that the result is only for now, and why; "" where the set in force gave it."""
        return standing_note(
            self.criteria_set, self.awaited_set, is_provisional=self.is_provisional
        )


# The key decides between two that came in the same microsecond.
_FETCH = """
SELECT s.instance_id, s.created_at, s.review_state, v.xml, v.is_encrypted,
  v.is_encrypted AND EXISTS (
    SELECT FROM submissions_submissionattachment a
    WHERE a.version_id = v.id AND a.name = v.expected_files[cardinality(v.expected_files)]
  ),
  coalesce(u.id, p.id), coalesce(u.display_name, p.display_name, ''), first.device_id,
  (SELECT count(*) - 1 FROM submissions_submissionversion e WHERE e.submission_id = s.id),
  made_with.version, cardinality(v.expected_files),
  (SELECT count(DISTINCT a.name) FROM submissions_submissionattachment a
    WHERE a.version_id = v.id AND a.name = ANY(v.expected_files)),
  v.form_version_id, coalesce(sender.team, ''), coalesce(unit.name, ''), coalesce(unit.uid, ''),
  i.visit_date, i.year, coalesce(i.period, ''), coalesce(i.result, ''),
  coalesce(i.criteria_set, ''), coalesce(i.is_provisional, false), coalesce(i.awaited_set, '')
FROM unnest(%s::bigint[]) WITH ORDINALITY AS asked (id, place)
JOIN submissions_submission s ON s.id = asked.id
JOIN submissions_submissionversion v ON v.id = s.current_version_id
JOIN submissions_submissionversion first
  ON first.form_id = s.form_id AND first.instance_id = s.instance_id
JOIN forms_formversion made_with ON made_with.id = first.form_version_id
LEFT JOIN projects_appuser u ON u.id = first.app_user_id
LEFT JOIN projects_user p ON p.id = first.person_id
LEFT JOIN projects_appuser sender ON sender.id = v.app_user_id
LEFT JOIN inspections_inspection i ON i.submission_id = s.id
LEFT JOIN communes_adminunit unit ON unit.uid = i.unit_id
ORDER BY asked.place
"""


# The database packs them: to fetch a row for each of a million takes ten times as long.
_PACKED = """
SELECT substring(packed FROM part * 400000 + 1 FOR 400000)
FROM (SELECT string_agg(int8send(id), '' ORDER BY id DESC) FROM ({keys}) AS wanted (id))
    AS whole (packed),
  generate_series(0, (length(packed) - 1) / 400000) AS part
ORDER BY part
"""


def chosen(submissions: QuerySet[Submission]) -> array[int]:
    """Return the keys of some submissions, the newest first as in lists; 8 bytes each."""
    keys = array("q")
    try:
        wanted, parameters = submissions.order_by().values_list("pk").query.sql_with_params()
    except EmptyResultSet:  # of a filter that nothing can meet
        return keys
    for part in binary(_PACKED.format(keys=wanted), parameters):
        keys.frombytes(part)
    if sys.byteorder == "little":
        keys.byteswap()  # int8send puts the highest byte first
    return keys


def batches(keys: Keys) -> Iterator[list[Record]]:
    """Yield the records of some keys; one that was purged meanwhile is left out."""
    for start in range(0, len(keys), _BATCH):
        if start % _GIVEN_BACK == 0:
            memory.give_back()
        asked = keys[start : start + _BATCH].tolist()
        yield [Record(*row) for row in packed_rows(_FETCH, [asked])]


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that came with a record."""

    instance_id: str
    name: str
    sha256: str
    size: int  # bytes
    is_audit: bool  # the log of how the form was filled in


_FILES = """
SELECT DISTINCT ON (asked.place, a.name) s.instance_id, a.name, a.sha256, a.size,
  a.name = 'audit.csv'
FROM unnest(%s::bigint[]) WITH ORDINALITY AS asked (id, place)
JOIN submissions_submission s ON s.id = asked.id
JOIN submissions_submissionattachment a ON a.version_id = s.current_version_id
ORDER BY asked.place, a.name, a.is_carried_over, a.id
"""


def files(keys: Keys) -> Iterator[SentFile]:
    """Yield the files of some submissions' current versions, the first of each name."""
    for start in range(0, len(keys), _BATCH):
        for row in all_rows(_FILES, [keys[start : start + _BATCH].tolist()]):
            yield SentFile(*row)
