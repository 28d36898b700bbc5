"""A file of one record, for whoever may see the record; one that is restricted must be opened."""

from __future__ import annotations

from dataclasses import dataclass

from server.inspections import reveals, review, submission_desk
from server.inspections.asked import asked_by
from server.inspections.models import Inspection
from server.inspections.problems import AnswerMasked
from server.inspections.record_photos import questions_of_file
from server.projects.models import Membership
from server.submissions import thumbnails

ORIGINAL = 0


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A blob that somebody may have."""

    sha256: str
    size: int  # bytes
    is_picture: bool  # a JPEG, which a browser may show
    content: bytes | None = None  # of what is not stored


def record_file(
    membership: Membership, form_id: str, instance_id: str, name: str, size: int = ORIGINAL
) -> StoredFile:
    """Return a file that the current version names.

    size: one of thumbnails.SIZES, for a photo made small; else as it came.
    Raises SubmissionUnknown, VersionMissing, AttachmentUnknown, AnswerMasked, ThumbnailNone,
    ThumbnailNotYet.
    """
    submission = review.find(membership, form_id, instance_id)
    version = submission_desk.current(submission)
    row = submission_desk.file(version, name)
    asked = asked_by(version.form_version_id)
    inspection = Inspection.objects.filter(submission=submission).first()
    questions = questions_of_file(inspection, row.name, asked) if inspection else []
    # What no question names may be anything.
    restricted = {path for path in questions or [""] if asked.is_restricted(path)}
    if restricted - reveals.open_to(submission, membership.user):
        raise AnswerMasked
    if size in thumbnails.SIZES:
        small = thumbnails.find(row, size)
        return StoredFile(small.sha256, small.size, is_picture=True, content=small.content)
    return StoredFile(row.sha256, row.size, is_picture=False)
