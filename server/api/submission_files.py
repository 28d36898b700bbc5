"""The files of a submission: which it names, which came, each of them, and one that comes later."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import examples, problems, raw_body, stored
from server.api.endpoint import Endpoint
from server.api.people import manager
from server.api.schema import refusals
from server.api.shapes import Done
from server.api.submissions import UNKNOWN, found, sender
from server.inspections import review as scoped
from server.inspections import submission_desk
from server.submissions.desk_problems import AttachmentFilled, AttachmentUnknown, VersionMissing
from server.submissions.files import SentFile
from server.submissions.models import SubmissionVersion

_UNKNOWN_FILE = AttachmentUnknown(name="1718101964.jpg")
_BYTES = {
    (200, "application/octet-stream"): OpenApiResponse(
        OpenApiTypes.BINARY, description="từng byte như lúc nhận; kiểu tệp như máy đã khai"
    ),
    **stored.PARTS,
}


class SlotShape(serializers.Serializer[Any]):
    """A file that the XML names."""

    name = serializers.CharField()
    exists = serializers.BooleanField(help_text="tệp đã đến máy chủ")


_SLOT = OpenApiExample(
    "ảnh chưa đến",
    response_only=True,
    status_codes=["200"],
    value={"name": "1718101964.jpg", "exists": False},
)


class SubmissionFiles(Endpoint):
    """All of them."""

    @extend_schema(
        operation_id="submissionFiles",
        summary="Các tệp mà một hồ sơ nêu tên, đã đến hay chưa",
        responses={200: SlotShape(many=True), **refusals(*UNKNOWN)},
        examples=[_SLOT],
    )
    def get(self, request: Request, project_id: int, form_id: str, instance_id: str) -> Response:
        """Return the names in the current version, in the order of its questions."""
        _, submission = found(request, project_id, form_id, instance_id)
        return Response(_slots(submission_desk.current(submission)))


class OneSubmissionFile(Endpoint):
    """One of them."""

    renderer_classes = (stored.Raw,)
    reads = "submission.attachment.read"

    @extend_schema(
        operation_id="submissionFile",
        summary="Một tệp của một hồ sơ",
        responses={**_BYTES, **refusals(*UNKNOWN, _UNKNOWN_FILE, *stored.REFUSALS)},
    )
    def get(
        self, request: Request, project_id: int, form_id: str, instance_id: str, name: str
    ) -> HttpResponseBase:
        """Return its bytes, always to be saved and never shown by the browser itself."""
        _, submission = found(request, project_id, form_id, instance_id)
        file = submission_desk.file(submission_desk.current(submission), name)
        return stored.file(request, file)

    @extend_schema(
        operation_id="sendSubmissionFile",
        summary="Gửi một tệp mà hồ sơ nêu tên",
        request={"*/*": OpenApiTypes.BINARY},
        responses={
            (200, "application/json"): Done,
            **refusals(
                *UNKNOWN,
                problems.RawBodyTooLarge(most_bytes=100_000_000),
                problems.BodyCut,
                problems.BodyEncoding(encoding="br"),
                _UNKNOWN_FILE,
                AttachmentFilled(name="1718101964.jpg"),
            ),
        },
        examples=[examples.DONE],
    )
    def post(
        self, request: Request, project_id: int, form_id: str, instance_id: str, name: str
    ) -> HttpResponseBase:
        """Take its bytes, for managers: plain or gzip, chunked or not; the same again is welcome.

        What came first stays, but for what an edit took over from the version before it.
        """
        membership = manager(request, project_id)
        submission = scoped.find(membership, form_id, instance_id)
        with raw_body.opened(request, settings.MAX_POST_BYTES) as body:
            sent = SentFile(name, body, request.headers.get("Content-Type", ""))
            submission_desk.attach(submission, sent, sender(request, membership))
        return stored.done()


class VersionFiles(Endpoint):
    """Those of one version."""

    @extend_schema(
        operation_id="submissionVersionFiles",
        summary="Các tệp mà một bản của hồ sơ nêu tên",
        responses={
            200: SlotShape(many=True),
            **refusals(*UNKNOWN, VersionMissing(instance_id="uuid:5a3d…")),
        },
        examples=[_SLOT],
    )
    def get(
        self, request: Request, project_id: int, form_id: str, instance_id: str, version_id: str
    ) -> Response:
        """Return the names in it, in the order of its questions."""
        _, submission = found(request, project_id, form_id, instance_id)
        return Response(_slots(submission_desk.version(submission, version_id)))


class OneVersionFile(Endpoint):
    """One of those."""

    renderer_classes = (stored.Raw,)
    reads = "submission.attachment.read"

    @extend_schema(
        operation_id="submissionVersionFile",
        summary="Một tệp của một bản của hồ sơ",
        responses={
            **_BYTES,
            **refusals(
                *UNKNOWN,
                VersionMissing(instance_id="uuid:5a3d…"),
                _UNKNOWN_FILE,
                *stored.REFUSALS,
            ),
        },
    )
    def get(
        self,
        request: Request,
        project_id: int,
        form_id: str,
        instance_id: str,
        version_id: str,
        name: str,
    ) -> HttpResponseBase:
        """Return its bytes, always to be saved and never shown by the browser itself."""
        _, submission = found(request, project_id, form_id, instance_id)
        version = submission_desk.version(submission, version_id)
        return stored.file(request, submission_desk.file(version, name))


def _slots(version: SubmissionVersion) -> list[dict[str, Any]]:
    return [
        {"name": slot.name, "exists": slot.file is not None}
        for slot in submission_desk.slots(version)
    ]
