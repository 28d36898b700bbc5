"""Files that somebody takes away: as Central lays them out, and for people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from server.api import exports_shapes as shapes
from server.api import people, problems
from server.api.endpoint import Csv, Endpoint, asked_of
from server.api.schema import refusals
from server.inspections import summary
from server.reports import central_csv, known, people_csv, sheets, taking
from server.reports.central_csv import Options, Tables
from server.reports.models import Profile
from server.reports.odata.problems import (
    FilterFieldUnsupported,
    FilterMalformed,
    FilterUnsupported,
)
from server.reports.people_table import Book
from server.reports.problems import (
    FilterTooFine,
    FilterUnknown,
    ProfileRefused,
    SensitivityMissing,
    WorkbookTooLarge,
)
from server.reports.taking import Taken
from server.slots import DownloadsMany, Given, Held

_KINDS = (
    DownloadsMany,
    problems.Unauthenticated,
    problems.NotFound,
    problems.ParameterInvalid(field="state", reason="Không có «duyet»."),
    ProfileRefused,
    SensitivityMissing(form_id="kt_18_5", questions="h_xa, h_doan"),
    FilterTooFine(field="team", reason="tên đoàn được thay bằng mã.", reason_en=""),
    summary.FormUnknown(project_id=1, form_id="kt_18_6"),
    FilterUnknown(field="finding", value="A99", known="A1, A2"),
)
_REFUSALS = refusals(*_KINDS)
_ARCHIVE = refusals(
    *_KINDS,
    FilterMalformed(at=12, reason="sai cú pháp"),
    FilterUnsupported(text="contains()", at=1),
    FilterFieldUnsupported(text="h/h_year", known="__id, __system/submissionDate"),
)


class Zip(BaseRenderer):
    """An archive that a view streams by itself."""

    media_type = "application/zip"
    format = "zip"
    render_style = "binary"

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        """Return what was written already."""
        return bytes(data)


class Xlsx(Zip):
    """A workbook that a view streams by itself."""

    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    format = "xlsx"


class Archive(Endpoint):
    """`submissions.csv.zip`."""

    renderer_classes = (Zip,)
    posts_to_read = True

    @extend_schema(
        operation_id="submissionsCsvZip",
        summary="Mọi hồ sơ của một biểu, dạng CSV trong tệp nén như ODK Central",
        parameters=[shapes.ArchiveQuery],
        responses={
            (200, "application/zip"): OpenApiResponse(
                OpenApiTypes.BINARY, description="bảng hồ sơ, bảng của mỗi nhóm lặp, tệp media/"
            ),
            **_ARCHIVE,
        },
    )
    def get(self, request: Request, project_id: int, form_id: str) -> StreamingHttpResponse:
        """Stream a table of the records, one for each repeat, the logs and the files.

        All that the caller may see, whatever its review state, the newest first; narrowed by
        `state` and the other filters.
        """
        taken, given = _taken(request, project_id, form_id, shapes.ArchiveQuery, "csv.zip")
        options = _options(given)
        suffix = "zip" if options.has_attachments else "csv.zip"
        tables = Tables(taken.form, options, taken.hidden)
        pieces = central_csv.archive(tables, taken.keys)
        return streamed(pieces, f"{taken.stem}.{suffix}", "application/zip")

    @extend_schema(
        operation_id="submissionsCsvZipByPost",
        summary="Như GET; cho chương trình gửi mật khẩu của biểu mã hóa, ở đây không dùng đến",
        parameters=[shapes.ArchiveQuery],
        request=None,
        responses={
            (200, "application/zip"): OpenApiResponse(OpenApiTypes.BINARY, description="như GET"),
            **_ARCHIVE,
        },
    )
    def post(self, request: Request, project_id: int, form_id: str) -> StreamingHttpResponse:
        """Give the same, as ruODK asks for it. Passphrases in the body are not read."""
        return self.get(request, project_id, form_id)


class RootTable(Endpoint):
    """`submissions.csv`."""

    renderer_classes = (Csv,)
    posts_to_read = True

    @extend_schema(
        operation_id="submissionsCsv",
        summary="Bảng hồ sơ của một biểu, không có nhóm lặp, như ODK Central",
        parameters=[shapes.ArchiveQuery],
        responses={
            (200, "text/csv"): OpenApiResponse(OpenApiTypes.STR, description="UTF-8"),
            **_ARCHIVE,
        },
    )
    def get(self, request: Request, project_id: int, form_id: str) -> StreamingHttpResponse:
        """Stream the first table of the archive."""
        taken, given = _taken(request, project_id, form_id, shapes.ArchiveQuery, "csv")
        tables = Tables(taken.form, _options(given), taken.hidden)
        pieces = central_csv.root_table(tables, taken.keys)
        return streamed(pieces, f"{taken.stem}.csv", "text/csv; charset=utf-8")

    @extend_schema(
        operation_id="submissionsCsvByPost",
        summary="Như GET; cho chương trình gửi mật khẩu của biểu mã hóa, ở đây không dùng đến",
        parameters=[shapes.ArchiveQuery],
        request=None,
        responses={
            (200, "text/csv"): OpenApiResponse(OpenApiTypes.STR, description="như GET"),
            **_ARCHIVE,
        },
    )
    def post(self, request: Request, project_id: int, form_id: str) -> StreamingHttpResponse:
        """Give the same, as ruODK asks for it. Passphrases in the body are not read."""
        return self.get(request, project_id, form_id)


class PeopleWorkbook(Endpoint):
    """The records as a workbook."""

    renderer_classes = (Xlsx,)

    @extend_schema(
        operation_id="exportXlsx",
        summary="Hồ sơ của một biểu dạng Excel, nhãn tiếng Việt, có trang «Từ điển»",
        parameters=[shapes.PeopleQuery],
        responses={
            (200, Xlsx.media_type): OpenApiResponse(
                OpenApiTypes.BINARY, description="mỗi bảng một trang, ngày và số đúng kiểu"
            ),
            **refusals(*_KINDS, WorkbookTooLarge),
        },
    )
    def get(self, request: Request, project_id: int, form_id: str) -> StreamingHttpResponse:
        """Return a sheet of the records and one for each repeat, with Vietnamese headings.

        Approved records, unless `state` asks for others.
        """
        taken, _ = _taken(request, project_id, form_id, shapes.PeopleQuery, "xlsx")
        pieces = sheets.workbook(Book(taken.form, taken.hidden), taken.keys)
        return streamed(pieces, f"{taken.stem}.xlsx", Xlsx.media_type)


class PeopleCsv(Endpoint):
    """The records as CSV for a spreadsheet."""

    renderer_classes = (Zip,)

    @extend_schema(
        operation_id="exportCsvZip",
        summary="Hồ sơ của một biểu dạng CSV cho Excel, nhãn tiếng Việt",
        parameters=[shapes.PeopleCsvQuery],
        responses={
            (200, Zip.media_type): OpenApiResponse(
                OpenApiTypes.BINARY, description="UTF-8 có BOM, mỗi bảng một tệp"
            ),
            **_REFUSALS,
        },
    )
    def get(self, request: Request, project_id: int, form_id: str) -> StreamingHttpResponse:
        """Stream the same tables as CSV, as text that no spreadsheet runs."""
        taken, given = _taken(request, project_id, form_id, shapes.PeopleCsvQuery, "people.csv.zip")
        book = Book(taken.form, taken.hidden)
        pieces = people_csv.archive(book, taken.keys, given["separator"])
        return streamed(pieces, f"{taken.stem}-excel.csv.zip", Zip.media_type)


def _taken(
    request: Request,
    project_id: int,
    form_id: str,
    shape: type[shapes.SelectionQuery],
    file_format: str,
) -> tuple[Taken, dict[str, Any]]:
    """Return what is taken away, and what else is asked for; the audit log says so."""
    membership = people.member(request, project_id)
    given = asked_of(shape, request.query_params)
    is_deidentified = given["profile"] == Profile.DEIDENTIFIED
    asked = shapes.selection(form_id, given)
    taken = taking.take(membership, asked, is_deidentified=is_deidentified)
    known.refuse_unknown(membership, asked)
    if file_format == "xlsx":
        sheets.refuse_too_large(Book(taken.form, taken.hidden), taken.keys)
    taking.tell(people.actor(request), taken, file_format, given["purpose"])
    return taken, given


def _options(given: dict[str, Any]) -> Options:
    return Options(**shapes.central_options(given))


def streamed(pieces: Iterable[bytes], name: str, content_type: str) -> StreamingHttpResponse:
    """Return the answer that downloads a file while it is made. Raises DownloadsMany."""
    response = Given(Held(pieces), content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["X-Content-Type-Options"] = "nosniff"
    # It is small already; without this Django zips it a second time.
    response["Content-Encoding"] = "identity"
    return response
