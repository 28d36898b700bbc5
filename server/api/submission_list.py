"""All submissions of a form: listing them, sending a new one, and who sent them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

from django.conf import settings
from django.http import HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import problems, raw_body
from server.api import submissions_shapes as shapes
from server.api.endpoint import Endpoint, checked
from server.api.people import manager, reviewer
from server.api.schema import refusals
from server.api.submissions import XML_REFUSALS, sender, with_reason
from server.inspections import submission_desk
from server.inspections.problems import WordsPersonal
from server.inspections.submission_desk import Told
from server.inspections.whole_list import whole_list
from server.submissions.desk_problems import SubmissionExists
from server.submissions.problems import FormUnknown

_WHOLE = 1000  # rows that are read before the first is told; more of them as they are read

_FORM = (problems.Unauthenticated, problems.NotFound, FormUnknown(form_id="kt_18_5"))


class SubmissionListQuery(serializers.Serializer[Any]):
    """Which part of the list."""

    limit = serializers.IntegerField(
        min_value=1,
        max_value=2**31 - 1,
        required=False,
        help_text="nhiều nhất bao nhiêu; không ghi: tất cả",
    )
    offset = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, default=0, help_text="bỏ qua bao nhiêu hồ sơ mới nhất"
    )
    deleted = serializers.BooleanField(
        default=False, help_text="true: các hồ sơ đã xóa còn khôi phục được, thay cho các hồ sơ còn"
    )


class Submissions(Endpoint):
    """All of a form's."""

    @extend_schema(
        operation_id="submissions",
        summary="Các hồ sơ của một biểu",
        parameters=[SubmissionListQuery, shapes.EXTENDED],
        responses={
            200: shapes.SubmissionShape(many=True),
            **refusals(
                *_FORM,
                problems.ParameterInvalid(
                    field="limit", reason="Giá trị phải lớn hơn hoặc bằng 1."
                ),
            ),
        },
        examples=[shapes.SUBMISSION],
    )
    def get(self, request: Request, project_id: int, form_id: str) -> HttpResponseBase:
        """Return those that the caller may see, the newest first; without a limit, all."""
        membership = reviewer(request, project_id)
        asked = checked(SubmissionListQuery(data=request.query_params))
        form = submission_desk.form_of(membership, form_id)
        whole = None if asked["deleted"] else whole_list(membership, form)
        rows = whole.broad() if whole else submission_desk.in_trash(membership, form)
        start, limit = asked["offset"], asked.get("limit")
        is_extended = shapes.is_extended(request)
        if limit is None or limit > _WHOLE:
            pages = submission_desk.pages(rows, start=start, whole=whole)
            found = islice(chain.from_iterable(pages), limit)
            return StreamingHttpResponse(
                _as_json(found, is_extended=is_extended), content_type="application/json"
            )
        page = submission_desk.page(rows, start, limit, whole)
        return Response([shapes.submission(told, is_extended=is_extended) for told in page])

    @extend_schema(
        operation_id="sendSubmission",
        summary="Gửi một hồ sơ mới",
        parameters=[shapes.DEVICE_ID, shapes.EXTENDED, shapes.CONFIRMED],
        request={"application/xml": OpenApiTypes.BINARY},
        responses={
            200: shapes.SubmissionShape,
            **refusals(
                *_FORM,
                *XML_REFUSALS,
                SubmissionExists(instance_id="uuid:5a3d…"),
                WordsPersonal(words="«chị Hằng»"),
            ),
        },
        examples=[shapes.SUBMISSION],
    )
    def post(self, request: Request, project_id: int, form_id: str) -> Response:
        """Take the XML of a filled-in form, for managers; its files are sent one by one.

        What a phone's submission would be refused for is refused here, and kept for a decision.
        A remark for its history may come as `X-Action-Notes`, as with an edit.
        """
        membership = manager(request, project_id)
        form = submission_desk.form_of(membership, form_id)
        by = with_reason(request, sender(request, membership))
        with raw_body.opened(request, settings.MAX_XML_BYTES) as body:
            made = submission_desk.send(form, body.read(), by)
        told = submission_desk.tell(made)
        return Response(shapes.submission(told, is_extended=shapes.is_extended(request)))


class Submitters(Endpoint):
    """Who sent them."""

    @extend_schema(
        operation_id="submitters",
        summary="Những máy và người đã gửi hồ sơ của một biểu",
        responses={200: shapes.ActorShape(many=True), **refusals(*_FORM)},
        examples=[shapes.ACTOR],
    )
    def get(self, request: Request, project_id: int, form_id: str) -> Response:
        """Return each device and each person once: devices first, by number."""
        membership = reviewer(request, project_id)
        form = submission_desk.form_of(membership, form_id)
        return Response([shapes.actor(one) for one in submission_desk.submitters(membership, form)])


class SubmissionKeys(Endpoint):
    """With which keys they are encrypted."""

    @extend_schema(
        operation_id="submissionKeys",
        summary="Khóa mã hóa hồ sơ của một biểu: luôn rỗng",
        responses={
            200: serializers.ListSerializer(child=serializers.DictField()),
            **refusals(*_FORM),
        },
    )
    def get(self, request: Request, project_id: int, form_id: str) -> Response:
        """Return none: passphrases are kept nowhere here. ruODK asks before it exports."""
        submission_desk.form_of(reviewer(request, project_id), form_id)
        return Response([])


def _as_json(found: Iterable[Told], *, is_extended: bool) -> Iterator[str]:
    """Write a list as it is read: a form may have a million."""
    before = "["
    for told in found:
        shape = shapes.submission(told, is_extended=is_extended)
        yield before + json.dumps(shape, ensure_ascii=False)
        before = ","
    yield "[]" if before == "[" else "]"
