"""The OData feed of a draft: what phones sent to try it, in the tables that it will have.

So that whoever reads a form into Power BI or a script can set that up before it is published.
"""

from __future__ import annotations

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request

from server.api import odata_shapes as shapes
from server.api import people
from server.api.endpoint import Endpoint
from server.api.forms import UNKNOWN
from server.api.odata import ASKED_WRONGLY, Feed, Xml, described, root_of, service, told
from server.api.schema import refusals
from server.forms import register
from server.forms.desk_problems import DraftNotThere
from server.forms.models import Draft
from server.reports.odata import pages, sources
from server.reports.odata.problems import OptionUnsupported

_UNKNOWN = (*UNKNOWN, DraftNotThere(form_id="kt_18_5"))


class DraftService(Endpoint):
    """Which tables there are."""

    @extend_schema(
        operation_id="draftService",
        summary="OData: các bảng của bản thử",
        responses={
            200: shapes.ServiceShape,
            **refusals(*_UNKNOWN, OptionUnsupported(feature="$top")),
        },
        examples=[shapes.SERVICE],
    )
    def get(self, request: Request, project_id: int, form_id: str) -> HttpResponseBase:
        """List them: of what was sent to try it, and of each repeat."""
        draft = _found(request, project_id, form_id)
        return service(request, _root(request, draft), pages.feed_of_draft(draft))


class DraftMetadata(Endpoint):
    """What the tables hold."""

    renderer_classes = (Xml,)

    @extend_schema(
        operation_id="draftMetadata",
        summary="OData: mô tả các bảng của bản thử ($metadata, EDMX)",
        parameters=[shapes.DOCUMENT],
        responses={
            (200, "application/xml"): OpenApiResponse(OpenApiTypes.STR, description="EDMX 4.0"),
            **refusals(*_UNKNOWN, OptionUnsupported(feature="$top")),
        },
    )
    def get(
        self, request: Request, project_id: int, form_id: str, document: str
    ) -> HttpResponseBase:
        """Return the types of their columns."""
        draft = _found(request, project_id, form_id)
        return described(request, draft.form, pages.feed_of_draft(draft), {})


class DraftRows(Endpoint):
    """Rows of a table, of one submission, or below one row."""

    reads = "form.submission.read"

    @extend_schema(
        operation_id="draftRows",
        summary="OData: các dòng của một bảng của bản thử",
        parameters=[shapes.RESOURCE, *shapes.OPTIONS],
        responses={200: shapes.RowsShape, **refusals(*_UNKNOWN, *ASKED_WRONGLY)},
        examples=[shapes.ROWS],
    )
    def get(
        self, request: Request, project_id: int, form_id: str, resource: str
    ) -> HttpResponseBase:
        """Return what was sent to try the draft, the newest first; nothing else ever.

        Addresses and options are those of the feed of the form.
        """
        draft = _found(request, project_id, form_id)
        feed = Feed(_root(request, draft), pages.feed_of_draft(draft), sources.of_draft(draft))
        return told(request, feed, resource)


def _found(request: Request, project_id: int, form_id: str) -> Draft:
    people.manager(request, project_id)
    return register.draft(project_id, form_id)


def _root(request: Request, draft: Draft) -> str:
    return root_of(request, draft.form, of_draft=True)
