"""What happened to one record, as people read it: the newest first, each with who and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from server.inspections import submission_desk, submission_history
from server.inspections.models import FindingHistory
from server.submissions.difference import Change
from server.submissions.models import Submission, SubmissionAttachment, SubmissionVersion

MOST_CHANGES = 200  # shown of one edit


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened."""

    kind: str  # sent, edited, decided, commented, justified, revealed, file, rescored
    at: dt.datetime
    by: str  # the name of a person or a device; "" for the server
    text: str = ""  # what they wrote
    subject: str = ""  # a review state, a flag, a condition, a file
    questions: tuple[str, ...] = ()  # their paths
    changes: tuple[Change, ...] = ()
    more_changes: int = 0  # that are not among them


def events(submission: Submission) -> list[Event]:
    """Return all that happened. The same few questions however much did."""
    versions = submission_desk.versions(submission)
    # Only an edit has something to compare with.
    changed = submission_history.differences(submission) if len(versions) > 1 else {}
    found = [_arrived(version, changed.get(version.instance_id, ())) for version in versions]
    found += [
        Event("decided", event.at, event.by.display_name, event.reason, event.to_state)
        for event in submission.review_events.select_related("by")
    ]
    found += [
        Event(
            "commented",
            comment.at,
            comment.by.display_name,
            comment.body,
            questions=(comment.path,) if comment.path else (),
        )
        for comment in submission.comments.select_related("by")
    ]
    found += [
        Event("justified", said.at, said.by.display_name, said.justification, said.code)
        for said in submission.flag_decisions.select_related("by")
    ]
    found += [
        Event(
            "revealed",
            one.at,
            one.by.display_name,
            one.reason,
            questions=tuple(one.questions),
        )
        for one in submission.reveals.select_related("by")
    ]
    found += [*_late(submission), *_rescored(submission)]
    return sorted(found, key=lambda event: event.at, reverse=True)


def _arrived(version: SubmissionVersion, changes: Sequence[Change]) -> Event:
    sender = version.app_user or version.person
    return Event(
        "edited" if version.deprecated_id else "sent",
        version.received_at,
        sender.display_name if sender else "",
        version.edit_reason,
        subject=version.form_version.version,
        changes=tuple(changes[:MOST_CHANGES]),
        more_changes=max(0, len(changes) - MOST_CHANGES),
    )


def _late(submission: Submission) -> Iterator[Event]:
    """Yield the files that came after the version that names them, those of a minute together."""
    rows = SubmissionAttachment.objects.filter(
        version__submission=submission, is_carried_over=False
    ).values_list("name", "received_at", "version__received_at")
    came: dict[dt.datetime, list[str]] = {}
    for name, received_at, version_at in rows.order_by("received_at", "pk"):
        if received_at != version_at:
            came.setdefault(received_at.replace(second=0, microsecond=0), []).append(name)
    for at, names in came.items():
        yield Event("file", at, "", subject=", ".join(dict.fromkeys(names)))


def _rescored(submission: Submission) -> Iterator[Event]:
    rows = FindingHistory.objects.filter(inspection__submission=submission)
    for code, status, at in rows.values_list("condition", "status", "replaced_at"):
        yield Event("rescored", at, "", text=status, subject=code)
