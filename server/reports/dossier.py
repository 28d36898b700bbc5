"""All that a reviewer looks at of one record: what it says, why, where, and what became of it.

However much there is of each, the number of queries is the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from server.communes import drawing
from server.communes.drawing import Drawing, Spot
from server.inspections import flag_review, record_feed, record_photos, reveals, review
from server.inspections.asked import Asked, asked_by
from server.inspections.flag_review import StandingFlag
from server.inspections.models import Inspection
from server.inspections.record_feed import Event
from server.inspections.record_photos import Shot
from server.projects.models import Membership
from server.reports import answer_sheet
from server.reports.answer_sheet import Section
from server.reports.judged import Judged, judged
from server.reports.told import Teller, names_of
from server.submissions.models import Submission, SubmissionVersion
from server.submissions.problems import SubmissionUnknown
from server.submissions.review import has_sent


@dataclass(frozen=True, slots=True)
class Dossier:
    """One record, as one reader may see it."""

    submission: Submission
    version: SubmissionVersion
    inspection: Inspection | None  # None until it is derived, and of an encrypted one
    title: str  # of the form
    teller: Teller
    sections: tuple[Section, ...]
    conditions: tuple[Judged, ...]
    shots: tuple[Shot, ...]
    map: Drawing | None
    flags: tuple[StandingFlag, ...]
    events: tuple[Event, ...]
    is_own: bool  # the reader has sent it, and so does not decide

    @property
    def in_the_way(self) -> tuple[StandingFlag, ...]:
        """Return the flags that nothing is approved with."""
        return tuple(flag for flag in self.flags if flag.is_in_the_way)

    @property
    def masked(self) -> tuple[str, ...]:
        """Return the questions whose answers are masked, by path."""
        return tuple(path for section in self.sections for path in section.masked)

    @property
    def last_decision(self) -> Event | None:
        """Return the newest decision."""
        return next((event for event in self.events if event.kind == "decided"), None)


def dossier(membership: Membership, form_id: str, instance_id: str, language: str) -> Dossier:
    """Return a record that a person may see.

    language: vi or en. Raises SubmissionUnknown, also where it is only out of their reach.
    """
    submission = review.find(membership, form_id, instance_id)
    version = submission.current_version
    if version is None:
        raise SubmissionUnknown(instance_id=instance_id)
    asked = asked_by(version.form_version_id)
    inspection = _inspection(submission)
    shown = reveals.open_to(submission, membership.user)
    flat = inspection.answers if inspection else {}
    events = record_feed.events(submission)
    names = names_of(_texts(inspection, events), membership.project_id)
    teller = Teller(asked, language, shown, flat, names)
    return Dossier(
        submission=submission,
        version=version,
        inspection=inspection,
        title=asked.title,
        teller=teller,
        sections=answer_sheet.sections(teller, inspection.repeats) if inspection else (),
        conditions=judged(inspection, teller) if inspection else (),
        shots=_shots(inspection, version, asked),
        map=_map(inspection),
        flags=flag_review.of(submission),
        events=tuple(events),
        is_own=has_sent(submission, membership.user),
    )


def _inspection(submission: Submission) -> Inspection | None:
    return (
        Inspection.objects.filter(submission=submission)
        .select_related("unit", "declared_unit", "located_unit", "rule_version__criteria_set")
        .first()
    )


def _texts(inspection: Inspection | None, events: Sequence[Event]) -> Iterator[str]:
    """Yield every answer, as it is and as it was."""
    yield from (text for event in events for one in event.changes for text in (one.old, one.new))
    if inspection is None:
        return
    yield from inspection.answers.values()
    for rows in inspection.repeats.values():
        for row in rows:
            yield from row.values()


def _shots(
    inspection: Inspection | None, version: SubmissionVersion, asked: Asked
) -> tuple[Shot, ...]:
    return record_photos.shots(inspection, version, asked) if inspection else ()


def _map(inspection: Inspection | None) -> Drawing | None:
    if inspection is None or inspection.visit_date is None:
        return None
    units = (inspection.declared_unit_id, inspection.located_unit_id)
    uids = [uid for uid in dict.fromkeys(units) if uid]
    spot = None
    if inspection.lon is not None and inspection.lat is not None:
        spot = Spot(inspection.lon, inspection.lat, inspection.accuracy_m)
    return drawing.around(uids, inspection.visit_date, spot)
