"""Recommendations: which there are, what became of each, and what supervisors do about them."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import people, problems
from server.api import recommendations_shapes as shapes
from server.api.endpoint import Endpoint, asked_of, checked
from server.api.schema import refusals
from server.entities.problems import EntityVersionDiffers
from server.entities.recommendation_problems import (
    NotWaiting,
    RecommendationActEmpty,
    RecommendationDueMissing,
    RecommendationDueOutOfBounds,
    RecommendationEvidenceMissing,
    RecommendationPersonal,
    RecommendationReasonMissing,
    RecommendationStepRefused,
    RecommendationUnknown,
    SuccessorRefused,
)
from server.entities.recommendation_states import State
from server.inspections import recommendation_register as register
from server.inspections import recommendation_succession as succession
from server.inspections.recommendation_acts import Act, act
from server.inspections.recommendation_count import Wanted

_CALLER = (problems.Unauthenticated, problems.NotFound)
_BODY = (
    problems.BodyMalformed,
    problems.BodyTooLarge(most_bytes=250_000),
    problems.MediaTypeUnsupported,
    problems.ParameterInvalid(field="reason", reason="Trường này là bắt buộc."),
    RecommendationUnknown,
    RecommendationReasonMissing,
    RecommendationDueOutOfBounds(first="20/05/2026", last="12/06/2031"),
    RecommendationPersonal,
)


class Recommendations(Endpoint):
    """All of a project's that the caller may see."""

    @extend_schema(
        operation_id="recommendations",
        summary="Các kiến nghị, theo hạn thực hiện",
        parameters=[shapes.RecommendationQuery],
        responses={
            200: shapes.RecommendationPage,
            **refusals(
                *_CALLER,
                problems.ParameterInvalid(field="limit", reason="Giá trị phải từ 1 đến 250."),
            ),
        },
        examples=[shapes.PAGE],
    )
    def get(self, request: Request, project_id: int) -> Response:
        """Return a page of them, the earliest deadline first."""
        membership = people.member(request, project_id)
        asked = asked_of(shapes.RecommendationQuery, request.query_params)
        start, count = asked.pop("offset"), asked.pop("limit")
        rows, total = register.page(membership, Wanted(**asked), start, count)
        page = {"total": total, "recommendations": rows}
        return Response(shapes.RecommendationPage(page).data)


class WaitingRecommendations(Endpoint):
    """Those whose commune was split."""

    @extend_schema(
        operation_id="waitingRecommendations",
        summary="Kiến nghị chờ chọn xã tiếp nhận sau khi xã cũ bị chia",
        responses={200: shapes.WaitingShape(many=True), **refusals(*_CALLER)},
        examples=[shapes.WAITING],
    )
    def get(self, request: Request, project_id: int) -> Response:
        """Return them, the oldest first, with the communes to choose from."""
        membership = people.reviewer(request, project_id)
        return Response(shapes.WaitingShape(register.waiting(membership), many=True).data)


class OneRecommendation(Endpoint):
    """One of them."""

    @extend_schema(
        operation_id="recommendation",
        summary="Một kiến nghị và lịch sử của nó",
        responses={200: shapes.WholeShape, **refusals(*_CALLER, RecommendationUnknown)},
        examples=[shapes.WHOLE],
    )
    def get(self, request: Request, project_id: int, uuid: UUID) -> Response:
        """Return it, with the inspection that made it and each follow-up since."""
        membership = people.member(request, project_id)
        return Response(shapes.whole(register.whole(membership, uuid)))

    @extend_schema(
        operation_id="actOnRecommendation",
        summary="Đổi trạng thái, hạn, đơn vị thực hiện hoặc ghi tài liệu chứng minh",
        request=shapes.ActShape,
        responses={
            200: shapes.WholeShape,
            **refusals(
                *_CALLER,
                *_BODY,
                RecommendationActEmpty,
                RecommendationEvidenceMissing,
                RecommendationDueMissing,
                RecommendationStepRefused(from_state="moi", to_state="moi"),
                EntityVersionDiffers(current=3),
            ),
        },
        examples=[shapes.ACT, shapes.WHOLE],
    )
    def post(self, request: Request, project_id: int, uuid: UUID) -> Response:
        """Do it, with a reason; the same again changes nothing."""
        membership = people.reviewer(request, project_id)
        asked = checked(shapes.ActShape(data=request.data))
        state = State(asked.pop("state")) if asked["state"] else asked.pop("state")
        act(membership, uuid, Act(**asked, state=state))
        return Response(shapes.whole(register.whole(membership, uuid)))


class RecommendationCommune(Endpoint):
    """The commune of one that waits."""

    @extend_schema(
        operation_id="settleRecommendation",
        summary="Chọn xã tiếp nhận một kiến nghị đang chờ",
        request=shapes.SettleShape,
        responses={
            200: shapes.WholeShape,
            **refusals(
                *_CALLER,
                *_BODY,
                NotWaiting,
                SuccessorRefused(unit="05500@2025-07-01", choices="05443@2025-07-01"),
            ),
        },
        examples=[shapes.SETTLE, shapes.WHOLE],
    )
    def put(self, request: Request, project_id: int, uuid: UUID) -> Response:
        """Choose it; the same again changes nothing."""
        membership = people.reviewer(request, project_id)
        asked = checked(shapes.SettleShape(data=request.data))
        succession.settle(membership, uuid, asked["commune"], asked["reason"])
        return Response(shapes.whole(register.whole(membership, uuid)))
