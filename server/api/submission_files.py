"""The files of a submission: which it names, which came, each of them, and one that comes later."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import examples, problems, raw_body, stored
from server.api.endpoint import Endpoint, checked
from server.api.people import manager, reviewer
from server.api.schema import refusals
from server.api.shapes import Done
from server.api.submissions import OF_EDIT, UNKNOWN, found, given, sender
from server.inspections import review as scoped
from server.inspections import submission_desk
from server.submissions import thumbnails
from server.submissions.desk_problems import (
    AttachmentFilled,
    AttachmentUnknown,
    ThumbnailNone,
    ThumbnailNotYet,
    VersionMissing,
)
from server.submissions.files import SentFile
from server.submissions.models import Submission, SubmissionAttachment, SubmissionVersion

_UNKNOWN_FILE = AttachmentUnknown(name="1718101964.jpg")
_BYTES = {
    (200, "application/octet-stream"): OpenApiResponse(
        OpenApiTypes.BINARY, description="từng byte như lúc nhận; kiểu tệp như máy đã khai"
    ),
    **stored.PARTS,
}


_NOT_SMALL = (
    *UNKNOWN,
    _UNKNOWN_FILE,
    ThumbnailNotYet(name="1718101964.jpg"),
    ThumbnailNone(name="1718101964.jpg", note="broken"),
    problems.ParameterInvalid(field="size", reason="«5» không phải là lựa chọn."),
    *stored.REFUSALS,
)


class SlotShape(serializers.Serializer[Any]):
    """A file that the XML names."""

    name = serializers.CharField()
    exists = serializers.BooleanField(help_text="tệp đã đến máy chủ")


class ThumbnailQuery(serializers.Serializer[Any]):
    """How large."""

    size = serializers.ChoiceField(
        choices=thumbnails.SIZES,
        default=thumbnails.SIZES[0],
        help_text="số điểm ảnh của cạnh dài; ảnh nhỏ hơn thì giữ nguyên",
    )


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
        responses={200: SlotShape(many=True), **OF_EDIT, **refusals(*UNKNOWN)},
        examples=[_SLOT],
    )
    def get(
        self, request: Request, project_id: int, form_id: str, instance_id: str
    ) -> HttpResponseBase:
        """Return the names in the current version, in the order of its questions."""

        def give(submission: Submission) -> Response:
            return Response(_slots(submission_desk.current(submission)))

        return given(reviewer(request, project_id), form_id, instance_id, "/attachments", give)


class OneSubmissionFile(Endpoint):
    """One of them."""

    renderer_classes = (stored.Raw,)
    reads = "submission.attachment.read"

    @extend_schema(
        operation_id="submissionFile",
        summary="Một tệp của một hồ sơ",
        responses={**_BYTES, **OF_EDIT, **refusals(*UNKNOWN, _UNKNOWN_FILE, *stored.REFUSALS)},
    )
    def get(
        self, request: Request, project_id: int, form_id: str, instance_id: str, name: str
    ) -> HttpResponseBase:
        """Return its bytes, always to be saved and never shown by the browser itself."""

        def give(submission: Submission) -> HttpResponseBase:
            current = submission_desk.current(submission)
            return stored.file(request, submission_desk.file(current, name))

        below = f"/attachments/{quote(name, safe='')}"
        return given(reviewer(request, project_id), form_id, instance_id, below, give)

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


class Thumbnail(Endpoint):
    """A photo of a submission, small."""

    renderer_classes = (stored.Raw,)
    reads = "submission.attachment.read"

    @extend_schema(
        operation_id="submissionThumbnail",
        summary="Ảnh nhỏ của một tệp ảnh",
        parameters=[ThumbnailQuery],
        responses={
            (200, "image/jpeg"): OpenApiTypes.BINARY,
            **stored.PARTS,
            **refusals(*_NOT_SMALL),
        },
    )
    def get(
        self, request: Request, project_id: int, form_id: str, instance_id: str, name: str
    ) -> HttpResponseBase:
        """Return a JPEG that says nothing but which way up it is, where it does not stand so.

        One that is not made yet is answered 404 with `Retry-After`, and is made soon.
        """
        _, submission = found(request, project_id, form_id, instance_id)
        file = submission_desk.file(submission_desk.current(submission), name)
        return _small(request, file)


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


class VersionThumbnail(Endpoint):
    """A photo of one version, small."""

    renderer_classes = (stored.Raw,)
    reads = "submission.attachment.read"

    @extend_schema(
        operation_id="submissionVersionThumbnail",
        summary="Ảnh nhỏ của một tệp ảnh trong một bản của hồ sơ",
        parameters=[ThumbnailQuery],
        responses={
            (200, "image/jpeg"): OpenApiTypes.BINARY,
            **stored.PARTS,
            **refusals(VersionMissing(instance_id="uuid:5a3d…"), *_NOT_SMALL),
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
        """Return it as that of the current version."""
        _, submission = found(request, project_id, form_id, instance_id)
        version = submission_desk.version(submission, version_id)
        return _small(request, submission_desk.file(version, name))


def _small(request: Request, file: SubmissionAttachment) -> HttpResponseBase:
    size = checked(ThumbnailQuery(data=request.query_params))["size"]
    small = thumbnails.find(file, size)
    stem = file.name.rpartition(".")[0] or file.name
    download = stored.Download(
        small.sha256, small.size, f"{stem}-{size}.jpg", "image/jpeg", content=small.content
    )
    return stored.blob(request, download)


def _slots(version: SubmissionVersion) -> list[dict[str, Any]]:
    return [
        {"name": slot.name, "exists": slot.file is not None}
        for slot in submission_desk.slots(version)
    ]
