"""The periods that are reported on, and their frozen figures."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import people, problems
from server.api import plans_shapes as shapes
from server.api.endpoint import Endpoint, checked
from server.api.schema import refusals
from server.inspections.problems import WordsPersonal
from server.plans import period
from server.plans.models import Period, Snapshot
from server.plans.problems import (
    PeriodEmpty,
    PeriodLocked,
    PeriodOpen,
    PeriodUnknown,
    SnapshotUnknown,
)

_CALLER = (problems.Unauthenticated, problems.NotFound)
_BODY = (
    problems.BodyMalformed,
    problems.BodyTooLarge(most_bytes=250_000),
    problems.MediaTypeUnsupported,
    problems.ParameterInvalid(field="reason", reason="Nhiều nhất 2000 ký tự."),
)


class Periods(Endpoint):
    """All that somebody has touched."""

    @extend_schema(
        operation_id="periods",
        summary="Các kỳ báo cáo đã khóa hoặc đã đặt hạn",
        responses={200: shapes.PeriodShape(many=True), **refusals(*_CALLER)},
        examples=[shapes.PERIOD],
    )
    def get(self, request: Request, project_id: int) -> Response:
        """Return them, the newest first; every other period is open, with the usual due date."""
        people.member(request, project_id)
        return Response([_told(one, last) for one, last in period.touched(project_id)])


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
                PeriodLocked(period="2026-h1", locked_at="15/06/2026 09:00"),
                PeriodOpen(period="2026-h1"),
                PeriodEmpty(period="2026-h1"),
                WordsPersonal(words="«Nguyễn Thị Hoa»"),
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
            period.correct(
                project_id,
                chosen,
                membership.user,
                asked["reason"],
                is_confirmed=asked["confirmed"],
            )
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
        shown = period.opened(membership, period.named(name), number, people.actor(request))
        return Response(shown, headers={"Repr-Digest": _digest(shown)})


def _digest(content: bytes) -> str:
    """Return the hash as RFC 9530 writes it."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"


def _period(project_id: int, name: period.Name) -> dict[str, Any]:
    standing = period.standing(project_id, name)
    latest = standing.snapshots.order_by("-number").first() if standing.pk else None
    return _told(standing, latest)


def _told(standing: Period, latest: Snapshot | None) -> dict[str, Any]:
    return {
        "period": f"{standing.year}-{standing.code}",
        "dueOn": period.due_on(standing),
        "lockedAt": standing.locked_at,
        "snapshot": latest.number if latest else None,
        "sha256": latest.sha256 if latest else "",
    }
