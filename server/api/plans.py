"""Plans of inspections, how far they have come, and the periods that are reported on."""

from __future__ import annotations

import base64
import hashlib
import logging
from typing import Any

from django.db.models import Count, QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import people, problems
from server.api import plans_shapes as shapes
from server.api.endpoint import Endpoint, checked
from server.api.schema import refusals
from server.api.views import today
from server.inspections import summary
from server.inspections.readers import reader
from server.plans import frozen, period, plan
from server.plans.coverage import coverage
from server.plans.models import Plan, PlanState
from server.plans.plan import Heading, Item
from server.plans.problems import (
    AgencyUnknown,
    PeriodEmpty,
    PeriodLocked,
    PeriodOpen,
    PeriodUnknown,
    PlanClosed,
    PlannedDaysReversed,
    PlannedFormUnknown,
    PlannedTwice,
    PlannedUnitUnknown,
    PlanNumberTaken,
    PlanUnknown,
    SnapshotUnknown,
)

log = logging.getLogger(__name__)

_CALLER = (problems.Unauthenticated, problems.NotFound)
_BODY = (
    problems.BodyMalformed,
    problems.BodyTooLarge(most_bytes=250_000),
    problems.MediaTypeUnsupported,
    problems.ParameterInvalid(field="number", reason="Trường này là bắt buộc."),
)


class Plans(Endpoint):
    """All of a project's."""

    @extend_schema(
        operation_id="plans",
        summary="Các kế hoạch kiểm tra",
        responses={200: shapes.PlanShape(many=True), **refusals(*_CALLER)},
        examples=[shapes.PLAN],
    )
    def get(self, request: Request, project_id: int) -> Response:
        """Return them, the newest first."""
        people.member(request, project_id)
        return Response(shapes.PlanShape(_plans(project_id).order_by("-pk"), many=True).data)

    @extend_schema(
        operation_id="makePlan",
        summary="Lập kế hoạch",
        request=shapes.HeadingShape,
        responses={
            200: shapes.PlanShape,
            **refusals(
                *_CALLER,
                *_BODY,
                AgencyUnknown(agency="so_ldtbxh", on_date="13/02/2026"),
                PlanNumberTaken(number="59/KH-UBND", year=2026),
            ),
        },
        examples=[shapes.HEADING, shapes.PLAN],
    )
    def post(self, request: Request, project_id: int) -> Response:
        """Write one down. It is a draft until its state is set."""
        membership = people.reviewer(request, project_id)
        asked = checked(shapes.HeadingShape(data=request.data))
        agency = asked.pop("lead_agency_id")
        made = plan.create(project_id, Heading(**asked, lead_agency=agency), membership.user)
        return Response(shapes.PlanShape(made).data)


class OnePlan(Endpoint):
    """One plan."""

    @extend_schema(
        operation_id="plan",
        summary="Một kế hoạch",
        responses={200: shapes.PlanShape, **refusals(*_CALLER, PlanUnknown(id=3))},
        examples=[shapes.PLAN],
    )
    def get(self, request: Request, project_id: int, plan_id: int) -> Response:
        """Return it."""
        people.member(request, project_id)
        return _answer(project_id, plan_id)

    @extend_schema(
        operation_id="setPlanState",
        summary="Bắt đầu hoặc kết thúc kế hoạch",
        request=shapes.PlanStateShape,
        responses={200: shapes.PlanShape, **refusals(*_CALLER, *_BODY, PlanUnknown(id=3))},
        examples=[shapes.STATE, shapes.PLAN],
    )
    def patch(self, request: Request, project_id: int, plan_id: int) -> Response:
        """Set its state; an active plan decides what the phones of its teams are offered."""
        people.reviewer(request, project_id)
        asked = checked(shapes.PlanStateShape(data=request.data))
        plan.set_state(plan.find(project_id, plan_id), PlanState(asked["state"]))
        return _answer(project_id, plan_id)


class PlanItems(Endpoint):
    """The units of a plan."""

    @extend_schema(
        operation_id="planItems",
        summary="Các đơn vị trong kế hoạch",
        responses={200: shapes.ItemShape(many=True), **refusals(*_CALLER, PlanUnknown(id=3))},
        examples=[shapes.ITEM],
    )
    def get(self, request: Request, project_id: int, plan_id: int) -> Response:
        """Return them by day and unit."""
        people.member(request, project_id)
        rows = plan.find(project_id, plan_id).items.order_by("starts_on", "unit", "pk")
        return Response([shapes.item_of(row) for row in rows])

    @extend_schema(
        operation_id="addPlanItems",
        summary="Thêm đơn vị vào kế hoạch",
        request=shapes.ItemsShape,
        responses={
            200: shapes.ItemShape(many=True),
            **refusals(
                *_CALLER,
                *_BODY,
                PlanUnknown(id=3),
                PlanClosed(number="59/KH-UBND"),
                PlannedUnitUnknown(line=1, unit="05443", on_date="04/05/2026"),
                PlannedFormUnknown(line=1, form_id="kt_18_6"),
                PlannedDaysReversed(line=1, starts_on="15/05/2026", ends_on="04/05/2026"),
                PlannedTwice(line=2, team="Tổ 1", unit="05443@2025-07-01", form_id="kt_18_5"),
            ),
        },
        examples=[shapes.ITEMS, shapes.ITEM],
    )
    def post(self, request: Request, project_id: int, plan_id: int) -> Response:
        """Add them all, or none; what stands already is not added again."""
        people.reviewer(request, project_id)
        asked = checked(shapes.ItemsShape(data=request.data))
        found = plan.find(project_id, plan_id)
        made = plan.add(found.pk, [_item(item) for item in asked["items"]])
        return Response([shapes.item_of(row) for row in made])


