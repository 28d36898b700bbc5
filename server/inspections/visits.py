"""Write down what must be known of inspections to compare them with others."""

from __future__ import annotations

import json
import zlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connection

from server.inspections.models import Inspection, Visit
from server.inspections.reading import Reading, any_reading_of
from server.statements import Columns, all_rows, copy
from server.submissions.models import PhotoFacts, ReviewState
from server.submissions.moments import moment

# By five in a hundred at most two may differ that are said to be alike: of 159 answers seven, so
# that one of eight bands is the same in both.
_BANDS = 8


@dataclass(frozen=True, slots=True)
class Sender:
    """Who filled an inspection in first; corrections may come from elsewhere."""

    hand: str  # the phone: its key here, or where it has none its own number
    team: str  # or where it has none the phone


@dataclass(frozen=True, slots=True)
class Facts:
    """A visit and what it shows, not written yet."""

    visit: Visit
    photos: Sequence[str]  # SHA-256, in order


# Who sent the first version of each; its instanceID is the submission's, and unique in its form.
_FACTS = """
SELECT submission.id, submission.instance_id,
  submission.deleted_at IS NULL AND submission.review_state <> %s, form.project_id, said.form_id,
  said.unit_id, said.subject, said.visit_date, said.year, said.period, said.lon, said.lat,
  said.accuracy_m, said.form_version_id, said.answers, said.repeats,
  first.app_user_id, device.team, first.device_id
FROM inspections_inspection said
JOIN submissions_submission submission ON submission.id = said.submission_id
JOIN forms_form form ON form.id = submission.form_id
JOIN submissions_submissionversion first ON first.form_id = submission.form_id
  AND first.instance_id = submission.instance_id
LEFT JOIN projects_appuser device ON device.id = first.app_user_id
WHERE said.submission_id = ANY(%s)
"""


def now(submission_ids: Sequence[int]) -> dict[int, Facts]:
    """Return what is to be known of some submissions; nothing of those without a meaning."""
    shown = _read_photos(submission_ids)
    found = all_rows(_FACTS, [ReviewState.REJECTED, list(submission_ids)])
    return {pk: Facts(_visit(pk, row), shown.get(pk, [])) for pk, *row in found}


_VISIT = Columns(Visit)
_STANDING = f"SELECT {_VISIT.names} FROM inspections_visit WHERE submission_id = ANY(%s)"  # noqa: S608  (names of our own columns)
_STANDING_PHOTOS = """
SELECT visit_id, blob FROM inspections_visitphoto WHERE visit_id = ANY(%s) ORDER BY blob
"""


def standing(submission_ids: Collection[int]) -> dict[int, Visit]:
    """Return what is written of some submissions."""
    rows = (_VISIT.read(row) for row in all_rows(_STANDING, [list(submission_ids)]))
    return {visit.pk: visit for visit in rows}


def differing(
    facts: Mapping[int, Facts], before: Mapping[int, Visit], submission_ids: Sequence[int]
) -> list[int]:
    """Return those of some submissions of which something else stands than the facts."""
    shown: dict[int, list[str]] = defaultdict(list)
    if before:
        for pk, blob in all_rows(_STANDING_PHOTOS, [list(before)]):
            shown[pk].append(blob)
    return [
        pk
        for pk in submission_ids
        if (_row(before.get(pk)), shown[pk])
        != ((_row(facts[pk].visit), facts[pk].photos) if pk in facts else ([], []))
    ]


def write(
    facts: Mapping[int, Facts], before: Mapping[int, Visit], submission_ids: Sequence[int]
) -> None:
    """Write the facts of some submissions, and forget those that have none any more."""
    old = [pk for pk in submission_ids if pk in before]
    if old:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM inspections_visitphoto WHERE visit_id = ANY(%s)", [old])
            cursor.execute("DELETE FROM inspections_visit WHERE submission_id = ANY(%s)", [old])
    fresh = [facts[pk] for pk in submission_ids if pk in facts]
    columns = _VISIT.names.split(", ")
    copy("inspections_visit", columns, (_row(one.visit) for one in fresh))
    photos = [(one.visit.pk, blob) for one in fresh for blob in one.photos]
    if photos:
        copy("inspections_visitphoto", ("visit_id", "blob"), photos)


