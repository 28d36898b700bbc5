"""The OData feed of a form, as ODK Central's clients, Power BI and Excel read it.

Written piece by piece, as the rows come: neither a page nor the whole is ever in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote, urlencode

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from server.api import odata_shapes as shapes
from server.api import people, problems
from server.api.endpoint import Endpoint
from server.api.paths import base_url
from server.api.schema import refusals
from server.forms.models import Form
from server.inspections import review
from server.inspections.whole_list import whole_list
from server.projects.models import Membership
from server.reports.odata import asked as options
from server.reports.odata import commune_sets, metadata, pages, sources
from server.reports.odata.pages import Page
from server.reports.odata.problems import (
    ExpandUnsupported,
    FilterFieldUnsupported,
    FilterMalformed,
    FilterUnsupported,
    OptionInvalid,
    OptionUnsupported,
    PropertyNotSelectable,
    PropertyUnknown,
    SelectWithExpand,
)
from server.reports.odata.sources import Source
from server.reports.odata.tables import Table

JSON = "application/json; charset=utf-8; odata.metadata=minimal"
HEADERS = {"OData-Version": "4.0"}
# As `$format` and `Accept` name them (Central's endpoint.js).
_FORMATS = {
    "json": ("json", "application/json"),
    "xml": ("xml", "application/xml", "atom", "application/atom+xml", "application/atomsvc+xml"),
}
_PLAIN = "$'(),/*"  # what an address of a feed has as it is
_UNKNOWN = (problems.Unauthenticated, problems.NotFound)
ASKED_WRONGLY = (
    OptionInvalid(option="$top", reason="cần một số nguyên"),
    OptionUnsupported(feature="$apply"),
    FilterMalformed(at=12, reason="sai cú pháp"),
    FilterUnsupported(text="contains()", at=1),
    FilterFieldUnsupported(text="h/h_year", known="__id, __system/submissionDate"),
    PropertyUnknown(property="h/h_xa"),
    PropertyNotSelectable(property="z_photo/zp_img"),
    ExpandUnsupported,
    SelectWithExpand,
)


class Xml(BaseRenderer):
    """XML that a view has written already."""

    media_type = "application/xml"
    format = "xml"


class ServiceDocument(Endpoint):
    """Which tables there are."""

    @extend_schema(
        operation_id="odataService",
        summary="OData: các bảng của một biểu",
        responses={
            200: shapes.ServiceShape,
            **refusals(*_UNKNOWN, OptionUnsupported(feature="$top")),
        },
        examples=[shapes.SERVICE],
    )
    def get(self, request: Request, project_id: int, form_id: str) -> HttpResponseBase:
        """List them: of submissions, of each repeat, of what they mean, of communes.

        Who reads no records is told only of the last.
        """
        form, tables = _described(request, project_id, form_id)
        return service(request, root_of(request, form), [*tables, *commune_sets.SETS])


class Metadata(Endpoint):
    """What the tables hold."""

    renderer_classes = (Xml,)

    @extend_schema(
        operation_id="odataMetadata",
        summary="OData: mô tả các bảng ($metadata, EDMX)",
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
        form, tables = _described(request, project_id, form_id)
        return described(request, form, tables, commune_sets.described(form))


class Rows(Endpoint):
    """Rows of a table, of one submission, or below one row."""

    reads = "form.submission.read"

    @extend_schema(
        operation_id="odataRows",
        summary="OData: các dòng của một bảng",
        parameters=[shapes.RESOURCE, *shapes.OPTIONS],
        responses={
            200: shapes.RowsShape,
            **refusals(
                *_UNKNOWN,
                *ASKED_WRONGLY,
            ),
        },
        examples=[shapes.ROWS],
    )
    def get(
        self, request: Request, project_id: int, form_id: str, resource: str
    ) -> HttpResponseBase:
        """Return them, the newest submission first.

        `Submissions`; `Submissions.nhom.lap`: a repeat; `Submissions('uuid:…')`: one submission;
        `Submissions('uuid:…')/nhom/lap`: its rows of a repeat. More rows: `@odata.nextLink`.
        """
        membership = people.reviewer(request, project_id)
        form = published(membership, form_id)
        source = sources.of_submissions(whole_list(membership, form))
        return told(request, Feed(root_of(request, form), pages.feed_of(form), source), resource)


@dataclass(frozen=True, slots=True)
class Feed:
    """Tables, and what their rows are read from."""

    root: str  # its address
    tables: Mapping[str, Table]  # by name
    source: Source


def service(request: Request, root: str, tables: Iterable[str]) -> HttpResponse:
    """Return the document that lists the tables of a feed. root: its address."""
    options.refuse_unknown(options_of(request), frozenset())
    text = metadata.service_document(tables, f"{root}/$metadata")
    return HttpResponse(text, content_type=JSON, headers=HEADERS)


def described(
    request: Request,
    form: Form,
    tables: Mapping[str, Table],
    flat: Mapping[str, Mapping[str, str]],
) -> HttpResponse:
    """Return the types of the columns of a feed. flat: as metadata.edmx takes them."""
    options.refuse_unknown(options_of(request, "xml"), frozenset())
    text = metadata.edmx(form.form_id, tables, flat)
    return HttpResponse(text, content_type="application/xml; charset=utf-8", headers=HEADERS)


def told(request: Request, feed: Feed, resource: str) -> StreamingHttpResponse:
    """Return the rows of a feed that an address and its options name. Raises NotFound."""
    address = options.address(resource)
    table = feed.tables.get(address.table) if address else None
    if address is None or table is None:
        raise problems.NotFound
    path = quote(resource, safe="/()'.")
    page = Page(
        source=feed.source,
        asked=options.read(options_of(request), table),
        address=address,
        context=f"{feed.root}/$metadata",
        next_link=partial(next_link, request, f"{feed.root}/{path}"),
    )
    if not page.is_there():
        raise problems.NotFound
    return StreamingHttpResponse(page.pieces(), content_type=JSON, headers=HEADERS)


def _described(request: Request, project_id: int, form_id: str) -> tuple[Form, Mapping[str, Table]]:
    """Return a form with those of its tables that are of records, none for who reads no records."""
    membership = people.member(request, project_id)
    form = published(membership, form_id)
    return form, pages.feed_of(form) if membership.role in review.REVIEWERS else {}


def published(membership: Membership, form_id: str) -> Form:
    """Return a form of a project that has a published version. Raises NotFound."""
    found = Form.objects.living().filter(project=membership.project, form_id=form_id)
    form = found.select_related("current_version__rule_version").first()
    if form is None or form.current_version_id is None:
        raise problems.NotFound
    return form


def root_of(request: Request, form: Form, *, of_draft: bool = False) -> str:
    """Return the address of a form's feed, or of its draft's."""
    name = quote(form.form_id, safe="") + ("/draft" if of_draft else "")
    return f"{base_url(request)}/v1/projects/{form.project_id}/forms/{name}.svc"


def next_link(request: Request, address: str, instead: Mapping[str, str]) -> str:
    """Return where a table goes on: as it is asked for, but for some options.

    address: of the table; what was skipped is behind it now.
    """
    kept = request.query_params.dict()
    kept.pop("$skip", None)
    return f"{address}?{urlencode({**kept, **instead}, safe=_PLAIN, quote_via=quote)}"


def options_of(request: Request, format: str = "json") -> dict[str, str]:
    """Return the options but for `$format`, which may only name what there is.

    Without one, `Accept` may not ask for the other format alone. Raises NotAcceptable.
    """
    asked: dict[str, str] = request.query_params.dict()
    wanted = asked.pop("$format", "").partition(";")[0]
    refused = wanted not in _FORMATS[format] if wanted else _asks_otherwise(request, format)
    if refused:
        raise problems.NotAcceptable
    return asked


def _asks_otherwise(request: Request, format: str) -> bool:
    """Tell whether `Accept` names another format of feeds, and neither this one nor any."""
    accept = request.headers.get("Accept", "")
    named = {one.partition(";")[0].strip().lower() for one in accept.split(",")}
    others = {kind for other, kinds in _FORMATS.items() if other != format for kind in kinds}
    return bool(named & others) and not named & {*_FORMATS[format], "application/*", "*/*"}
