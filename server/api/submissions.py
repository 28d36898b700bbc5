"""One submission: its state, the decisions about it, and what people remark."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import problems
from server.api import submissions_shapes as shapes
from server.api.endpoint import Endpoint, checked
from server.api.people import reviewer
from server.api.schema import refusals
from server.inspections import derive
from server.inspections import review as scoped
from server.inspections.problems import FlagsOpen
from server.projects.models import Membership
from server.submissions import review
from server.submissions.models import ReviewState, Submission
from server.submissions.problems import (
    ReviewedAlready,
    ReviewOfOwn,
    ReviewReasonMissing,
    ReviewStateGiven,
    ReviewVersionOutdated,
    SubmissionUnknown,
)
from server.submissions.review import Judgement

_UNKNOWN = (
    problems.Unauthenticated,
    problems.NotFound,
    SubmissionUnknown(instance_id="uuid:5a3d…"),
)
_BODY = (
    problems.BodyMalformed,
    problems.BodyTooLarge(most_bytes=250_000),
    problems.MediaTypeUnsupported,
)


class OneSubmission(Endpoint):
    """One record, and the decision about it."""

    @extend_schema(
        operation_id="submission",
        summary="Một hồ sơ",
        responses={200: shapes.SubmissionShape, **refusals(*_UNKNOWN)},
        examples=[shapes.SUBMISSION],
    )
    def get(self, request: Request, project_id: int, form_id: str, instance_id: str) -> Response:
        """Return its state, and the version that counts."""
        _, submission = _found(request, project_id, form_id, instance_id)
        return Response(shapes.SubmissionShape(submission).data)

    @extend_schema(
        operation_id="reviewSubmission",
        summary="Duyệt, yêu cầu bổ sung hoặc loại một hồ sơ",
        request=shapes.JudgementShape,
        responses={
            200: shapes.SubmissionShape,
            **refusals(
                *_UNKNOWN,
                *_BODY,
                problems.ParameterInvalid(field="reviewState", reason="Trường này là bắt buộc."),
                ReviewStateGiven(state="received"),
                ReviewReasonMissing,
                ReviewOfOwn,
                ReviewedAlready(state="approved", by="Chị Hoa"),
                ReviewVersionOutdated(received_at="2026-06-12 01:30 UTC"),
                FlagsOpen(flags="gps_far, personal_data"),
            ),
        },
        examples=[shapes.JUDGEMENT, shapes.SUBMISSION],
    )
    def patch(self, request: Request, project_id: int, form_id: str, instance_id: str) -> Response:
        """Decide; the same decision again changes nothing.

        The reason may also come as `X-Action-Notes`, or as a comment made before. With `hasIssues`
        it is shown, word for word, on the phone that sent the record: write nothing personal.
        """
        membership, submission = _found(request, project_id, form_id, instance_id)
        asked = checked(shapes.JudgementShape(data=request.data))
        judgement = Judgement(
            to_state=ReviewState(asked["reviewState"]),
            by=membership.user,
            reason=asked["reason"] or request.headers.get("X-Action-Notes", ""),
            seen_state=asked.get("seenState", ""),
            seen_version=asked.get("seenVersion", ""),
        )
        scoped.decide(submission, judgement)
        derive.attempt(submission.pk)
        _, submission = _found(request, project_id, form_id, instance_id)
        return Response(shapes.SubmissionShape(submission).data)


class Comments(Endpoint):
    """What people remark about one record."""

    @extend_schema(
        operation_id="comments",
        summary="Các nhận xét về một hồ sơ",
        responses={200: shapes.CommentShape(many=True), **refusals(*_UNKNOWN)},
        examples=[shapes.COMMENTED],
    )
    def get(self, request: Request, project_id: int, form_id: str, instance_id: str) -> Response:
        """Return them, the newest first."""
        _, submission = _found(request, project_id, form_id, instance_id)
        rows = submission.comments.select_related("by").order_by("-at", "-pk")
        return Response(shapes.CommentShape(rows, many=True).data)

    @extend_schema(
        operation_id="comment",
        summary="Ghi nhận xét về một hồ sơ hoặc một câu",
        request=shapes.RemarkShape,
        responses={
            200: shapes.CommentShape,
            **refusals(
                *_UNKNOWN,
                *_BODY,
                problems.ParameterInvalid(field="body", reason="Trường này là bắt buộc."),
            ),
        },
        examples=[shapes.COMMENT, shapes.COMMENTED],
    )
    def post(self, request: Request, project_id: int, form_id: str, instance_id: str) -> Response:
        """Write one."""
        membership, submission = _found(request, project_id, form_id, instance_id)
        asked = checked(shapes.RemarkShape(data=request.data))
        made = review.comment(submission, membership.user, asked["body"], asked["path"])
        return Response(shapes.CommentShape(made).data)


class ReviewHistory(Endpoint):
    """Who decided what about one record, and why."""

    @extend_schema(
        operation_id="reviewHistory",
        summary="Lịch sử duyệt một hồ sơ",
        responses={200: shapes.ReviewEventShape(many=True), **refusals(*_UNKNOWN)},
        examples=[shapes.EVENT],
    )
    def get(self, request: Request, project_id: int, form_id: str, instance_id: str) -> Response:
        """Return the decisions, the newest first."""
        _, submission = _found(request, project_id, form_id, instance_id)
        rows = submission.review_events.select_related("by", "version").order_by("-pk")
        return Response(shapes.ReviewEventShape(rows, many=True).data)


def _found(
    request: Request, project_id: int, form_id: str, instance_id: str
) -> tuple[Membership, Submission]:
    membership = reviewer(request, project_id)
    return membership, scoped.find(membership, form_id, instance_id)
