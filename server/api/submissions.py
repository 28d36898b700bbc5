"""One submission: its state, the decisions about it, and what people remark."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import action_notes, examples, problems, raw_body
from server.api import submissions_shapes as shapes
from server.api.endpoint import Endpoint, checked
from server.api.people import actor, manager, reviewer
from server.api.schema import refusals
from server.api.shapes import Done
from server.api.submissions_shapes import EXTENDED
from server.inspections import derive, spoken, submission_desk
from server.inspections import review as scoped
from server.inspections.problems import FlagsOpen, WordsPersonal
from server.projects.models import Membership
from server.submissions.desk_problems import DeprecatedIdMissing, EditOfOther, OtherForm
from server.submissions.intake import Sender
from server.submissions.models import ReviewState, Submission
from server.submissions.problems import (
    EditOutdated,
    FormClosed,
    FormIdMissing,
    InstanceConflict,
    QuarantineFull,
    ReviewedAlready,
    ReviewOfOwn,
    ReviewReasonMissing,
    ReviewStateGiven,
    ReviewStateOutdated,
    ReviewVersionOutdated,
    SubmissionDeleted,
    SubmissionUnknown,
    VersionUnknown,
)
from server.submissions.review import Judgement
from server.xml import XmlMalformed

UNKNOWN = (
    problems.Unauthenticated,
    problems.NotFound,
    SubmissionUnknown(instance_id="uuid:5a3d…"),
)
XML_REFUSALS = (
    problems.RawBodyTooLarge(most_bytes=5_000_000),
    problems.BodyCut,
    problems.BodyEncoding(encoding="br"),
    XmlMalformed(line=1),
    FormIdMissing,
    OtherForm(form_id="kt_18_5"),
    VersionUnknown(form_id="kt_18_5", version="2026060101"),
    FormClosed(form_id="kt_18_5"),
    InstanceConflict,
    SubmissionDeleted,
    QuarantineFull,
)
OF_EDIT: dict[int, Any] = {
    301: OpenApiResponse(description="Đây là mã của một lần sửa: xem phiên bản đó.")
}
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
        parameters=[EXTENDED],
        responses={
            200: shapes.SubmissionShape,
            **OF_EDIT,
            **refusals(*UNKNOWN),
        },
        examples=[shapes.SUBMISSION],
    )
    def get(
        self, request: Request, project_id: int, form_id: str, instance_id: str
    ) -> HttpResponseBase:
        """Return its state, and the version that counts.

        Who asks by the id of an edit is sent to that version, as at Central (openrosa.md ED08).
        """
        membership = reviewer(request, project_id)
        return given(membership, form_id, instance_id, "", lambda found: _told(request, found))

    @extend_schema(
        operation_id="reviewSubmission",
        summary="Duyệt, yêu cầu bổ sung hoặc loại một hồ sơ",
        parameters=[EXTENDED],
        request=shapes.JudgementShape,
        responses={
            200: shapes.SubmissionShape,
            **refusals(
                *UNKNOWN,
                *_BODY,
                problems.ParameterInvalid(field="reviewState", reason="Trường này là bắt buộc."),
                ReviewStateGiven(state="received"),
                ReviewReasonMissing,
                ReviewOfOwn,
                ReviewedAlready(state="approved", by="Chị Hoa"),
                ReviewStateOutdated(state="edited"),
                ReviewVersionOutdated(received_at="2026-06-12 01:30 UTC"),
                FlagsOpen(flags="gps_far, personal_data"),
                WordsPersonal(words="«chị Hằng»"),
            ),
        },
        examples=[shapes.JUDGEMENT, shapes.SUBMISSION],
    )
    def patch(self, request: Request, project_id: int, form_id: str, instance_id: str) -> Response:
        """Decide; the same decision again changes nothing, another reason of a refusal does.

        The reason may also come as `X-Action-Notes`, or as a comment made before. With `hasIssues`
        it is shown, word for word, on the phone that sent the record: what may be personal data is
        refused until it is left out, or confirmed to be none.
        """
        membership, submission = found(request, project_id, form_id, instance_id)
        asked = checked(shapes.JudgementShape(data=request.data))
        judgement = Judgement(
            to_state=ReviewState(asked["reviewState"]),
            by=membership.user,
            reason=asked["reason"] or action_notes.of(request),
            seen_state=asked.get("seenState", ""),
            seen_version=asked.get("seenVersion", ""),
        )
        scoped.decide(submission, judgement, is_confirmed=asked["confirmed"])
        derive.attempt(submission.pk)
        return _told(request, submission)

    @extend_schema(
        operation_id="editSubmission",
        summary="Gửi bản sửa của một hồ sơ",
        parameters=[EXTENDED, shapes.DEVICE_ID, shapes.CONFIRMED],
        request={"application/xml": OpenApiTypes.BINARY},
        responses={
            200: shapes.SubmissionShape,
            **refusals(
                *UNKNOWN,
                *XML_REFUSALS,
                DeprecatedIdMissing,
                EditOfOther,
                EditOutdated,
                WordsPersonal(words="«chị Hằng»"),
            ),
        },
        examples=[shapes.SUBMISSION],
    )
    def put(self, request: Request, project_id: int, form_id: str, instance_id: str) -> Response:
        """Take its next version, for managers; the same again changes nothing.

        The XML names in `deprecatedID` the current version, and has an `instanceID` of its own. The
        reason may come as `X-Action-Notes`; what may be personal data in it only when it is
        confirmed to be none. The record goes back to review as `edited`. An edit of a version that
        is not the current one any more is refused, and kept among what waits for a decision.
        """
        membership = manager(request, project_id)
        submission = scoped.find(membership, form_id, instance_id)
        by = with_reason(request, sender(request, membership))
        with raw_body.opened(request, settings.MAX_XML_BYTES) as body:
            edited = submission_desk.edit(submission, body.read(), by)
        return _told(request, edited)

    @extend_schema(
        operation_id="deleteSubmission",
        summary="Xóa một hồ sơ: không còn tính, khôi phục được trong một thời gian",
        responses={200: Done, **refusals(*UNKNOWN)},
        examples=[examples.DONE],
    )
    def delete(self, request: Request, project_id: int, form_id: str, instance_id: str) -> Response:
        """Take it away, for managers; after TRASH_KEPT_DAYS it goes for good."""
        membership = manager(request, project_id)
        submission = scoped.find(membership, form_id, instance_id)
        submission_desk.remove(submission, actor(request))
        return Response({"success": True})


class SubmissionRestore(Endpoint):
    """A record that was taken away."""

    @extend_schema(
        operation_id="restoreSubmission",
        summary="Khôi phục hồ sơ đã xóa",
        request=None,
        responses={200: Done, **refusals(*UNKNOWN)},
        examples=[examples.DONE],
    )
    def post(self, request: Request, project_id: int, form_id: str, instance_id: str) -> Response:
        """Bring it back, for managers, as it was."""
        membership = manager(request, project_id)
        form = submission_desk.form_of(membership, form_id)
        submission_desk.restore(membership, form, instance_id, actor(request))
        return Response({"success": True})


class Comments(Endpoint):
    """What people remark about one record."""

    @extend_schema(
        operation_id="comments",
        summary="Các nhận xét về một hồ sơ",
        parameters=[EXTENDED],
        responses={200: shapes.CommentShape(many=True), **refusals(*UNKNOWN)},
        examples=[shapes.COMMENTED],
    )
    def get(self, request: Request, project_id: int, form_id: str, instance_id: str) -> Response:
        """Return them, the newest first."""
        _, submission = found(request, project_id, form_id, instance_id)
        rows = submission.comments.select_related("by").order_by("-at", "-pk")
        is_extended = shapes.is_extended(request)
        return Response([shapes.comment(row, is_extended=is_extended) for row in rows])

    @extend_schema(
        operation_id="comment",
        summary="Ghi nhận xét về một hồ sơ hoặc một câu",
        parameters=[EXTENDED],
        request=shapes.RemarkShape,
        responses={
            200: shapes.CommentShape,
            **refusals(
                *UNKNOWN,
                *_BODY,
                problems.ParameterInvalid(field="body", reason="Trường này là bắt buộc."),
                WordsPersonal(words="«chị Hằng»"),
            ),
        },
        examples=[shapes.COMMENT, shapes.COMMENTED],
    )
    def post(self, request: Request, project_id: int, form_id: str, instance_id: str) -> Response:
        """Write one; what may be personal data only when it is confirmed to be none."""
        membership, submission = found(request, project_id, form_id, instance_id)
        asked = checked(shapes.RemarkShape(data=request.data))
        made = scoped.comment(
            submission,
            membership.user,
            asked["body"],
            asked["path"],
            is_confirmed=asked["confirmed"],
        )
        return Response(shapes.comment(made, is_extended=shapes.is_extended(request)))


class ReviewHistory(Endpoint):
    """Who decided what about one record, and why."""

    @extend_schema(
        operation_id="reviewHistory",
        summary="Lịch sử duyệt một hồ sơ",
        responses={200: shapes.ReviewEventShape(many=True), **refusals(*UNKNOWN)},
        examples=[shapes.EVENT],
    )
    def get(self, request: Request, project_id: int, form_id: str, instance_id: str) -> Response:
        """Return the decisions, the newest first."""
        _, submission = found(request, project_id, form_id, instance_id)
        rows = submission.review_events.select_related("by", "version").order_by("-pk")
        return Response(shapes.ReviewEventShape(rows, many=True).data)


def found(
    request: Request, project_id: int, form_id: str, instance_id: str
) -> tuple[Membership, Submission]:
    """Return a caller who reviews, and a submission in their reach.

    Raises Unauthenticated, NotFound, SubmissionUnknown.
    """
    membership = reviewer(request, project_id)
    return membership, scoped.find(membership, form_id, instance_id)


def given(
    membership: Membership,
    form_id: str,
    instance_id: str,
    below: str,
    give: Callable[[Submission], HttpResponseBase],
) -> HttpResponseBase:
    """Give something of a submission; who names one of its edits is sent to that version.

    below: the end of the address, as it stands there. Raises SubmissionUnknown.
    """
    try:
        submission = scoped.find(membership, form_id, instance_id)
    except SubmissionUnknown:
        of = scoped.find_edited(membership, form_id, instance_id)
        if of is None:
            raise
        here = f"/v1/projects/{membership.project_id}/forms/{quote(form_id, safe='')}/submissions"
        place = f"{quote(of.instance_id, safe='')}/versions/{quote(instance_id, safe='')}"
        return HttpResponse(status=301, headers={"Location": f"{here}/{place}{below}"})
    return give(submission)


def _told(request: Request, submission: Submission) -> Response:
    told = submission_desk.tell(submission)
    return Response(shapes.submission(told, is_extended=shapes.is_extended(request)))


def with_reason(request: Request, by: Sender) -> Sender:
    """Return a sender who says why. Raises WordsPersonal."""
    reason = action_notes.of(request)
    spoken.check(reason, is_confirmed=request.query_params.get("confirmed") == "true")
    return replace(by, reason=reason)


def sender(request: Request, membership: Membership) -> Sender:
    """Return the caller as one who sends submissions."""
    return Sender(
        project_id=membership.project_id,
        app_user=None,
        device_id=request.query_params.get("deviceID", ""),
        user_agent=request.headers.get("User-Agent", ""),
        person=membership.user,
    )
