"""The XML of a submission, its versions, and what each of them changed."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import people, stored
from server.api import submissions_shapes as shapes
from server.api.endpoint import Endpoint
from server.api.schema import refusals
from server.api.submissions import OF_EDIT, UNKNOWN, found, given
from server.inspections import submission_desk, submission_history
from server.submissions.desk_problems import VersionMissing
from server.submissions.difference import Change
from server.submissions.models import Submission, SubmissionVersion

_XML = {
    (200, "application/xml"): OpenApiResponse(
        OpenApiTypes.BINARY, description="từng byte như lúc nhận"
    )
}
_NO_VERSION = VersionMissing(instance_id="uuid:5a3d…")
_STEP = re.compile(r"(.+)\[(\d+)\]")


class SubmissionXml(Endpoint):
    """What counts of it, as received."""

    renderer_classes = (stored.Raw,)
    reads = "submission.read"

    @extend_schema(
        operation_id="submissionXml",
        summary="XML của bản hiện tại của một hồ sơ",
        responses={**_XML, **OF_EDIT, **refusals(*UNKNOWN)},
    )
    def get(
        self, request: Request, project_id: int, form_id: str, instance_id: str
    ) -> HttpResponseBase:
        """Return the current version's XML, byte for byte as it came."""

        def give(submission: Submission) -> HttpResponseBase:
            return _xml(request, submission_desk.current(submission))

        membership = people.reviewer(request, project_id)
        return given(membership, form_id, instance_id, ".xml", give)


class SubmissionVersions(Endpoint):
    """All its versions."""

    @extend_schema(
        operation_id="submissionVersions",
        summary="Các bản của một hồ sơ",
        parameters=[shapes.EXTENDED],
        responses={200: shapes.SubmissionVersionShape(many=True), **refusals(*UNKNOWN)},
        examples=[shapes.VERSION],
    )
    def get(self, request: Request, project_id: int, form_id: str, instance_id: str) -> Response:
        """Return them, the newest first."""
        _, submission = found(request, project_id, form_id, instance_id)
        is_extended = shapes.is_extended(request)
        return Response(
            [
                shapes.version(
                    version,
                    is_current=version.pk == submission.current_version_id,
                    is_extended=is_extended,
                )
                for version in submission_desk.versions(submission)
            ]
        )


class OneSubmissionVersion(Endpoint):
    """One of them."""

    @extend_schema(
        operation_id="submissionVersion",
        summary="Một bản của một hồ sơ",
        parameters=[shapes.EXTENDED],
        responses={200: shapes.SubmissionVersionShape, **refusals(*UNKNOWN, _NO_VERSION)},
        examples=[shapes.VERSION],
    )
    def get(
        self, request: Request, project_id: int, form_id: str, instance_id: str, version_id: str
    ) -> Response:
        """Return it."""
        _, submission = found(request, project_id, form_id, instance_id)
        version = submission_desk.version(submission, version_id)
        return Response(
            shapes.version(
                version,
                is_current=version.pk == submission.current_version_id,
                is_extended=shapes.is_extended(request),
            )
        )


class SubmissionVersionXml(Endpoint):
    """One of them, as received."""

    renderer_classes = (stored.Raw,)
    reads = "submission.read"

    @extend_schema(
        operation_id="submissionVersionXml",
        summary="XML của một bản của một hồ sơ",
        responses={**_XML, **refusals(*UNKNOWN, _NO_VERSION)},
    )
    def get(
        self, request: Request, project_id: int, form_id: str, instance_id: str, version_id: str
    ) -> HttpResponseBase:
        """Return its XML, byte for byte as it came."""
        _, submission = found(request, project_id, form_id, instance_id)
        return _xml(request, submission_desk.version(submission, version_id))


_DIFFS = OpenApiExample(
    "một câu đã sửa",
    response_only=True,
    status_codes=["200"],
    value={"uuid:9b1e…": [{"path": ["a", "a3_key_f"], "old": "1", "new": "2"}]},
)


class SubmissionDiffs(Endpoint):
    """What each version changed."""

    reads = "submission.read"

    @extend_schema(
        operation_id="submissionDiffs",
        summary="Mỗi bản sửa đã đổi những câu nào",
        responses={
            200: OpenApiResponse(
                dict[str, Any],
                description="theo instanceId của bản sửa: path (lần lặp là [tên, số từ 0]), old, "
                "new (null: không có); bản mã hóa: trống",
            ),
            **refusals(*UNKNOWN),
        },
        examples=[_DIFFS],
    )
    def get(self, request: Request, project_id: int, form_id: str, instance_id: str) -> Response:
        """Return for each edit what differs from the version before, by its instanceId."""
        _, submission = found(request, project_id, form_id, instance_id)
        return Response(
            {
                edited_id: [_diff(change) for change in changes]
                for edited_id, changes in submission_history.differences(submission).items()
            }
        )


class SubmissionEditor(Endpoint):
    """The page on which a person corrects it."""

    @extend_schema(
        operation_id="submissionEditor",
        summary="Trang sửa hồ sơ",
        responses={302: OpenApiResponse(description="địa chỉ của trang"), **refusals(*UNKNOWN)},
    )
    def get(
        self, request: Request, project_id: int, form_id: str, instance_id: str
    ) -> HttpResponseBase:
        """Lead there, for managers; the page asks who they are and why."""
        people.manager(request, project_id)
        _, submission = found(request, project_id, form_id, instance_id)
        # Programs are served without the pages' addresses (server.edges), so they are looked up.
        records = reverse("records", settings.ROOT_URLCONF, [project_id])
        place = f"{quote(form_id, safe='')}/{quote(submission.instance_id, safe=':')}"
        return HttpResponseRedirect(f"{records}/{place}/sua")


def _diff(change: Change) -> dict[str, Any]:
    return {"path": _steps(change.path), "old": change.old or None, "new": change.new or None}


def _steps(path: str) -> list[Any]:
    """Return `photos[2]/photo` as Central writes it: `[["photos", 1], "photo"]`."""
    steps: list[Any] = []
    for step in path.split("/"):
        repeated = _STEP.fullmatch(step)
        steps.append([repeated[1], int(repeated[2]) - 1] if repeated else step)
    return steps


def _xml(request: Request, version: SubmissionVersion) -> HttpResponseBase:
    name = f"{version.instance_id.removeprefix('uuid:')}.xml"
    return stored.xml(request, bytes(version.xml), name, version.xml_sha256)
