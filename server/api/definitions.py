"""A form's definition in the body of a request: a workbook, or an XForm."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request

from server.api import problems, raw_body
from server.api.files import Xlsx, Xml
from server.forms import given
from server.forms.desk_problems import (
    DefinitionUnreadable,
    EntityListSpelt,
    FormIdUnusable,
    MetaMissing,
    WarningsGiven,
    XFormRefused,
)
from server.forms.given import Given
from server.forms.package import MAX_FILE_BYTES
from server.forms.problems import FormDeleted, WorkbookRefused
from server.forms.publish import PreparedForm

REQUEST = {Xlsx.media_type: OpenApiTypes.BINARY, Xml.media_type: OpenApiTypes.BINARY}
REFUSED = (
    problems.ParameterInvalid(field="ignoreWarnings", reason="Không phải đúng/sai."),
    problems.RawBodyTooLarge(most_bytes=MAX_FILE_BYTES),
    problems.BodyCut,
    problems.BodyEncoding(encoding="br"),
    DefinitionUnreadable,
    XFormRefused,
    WorkbookRefused([]),
    WarningsGiven(["…"]),
    FormIdUnusable(form_id="kế hoạch"),
    MetaMissing,
    FormDeleted(form_id="kt_18_5"),
    EntityListSpelt(name="Kien_nghi", known="kien_nghi"),
)


def prepared(request: Request, *, accepts_warnings: bool) -> PreparedForm:
    """Read, check and store the definition of a new form. Raises as `body` and `stored`."""
    return stored(body(request), accepts_warnings=accepts_warnings)


def stored(content: bytes, *, accepts_warnings: bool, form_id: str | None = None) -> PreparedForm:
    """Check and store a definition; form_id: what it must say. Raises as given.prepared."""
    return given.prepared(Given(content, accepts_warnings), form_id)


def body(request: Request) -> bytes:
    """Return all of a body that can be no larger than a workbook. Raises as raw_body.opened."""
    with raw_body.opened(request, MAX_FILE_BYTES) as file:
        return file.read()