class PlanCoverage(Endpoint):
    """How far a form has come."""

    @extend_schema(
        operation_id="coverage",
        summary="Xã nào đã kiểm tra, xã nào còn trong kế hoạch",
        parameters=[shapes.CoverageQuery],
        responses={
            200: shapes.CoverageShape,
            **refusals(
                *_CALLER,
                problems.ParameterInvalid(field="year", reason="Trường này là bắt buộc."),
                summary.FormUnknown(project_id=1, form_id="kt_18_6"),
            ),
        },
        examples=[shapes.COVERAGE],
    )
    def get(self, request: Request, project_id: int) -> Response:
        """Return every commune of a day as visited, planned, or neither."""
        people.member(request, project_id)
        asked = checked(shapes.CoverageQuery(data=request.query_params))
        found = coverage(
            summary.published_form(project_id, asked["form"]),
            year=asked["year"],
            period=asked.get("period"),
            on_date=asked.get("on_date") or today(),
        )
        return Response(shapes.CoverageShape(found).data)


class OnePeriod(Endpoint):
    """One reporting period."""

    @extend_schema(
        operation_id="period",
        summary="Một kỳ báo cáo",
        responses={
            200: shapes.PeriodShape,
            **refusals(*_CALLER, PeriodUnknown(period="2026-q1")),
        },
        examples=[shapes.PERIOD],
    )
    def get(self, request: Request, project_id: int, name: str) -> Response:
        """Return when it is due, and whether it is locked."""
        people.member(request, project_id)
        return Response(_period(project_id, period.named(name)))

    @extend_schema(
        operation_id="lockPeriod",
        summary="Khóa kỳ: chốt số liệu đã duyệt; kèm lý do: đính chính kỳ đã khóa",
        request=shapes.LockShape,
        responses={
            200: shapes.PeriodShape,
            **refusals(
                *_CALLER,
                *_BODY,
                PeriodUnknown(period="2026-q1"),
                PeriodLocked(period="2026-h1", locked_at="15/06/2026 02:00 UTC"),
                PeriodOpen(period="2026-h1"),
                PeriodEmpty(period="2026-h1"),
            ),
        },
        examples=[shapes.LOCK, shapes.PERIOD],
    )
    def post(self, request: Request, project_id: int, name: str) -> Response:
        """Freeze the approved figures as they stand now; for managers of the project."""
        membership = people.manager(request, project_id)
        asked = checked(shapes.LockShape(data=request.data))
        chosen = period.named(name)
        if asked["reason"]:
            period.correct(project_id, chosen, membership.user, asked["reason"])
        else:
            period.lock(project_id, chosen, membership.user)
        return Response(_period(project_id, chosen))


class Json(BaseRenderer):
    """JSON that is kept as bytes."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        """Return them untouched, so that their hash holds."""
        return bytes(data)


class PeriodSnapshot(Endpoint):
    """The frozen figures of a period."""

    renderer_classes = (Json,)

    @extend_schema(
        operation_id="snapshot",
        summary="Bản chốt số liệu của kỳ, đúng từng byte cho người được xem tất cả",
        responses={
            (200, "application/json"): OpenApiResponse(OpenApiTypes.OBJECT),
            **refusals(
                *_CALLER,
                PeriodUnknown(period="2026-q1"),
                SnapshotUnknown(period="2026-h1", number=2),
            ),
        },
    )
    def get(self, request: Request, project_id: int, name: str, number: int) -> Response:
        """Return it byte for byte to who may see all of it.

        From others sensitive figures of units that they do not answer for are left out, and
        `withheld` says so; `sha256` is that of the whole. The header `Repr-Digest` is of what is
        sent.
        """
        membership = people.member(request, project_id)
        found = period.frozen(project_id, period.named(name), number)
        who, content = reader(membership), bytes(found.content)
        if who.sees_any and frozen.is_for_some(content):
            # domain.md §5.1.9: every read of a restricted field is logged.
            log.info(
                "snapshot %s: user %s read sensitive counts as they are",
                found.pk,
                membership.user_id,
            )
        shown = frozen.shown(content, found.sha256, who)
        return Response(shown, headers={"Repr-Digest": _digest(shown)})


def _digest(content: bytes) -> str:
    """Return the hash as RFC 9530 writes it."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"


def _plans(project_id: int) -> QuerySet[Plan]:
    return Plan.objects.filter(project=project_id).annotate(item_count=Count("items"))


def _answer(project_id: int, plan_id: int) -> Response:
    found = _plans(project_id).filter(pk=plan_id).first()
    if found is None:
        raise PlanUnknown(id=plan_id)
    return Response(shapes.PlanShape(found).data)


def _item(asked: dict[str, Any]) -> Item:
    return Item(
        unit=asked["unit_id"],
        form_ids=tuple(asked["form_ids"]),
        team=asked["team"],
        starts_on=asked["starts_on"],
        ends_on=asked["ends_on"],
        reasons=tuple(asked["reasons"]),
    )


def _period(project_id: int, name: period.Name) -> dict[str, Any]:
    standing = period.standing(project_id, name)
    latest = standing.snapshots.order_by("-number").first() if standing.pk else None
    return {
        "period": str(name),
        "dueOn": period.due_on(standing),
        "lockedAt": standing.locked_at,
        "snapshot": latest.number if latest else None,
        "sha256": latest.sha256 if latest else "",
    }
