"""What could not become a submission by itself, and what a person decides about it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import problems
from server.api import quarantine_shapes as shapes
from server.api.endpoint import Endpoint, asked_of, checked
from server.api.people import reviewer
from server.api.schema import refusals
from server.inspections import derive
from server.inspections import review as scoped
from server.projects.models import Membership, Role
from server.submissions import decide
from server.submissions.decide import Verdict
from server.submissions.difference import Change
from server.submissions.models import Decision, Quarantined, SubmissionVersion
from server.submissions.problems import (
    FormStillClosed,
    FormStillUnknown,
    OriginalStillUnknown,
    QuarantinedDecided,
    QuarantinedUnknown,
    SubmissionDeleted,
)

MOST_CHANGES = 500  # shown of one comparison
MOST_CHARACTERS = 1000  # shown of one answer, which may fill all of an instance


class Quarantine(Endpoint):
    """All of a project's."""

    @extend_schema(
        operation_id="quarantine",
        summary="Phiếu chờ quyết định: trùng mã, biểu mẫu hoặc phiếu gốc chưa có",
        parameters=[shapes.QuarantineQuery],
        responses={
            200: shapes.QuarantinedShape(many=True),
            **refusals(
                problems.Unauthenticated,
                problems.NotFound,
                problems.ParameterInvalid(field="limit", reason="Giá trị phải từ 1 đến 250."),
            ),
        },
        examples=[shapes.LIST],
    )
    def get(self, request: Request, project_id: int) -> Response:
        """Return what waits for a decision, oldest first; `?decided=true`: what does not any more.

        For managers and supervisors of the project; to others it is not there. Supervisors of
        some communes see what goes by the id of a submission of theirs.
        """
        membership = reviewer(request, project_id)
        asked = asked_of(shapes.QuarantineQuery, request.query_params)
        rows = (
            scoped.quarantined_within(membership)
            .filter(decided_at__isnull=not asked["decided"])
            .defer("xml")
            .order_by("pk")[asked["offset"] : asked["offset"] + asked["limit"]]
        )
        return Response(shapes.QuarantinedShape(rows, many=True).data)


_DETAIL_REFUSALS = (problems.Unauthenticated, problems.NotFound, QuarantinedUnknown(id=7))


class QuarantinedOne(Endpoint):
    """One of them."""

    reads = "quarantine.read"

    @extend_schema(
        operation_id="quarantined",
        summary="Một phiếu chờ quyết định, so với bản đang có",
        responses={200: shapes.QuarantinedDetailShape, **refusals(*_DETAIL_REFUSALS)},
        examples=[shapes.DETAIL],
    )
    def get(self, request: Request, project_id: int, quarantined_id: int) -> Response:
        """Return one with what accepting it would change, answer by answer.

        Answers to restricted questions are shown to managers only, and that is logged.
        """
        membership = reviewer(request, project_id)
        row = scoped.find_quarantined(membership, quarantined_id)
        twin = _twin(row, membership) if row.decided_at is None else None
        return Response({**shapes.QuarantinedShape(row).data, "twin": twin})

    @extend_schema(
        operation_id="decideQuarantined",
        summary="Quyết định: chấp nhận hoặc từ chối",
        request=shapes.VerdictShape,
        responses={
            200: shapes.QuarantinedShape,
            **refusals(
                *_DETAIL_REFUSALS,
                problems.BodyMalformed,
                problems.BodyTooLarge(most_bytes=250_000),
                problems.MediaTypeUnsupported,
                problems.ParameterInvalid(field="reason", reason="Trường này là bắt buộc."),
                QuarantinedDecided(decision="reject"),
                FormStillUnknown(form_id="kt_18_6", version="2026060101"),
                FormStillClosed(form_id="kt_18_6"),
                OriginalStillUnknown,
                SubmissionDeleted,
            ),
        },
        examples=[shapes.VERDICT, shapes.DECIDED],
    )
    def post(self, request: Request, project_id: int, quarantined_id: int) -> Response:
        """Accept one, or reject it; the same decision again changes nothing, another is refused.

        Accepted, it becomes a submission, or the next version of the one that it conflicts with.
        Rejected, it stays here, decided.
        """
        membership = reviewer(request, project_id)
        asked = checked(shapes.VerdictShape(data=request.data))
        scoped.find_quarantined(membership, quarantined_id)
        verdict = Verdict(Decision(asked["decision"]), membership.user, asked["reason"])
        row = decide.decide(project_id, quarantined_id, verdict)
        if row.submission_id is not None:
            derive.attempt(row.submission_id)
        return Response(shapes.QuarantinedShape(row).data)


def _twin(row: Quarantined, membership: Membership) -> dict[str, Any] | None:
    found = decide.compared(row)
    if found is None:
        return None
    version, changes = found
    shown, may_see = changes[:MOST_CHANGES], membership.role == Role.MANAGER
    return _as_json(version, shown, may_see=may_see, left_out=len(changes) - len(shown))


def _as_json(
    version: SubmissionVersion, changes: tuple[Change, ...], *, may_see: bool, left_out: int
) -> dict[str, Any]:
    listed = []
    for change in changes:
        is_masked = change.is_restricted and not may_see
        old, new = (None, None) if is_masked else (_cut(change.old), _cut(change.new))
        listed.append({"path": change.path, "old": old, "new": new, "masked": is_masked})
    return {
        "instance_id": version.instance_id,
        "received_at": version.received_at,
        "changes": listed,
        "more_changes": left_out,
    }


def _cut(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}…"
