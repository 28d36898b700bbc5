"""Addresses of submissions, as ODK Central has them (openrosa.md §6.1, §6.2)."""

from __future__ import annotations

from django.urls import path

from server.api import (
    submission_audits,
    submission_files,
    submission_list,
    submission_places,
    submission_versions,
    submissions,
)
from server.api.paths import FORM

_ALL = f"{FORM}/submissions"
_ONE = f"{_ALL}/<text:instance_id>"
_VERSION = f"{_ONE}/versions/<text:version_id>"

urlpatterns = [
    path(_ALL, submission_list.Submissions.as_view()),
    path(f"{_ALL}.geojson", submission_places.SubmissionPlaces.as_view()),
    path(f"{_ALL}/submitters", submission_list.Submitters.as_view()),
    path(f"{_ALL}/keys", submission_list.SubmissionKeys.as_view()),
    path(f"{_ONE}.xml", submission_versions.SubmissionXml.as_view()),
    path(f"{_ONE}.geojson", submission_places.OneSubmissionPlace.as_view()),
    path(_ONE, submissions.OneSubmission.as_view()),
    path(f"{_ONE}/restore", submissions.SubmissionRestore.as_view()),
    path(f"{_ONE}/comments", submissions.Comments.as_view()),
    path(f"{_ONE}/review", submissions.ReviewHistory.as_view()),
    path(f"{_ONE}/attachments", submission_files.SubmissionFiles.as_view()),
    path(f"{_ONE}/attachments/<text:name>", submission_files.OneSubmissionFile.as_view()),
    path(f"{_ONE}/attachments/<text:name>/thumbnail", submission_files.Thumbnail.as_view()),
    path(f"{_ONE}/versions", submission_versions.SubmissionVersions.as_view()),
    path(f"{_VERSION}.xml", submission_versions.SubmissionVersionXml.as_view()),
    path(f"{_VERSION}.geojson", submission_places.SubmissionVersionPlace.as_view()),
    path(_VERSION, submission_versions.OneSubmissionVersion.as_view()),
    path(f"{_VERSION}/attachments", submission_files.VersionFiles.as_view()),
    path(f"{_VERSION}/attachments/<text:name>", submission_files.OneVersionFile.as_view()),
    path(
        f"{_VERSION}/attachments/<text:name>/thumbnail", submission_files.VersionThumbnail.as_view()
    ),
    path(f"{_ONE}/edit", submission_versions.SubmissionEditor.as_view()),
    path(f"{_ONE}/diffs", submission_versions.SubmissionDiffs.as_view()),
    path(f"{_ONE}/audits", submission_audits.SubmissionAudits.as_view()),
]
