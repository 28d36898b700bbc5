"""Plans of inspections, and how far they have come."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import examples, people, problems
from server.api import plans_shapes as shapes
from server.api.endpoint import Endpoint, asked_of, checked
from server.api.schema import refusals
from server.api.shapes import Done
from server.api.views import today
from server.inspections import summary
from server.plans import history, plan
from server.plans.coverage import coverage
from server.plans.models import Plan, PlanState
from server.plans.plan import Change, Heading, Item
from server.plans.problems import (
    AgencyUnknown,
    PlanClosed,
    PlanItemUnknown,
    PlannedDaysReversed,
    PlannedFormUnknown,
    PlannedReasonUnknown,
    PlannedTwice,
    PlannedUnitUnknown,
    PlanNumberTaken,
    PlanOnceBegun,
    PlanUnknown,
)

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
        """Write one down. It is a draft until its state is set.

        Plans are made by who answers for all communes: to a supervisor of some this is not there.
        """
        membership = people.planner(request, project_id)
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
        responses={
            200: shapes.PlanShape,
            **refusals(*_CALLER, *_BODY, PlanUnknown(id=3), PlanOnceBegun(number="59/KH-UBND")),
        },
        examples=[shapes.STATE, shapes.PLAN],
    )
    def patch(self, request: Request, project_id: int, plan_id: int) -> Response:
        """Set its state; an active plan decides what the phones of its teams are offered."""
        people.planner(request, project_id)
        asked = checked(shapes.PlanStateShape(data=request.data))
        found = plan.find(project_id, plan_id)
        plan.set_state(found.pk, PlanState(asked["state"]), people.actor(request))
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
                PlannedReasonUnknown(line=1, reason="khac", known="ke_hoach, noi_com"),
                PlannedDaysReversed(line=1, starts_on="15/05/2026", ends_on="04/05/2026"),
                PlannedTwice(line=2, team="Tổ 1", unit="05443@2025-07-01", form_id="kt_18_5"),
            ),
        },
        examples=[shapes.ITEMS, shapes.ITEM],
    )
    def post(self, request: Request, project_id: int, plan_id: int) -> Response:
        """Add them all, or none; what stands already is not added again."""
        people.planner(request, project_id)
        asked = checked(shapes.ItemsShape(data=request.data))
        found = plan.find(project_id, plan_id)
        made = plan.add(found.pk, [_item(item) for item in asked["items"]], people.actor(request))
        return Response([shapes.item_of(row) for row in made])


class OnePlanItem(Endpoint):
    """One unit of a plan."""

    @extend_schema(
        operation_id="changePlanItem",
        summary="Sửa một đơn vị trong kế hoạch",
        request=shapes.PlannedShape,
        responses={
            200: shapes.ItemShape,
            **refusals(
                *_CALLER,
                *_BODY,
                PlanUnknown(id=3),
                PlanItemUnknown(id=12),
                PlanClosed(number="59/KH-UBND"),
                PlannedUnitUnknown(line=1, unit="05443", on_date="04/05/2026"),
                PlannedTwice(line=1, team="Tổ 1", unit="05443@2025-07-01", form_id="kt_18_5"),
            ),
        },
        examples=[shapes.CHANGE, shapes.ITEM],
    )
    def patch(self, request: Request, project_id: int, plan_id: int, item_id: int) -> Response:
        """Change what is given, while the plan is not closed; refusals speak of line 1."""
        people.planner(request, project_id)
        asked = checked(shapes.PlannedShape(data=request.data, partial=True))
        found = plan.find(project_id, plan_id)
        changed = plan.change(found.pk, item_id, _change(asked), people.actor(request))
        return Response(shapes.item_of(changed))

    @extend_schema(
        operation_id="removePlanItem",
        summary="Bỏ một đơn vị khỏi kế hoạch",
        responses={
            200: Done,
            **refusals(
                *_CALLER, PlanUnknown(id=3), PlanItemUnknown(id=12), PlanClosed(number="59/KH-UBND")
            ),
        },
        examples=[examples.DONE],
    )
    def delete(self, request: Request, project_id: int, plan_id: int, item_id: int) -> Response:
        """Take it out, while the plan is not closed; its team's phones are not offered it again."""
        people.planner(request, project_id)
        plan.remove(plan.find(project_id, plan_id).pk, item_id, people.actor(request))
        return Response({"success": True})


class PlanHistory(Endpoint):
    """What was done to the units of a plan."""

    @extend_schema(
        operation_id="planHistory",
        summary="Lịch sử các đơn vị trong kế hoạch",
        parameters=[shapes.PlanHistoryQuery],
        responses={
            200: shapes.PlanItemChangeShape(many=True),
            **refusals(
                *_CALLER,
                PlanUnknown(id=3),
                problems.ParameterInvalid(field="limit", reason="Nhiều nhất là 500."),
            ),
        },
        examples=[shapes.HISTORY],
    )
    def get(self, request: Request, project_id: int, plan_id: int) -> Response:
        """Return who added, changed and took out which units, when, and what they were before."""
        people.reviewer(request, project_id)
        asked = asked_of(shapes.PlanHistoryQuery, request.query_params)
        first = asked["offset"]
        found = history.of(plan.find(project_id, plan_id))[first : first + asked["limit"]]
        return Response(shapes.PlanItemChangeShape(found, many=True).data)


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
        asked = asked_of(shapes.CoverageQuery, request.query_params)
        found = coverage(
            summary.published_form(project_id, asked["form"]),
            year=asked["year"],
            period=asked.get("period"),
            on_date=asked.get("on_date") or today(),
        )
        return Response(shapes.CoverageShape(found).data)


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


def _change(asked: dict[str, Any]) -> Change:
    return Change(
        unit=asked.get("unit_id"),
        form_ids=_several(asked, "form_ids"),
        team=asked.get("team"),
        starts_on=asked.get("starts_on"),
        ends_on=asked.get("ends_on"),
        reasons=_several(asked, "reasons"),
    )


def _several(asked: dict[str, Any], name: str) -> tuple[str, ...] | None:
    return tuple(asked[name]) if name in asked else None