def _row(visit: Visit | None) -> list[object]:
    return _VISIT.values(visit) if visit else []


# The first of a name is shown. Some clients do not say that a picture is one.
_PHOTOS = """
SELECT submission.id, file.name, file.sha256
FROM submissions_submission submission
JOIN submissions_submissionattachment file ON file.version_id = submission.current_version_id
WHERE submission.id = ANY(%s) AND file.is_expected
  AND (file.content_type LIKE 'image/%%' OR file.content_type = 'application/octet-stream')
ORDER BY file.version_id, file.name, file.id
"""


def photos(submission_ids: Sequence[int]) -> dict[int, list[str]]:
    """Return the SHA-256 of the pictures that current versions show, by submission."""
    shown: dict[int, dict[str, str]] = defaultdict(dict)
    for submission, name, blob in all_rows(_PHOTOS, [list(submission_ids)]):
        shown[submission].setdefault(name, blob)
    return {pk: sorted(set(by_name.values())) for pk, by_name in shown.items()}


def _read_photos(submission_ids: Sequence[int]) -> dict[int, list[str]]:
    # Without those that nobody has read yet: when somebody has, the visit is another than before,
    # and is compared anew.
    shown = photos(submission_ids)
    if not shown:
        return {}
    named = {blob for blobs in shown.values() for blob in blobs}
    known = set(PhotoFacts.objects.filter(blob__in=named).values_list("blob", flat=True))
    return {pk: [blob for blob in blobs if blob in known] for pk, blobs in shown.items()}


def comparable(
    reading: Reading, answers: Mapping[str, str], repeats: Mapping[str, Sequence[Mapping[str, str]]]
) -> dict[str, str]:
    """Return what an inspection answers to the questions that are compared, by path.

    What is asked of every visit alike (the header), what is calculated, files and points are not;
    of a repeat each time round counts.
    """
    paths = reading.compared_paths
    found = {path: said for path, said in answers.items() if said and path in paths}
    for times in repeats.values():
        for number, row in enumerate(times):
            found |= {f"{path}[{number}]": row[path] for path in row if row[path] and path in paths}
    return found


def answers_of(submission_ids: Collection[int]) -> dict[int, dict[str, str]]:
    """Return what is compared of the answers of some submissions."""
    rows = Inspection.objects.filter(submission__in=submission_ids).values_list(
        "submission", "form_version", "answers", "repeats"
    )
    return {pk: comparable(any_reading_of(form), *said) for pk, form, *said in rows}


def bands(answers: Mapping[str, str]) -> list[int]:
    """Return a number for each part of the answers; equal parts have equal numbers."""
    parts: dict[int, list[str]] = defaultdict(list)
    for path in sorted(answers):
        parts[_band(path)].append(f"{path}={answers[path]}")
    digests = {number: zlib.crc32("\n".join(part).encode()) for number, part in parts.items()}
    return sorted(number << 32 | digest for number, digest in digests.items())


@lru_cache(maxsize=10_000)
def _band(path: str) -> int:
    return zlib.crc32(path.encode()) % _BANDS


def _visit(submission_id: int, row: Sequence[Any]) -> Visit:
    *of_visit, form_version_id, answers, repeats, key, team, device = row
    reading, flat = any_reading_of(form_version_id), json.loads(answers)
    compared, sender = comparable(reading, flat, json.loads(repeats)), _sender(key, team, device)
    return Visit(
        submission_id,
        **dict(zip(_OF_VISIT, of_visit, strict=True)),
        hand=sender.hand,
        team=sender.team,
        begun_at=moment(reading.first(reading.begun, flat)),
        ended_at=moment(reading.first(reading.ended, flat)),
        bands=bands(compared),
        answered=len(compared),
    )


# As `_FACTS` has them.
_OF_VISIT = (
    "instance_id",
    "counts",
    "project_id",
    "form_id",
    "unit_id",
    "subject",
    "visit_date",
    "year",
    "period",
    "lon",
    "lat",
    "accuracy_m",
)


def _sender(key: int | None, team: str | None, device: str) -> Sender:
    hand = f"key {key}" if key is not None else f"device {device}" if device else ""
    return Sender(hand, f"team {team}" if team else hand)
