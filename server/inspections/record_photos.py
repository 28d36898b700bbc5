"""The files of one record, as a reviewer looks at them: which came, when and where they were made.

However many photos there are, the number of queries is the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from server.communes.geometry import metres_between
from server.inspections.asked import Asked
from server.inspections.comparing import PHOTO_AGE
from server.inspections.expected import local_day
from server.inspections.flags import FAR_M
from server.inspections.models import Inspection
from server.submissions import thumbnails
from server.submissions.models import (
    PhotoFacts,
    SubmissionAttachment,
    SubmissionVersion,
    Thumbnails,
)


@dataclass(frozen=True, slots=True)
class Shot:
    """One file that the answers name."""

    name: str
    question: str  # its path
    row: int  # of the repeat it stands in, from 1; 0 outside
    beside: tuple[tuple[str, str], ...]  # what was answered in the same row: path, answer
    has_come: bool
    is_image: bool
    is_small: bool  # a small picture of it is made
    trouble: str  # why there is none: broken, too_large; "" while it is being made
    size: int  # bytes
    taken_at: dt.datetime | None  # by the photo itself
    metres: float | None  # from the point of the inspection
    is_far: bool
    is_of_other_day: bool


def shots(inspection: Inspection, version: SubmissionVersion, asked: Asked) -> tuple[Shot, ...]:
    """Return the files in the order of the form. Three questions."""
    named = list(_named(inspection, asked))
    rows = SubmissionAttachment.objects.filter(version=version).order_by("-pk")
    came = {row.name: row for row in rows}  # the first of a name is shown
    shown = [came[place.name] for place in named if place.name in came]
    blobs = {row.sha256 for row in shown}
    facts = PhotoFacts.objects.in_bulk(blobs)
    small = Thumbnails.objects.in_bulk(blobs)
    _owe(shown, small)
    return tuple(_shot(inspection, place, came.get(place.name), facts, small) for place in named)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where answers name a file."""

    name: str
    question: str
    row: int
    beside: tuple[tuple[str, str], ...] = ()


def _named(inspection: Inspection, asked: Asked) -> Iterator[_Place]:
    for field in asked.schema.fields:
        if not field.is_binary or field.is_meta:
            continue  # how the form was filled in is no photo
        if not field.repeat:
            if name := inspection.answers.get(field.path):
                yield _Place(name, field.path, 0)
            continue
        for number, row in enumerate(inspection.repeats.get(field.repeat, ()), 1):
            if name := row.get(field.path):
                yield _Place(name, field.path, number, tuple(_beside(row, asked)))


def _beside(row: Mapping[str, str], asked: Asked) -> Iterator[tuple[str, str]]:
    """Yield what a person chose or wrote in the row of a file; what is restricted never."""
    for path, answer in row.items():
        field = asked.fields.get(path)
        is_said = path in asked.outline.asked and path not in asked.outline.ticked
        if answer and field and is_said and not field.is_binary and not asked.is_restricted(path):
            yield path, answer


def _owe(rows: Sequence[SubmissionAttachment], small: Mapping[str, Thumbnails]) -> None:
    missing = [
        row.pk
        for row in rows
        if row.sha256 not in small
        and row.thumbnails_owed_at is None
        and thumbnails.is_image(row.content_type)
    ]
    if missing:
        thumbnails.owe(missing)


def _shot(
    inspection: Inspection,
    place: _Place,
    row: SubmissionAttachment | None,
    facts: Mapping[str, PhotoFacts],
    small: Mapping[str, Thumbnails],
) -> Shot:
    fact = facts.get(row.sha256) if row else None
    made = small.get(row.sha256) if row else None
    metres = _metres(inspection, fact)
    return Shot(
        name=place.name,
        question=place.question,
        row=place.row,
        beside=place.beside,
        has_come=row is not None,
        is_image=row is not None and thumbnails.is_image(row.content_type),
        is_small=made is not None and not made.note,
        trouble=made.note if made else "",
        size=row.size if row else 0,
        taken_at=fact.taken_at if fact else None,
        metres=metres,
        is_far=metres is not None and metres > max(inspection.accuracy_m or 0.0, FAR_M),
        is_of_other_day=_is_of_other_day(inspection, fact),
    )


def _metres(inspection: Inspection, fact: PhotoFacts | None) -> float | None:
    if fact is None or fact.lon is None or fact.lat is None:
        return None
    if inspection.lon is None or inspection.lat is None:
        return None
    return metres_between((inspection.lon, inspection.lat), (fact.lon, fact.lat))


def _is_of_other_day(inspection: Inspection, fact: PhotoFacts | None) -> bool:
    if fact is None or fact.taken_at is None or inspection.visit_date is None:
        return False
    return abs(local_day(fact.taken_at) - inspection.visit_date) > PHOTO_AGE


def questions_of_file(inspection: Inspection, name: str, asked: Asked) -> list[str]:
    """Return the questions that a file answers, by path."""
    return [place.question for place in _named(inspection, asked) if place.name == name]
