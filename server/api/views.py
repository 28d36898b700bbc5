"""JSON for programs: one APIView an address, no paths with a trailing slash."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from server.api import shapes
from server.api.auth import refuse_in_clear
from server.api.errors import NotFound, ParameterInvalid, Unauthenticated
from server.forms.models import Form
from server.inspections import summary
from server.projects import accounts
from server.projects.models import Membership, Project, User
from server.reports import summary_table


class Sessions(APIView):
    """Open a session."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(request=shapes.Credentials, responses=shapes.Session)
    def post(self, request: Request) -> Response:
        """Exchange an e-mail address and a password for a bearer token of 24 hours."""
        refuse_in_clear(request)
        asked = _checked(shapes.Credentials(data=request.data))
        opened = accounts.open_session(asked["email"], asked["password"])
        if opened is None:
            raise Unauthenticated
        return Response(
            shapes.Session(
                {
                    "token": opened.token,
                    "csrf": opened.csrf,
                    "createdAt": opened.created_at,
                    "expiresAt": opened.expires_at,
                }
            ).data
        )


class SummaryJson(APIView):
    """One row per commune."""

    @extend_schema(parameters=[shapes.SummaryQuery], responses=shapes.SummaryShape)
    def get(self, request: Request, project_id: int) -> Response:
        """Return the latest counting inspection of each commune, and the province's totals."""
        return Response(shapes.SummaryShape(_summary(request, project_id)).data)


class SummaryCsv(APIView):
    """The same, as a table for a spreadsheet."""

    @extend_schema(
        parameters=[shapes.SummaryQuery], responses={(200, "text/csv"): OpenApiTypes.STR}
    )
    def get(self, request: Request, project_id: int) -> HttpResponse:
        """Return CSV with a byte order mark, so that Excel reads the Vietnamese."""
        table = _summary(request, project_id)
        response = HttpResponse(
            summary_table.as_csv(table).encode("utf-8-sig"), content_type="text/csv; charset=utf-8"
        )
        name = f"{table.form_id}-{table.year}-{table.period or 'ca_nam'}.csv"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


def _summary(request: Request, project_id: int) -> summary.Summary:
    asked = _checked(shapes.SummaryQuery(data=request.query_params))
    project = _project(request, project_id)
    form = Form.objects.living().filter(project=project, form_id=asked["form"]).first()
    if form is None or form.current_version is None:
        raise NotFound
    return summary.summarise(
        form,
        year=asked["year"],
        period=asked.get("period"),
        on_date=asked.get("on_date") or today(),
    )


def _project(request: Request, project_id: int) -> Project:
    """Return a project that the caller belongs to; any other is not there."""
    person = request.user
    if not isinstance(person, User):
        raise Unauthenticated
    membership = (
        Membership.objects.filter(project=project_id, user=person).select_related("project").first()
    )
    if membership is None:
        raise NotFound
    return membership.project


def _checked(asked: Serializer) -> dict:  # type: ignore[type-arg]
    """Return what was asked for. Raises ParameterInvalid for the first thing that is wrong."""
    if not asked.is_valid():
        field, reasons = next(iter(asked.errors.items()))
        raise ParameterInvalid(field=field, reason=" ".join(str(r) for r in reasons))
    return dict(asked.validated_data)


def today() -> dt.date:
    """Return the day it is where the inspections are made."""
    return timezone.localdate(timezone=ZoneInfo(settings.LOCAL_TIME_ZONE))
