"""Write down what must be known of inspections to compare them with others."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F, Q

from server.inspections.models import Inspection, Visit, VisitPhoto
from server.inspections.reading import Reading, reading_of
from server.submissions.models import (
    PhotoFacts,
    ReviewState,
    SubmissionAttachment,
    SubmissionVersion,
)
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


def now(submission_ids: Sequence[int]) -> dict[int, Facts]:
    """Return what is to be known of some submissions; nothing of those without a meaning."""
    inspections = Inspection.objects.filter(submission__in=submission_ids)
    senders, shown = _senders(submission_ids), _read_photos(submission_ids)
    return {
        inspection.submission_id: Facts(
            _visit(inspection, senders), shown.get(inspection.submission_id, [])
        )
        for inspection in inspections.select_related("submission__form")
    }


def differing(facts: Mapping[int, Facts], submission_ids: Sequence[int]) -> list[int]:
    """Return those of some submissions of which something else is written than the facts."""
    standing = Visit.objects.in_bulk(submission_ids)
    shown: dict[int, list[str]] = defaultdict(list)
    rows = VisitPhoto.objects.filter(visit__in=submission_ids).order_by("blob")
    for pk, blob in rows.values_list("visit", "blob"):
        shown[pk].append(blob)
    return [
        pk
        for pk in submission_ids
        if (_row(standing.get(pk)), shown[pk])
        != ((_row(facts[pk].visit), facts[pk].photos) if pk in facts else ((), []))
    ]


def write(facts: Mapping[int, Facts], submission_ids: Sequence[int]) -> None:
    """Write the facts of some submissions, and forget those that have none any more."""
    ids = [pk for pk in submission_ids if pk in facts]
    Visit.objects.filter(pk__in=set(submission_ids) - set(ids)).delete()
    fields = [field.name for field in Visit._meta.concrete_fields if not field.primary_key]
    Visit.objects.bulk_create(
        [facts[pk].visit for pk in ids],
        update_conflicts=True,
        update_fields=fields,
        unique_fields=["submission"],
    )
    VisitPhoto.objects.filter(visit__in=ids).delete()
    VisitPhoto.objects.bulk_create(
        VisitPhoto(visit_id=pk, blob=blob) for pk in ids for blob in facts[pk].photos
    )


def _row(visit: Visit | None) -> tuple[object, ...]:
    fields = Visit._meta.concrete_fields
    return tuple(getattr(visit, field.attname) for field in fields) if visit else ()


def photos(submission_ids: Sequence[int]) -> dict[int, list[str]]:
    """Return the SHA-256 of the pictures that current versions show, by submission."""
    # The first of a name is shown. Some clients do not say that a picture is one.
    rows = SubmissionAttachment.objects.filter(
        Q(content_type__startswith="image/") | Q(content_type="application/octet-stream"),
        version__submission__in=submission_ids,
        version=F("version__submission__current_version"),
        is_expected=True,
    ).order_by("version", "name", "pk")
    shown: dict[int, dict[str, str]] = defaultdict(dict)
    for submission, name, blob in rows.values_list("version__submission", "name", "sha256"):
        shown[submission].setdefault(name, blob)
    return {pk: sorted(set(by_name.values())) for pk, by_name in shown.items()}


def _read_photos(submission_ids: Sequence[int]) -> dict[int, list[str]]:
    # Without those that nobody has read yet: when somebody has, the visit is another than before,
    # and is compared anew.
    shown = photos(submission_ids)
    named = {blob for blobs in shown.values() for blob in blobs}
    known = set(PhotoFacts.objects.filter(blob__in=named).values_list("blob", flat=True))
    return {pk: [blob for blob in blobs if blob in known] for pk, blobs in shown.items()}


def comparable(inspection: Inspection) -> dict[str, str]:
    """Return what an inspection answers to the questions that are compared, by path.

    What is asked of every visit alike (the header), what is calculated, files and points are not;
    of a repeat each time round counts.
    """
    paths = _reading(inspection).compared_paths
    answers: Mapping[str, str] = inspection.answers
    found = {path: answers[path] for path in paths & answers.keys() if answers[path]}
    repeats: Mapping[str, list[dict[str, str]]] = inspection.repeats
    for times in repeats.values():
        for number, row in enumerate(times):
            found |= {f"{path}[{number}]": row[path] for path in paths & row.keys() if row[path]}
    return found


def bands(answers: Mapping[str, str]) -> list[int]:
    """Return a number for each part of the answers; equal parts have equal numbers."""
    parts: dict[int, list[str]] = defaultdict(list)
    for path in sorted(answers):
        parts[zlib.crc32(path.encode()) % _BANDS].append(f"{path}={answers[path]}")
    digests = {number: zlib.crc32("\n".join(part).encode()) for number, part in parts.items()}
    return sorted(number << 32 | digest for number, digest in digests.items())


def _visit(inspection: Inspection, senders: Mapping[int, Sender]) -> Visit:
    submission, sender = inspection.submission, senders[inspection.submission_id]
    reading, answers = _reading(inspection), inspection.answers
    compared = comparable(inspection)
    return Visit(
        submission=submission,
        instance_id=submission.instance_id,
        counts=submission.deleted_at is None and submission.review_state != ReviewState.REJECTED,
        project_id=submission.form.project_id,
        form_id=inspection.form_id,
        unit_id=inspection.unit_id,
        subject=inspection.subject,
        visit_date=inspection.visit_date,
        year=inspection.year,
        period=inspection.period,
        hand=sender.hand,
        team=sender.team,
        begun_at=moment(reading.first(reading.begun, answers)),
        ended_at=moment(reading.first(reading.ended, answers)),
        lon=inspection.lon,
        lat=inspection.lat,
        accuracy_m=inspection.accuracy_m,
        bands=bands(compared),
        answered=len(compared),
    )


def _reading(inspection: Inspection) -> Reading:
    return reading_of(inspection.form_version_id, inspection.rule_version_id)


def _senders(submission_ids: Sequence[int]) -> dict[int, Sender]:
    first = SubmissionVersion.objects.filter(
        submission__in=submission_ids, instance_id=F("submission__instance_id")
    ).values_list("submission", "app_user", "app_user__team", "device_id")
    return {pk: _sender(key, team or "", device) for pk, key, team, device in first}


def _sender(key: int | None, team: str, device: str) -> Sender:
    hand = f"key {key}" if key is not None else f"device {device}" if device else ""
    return Sender(hand, f"team {team}" if team else hand)
