"""What every address of the API has in common: JSON in, JSON out, nothing kept by caches."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import IO, Any, cast

from django.db import DatabaseError
from django.http import FileResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from rest_framework import exceptions
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import JSONParser
from rest_framework.permissions import SAFE_METHODS
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.views import APIView

from server import slots
from server.api import traces
from server.api.moments import written
from server.api.problems import ParameterInvalid
from server.api.raw_body import small
from server.api.wording import first_wrong, is_missing
from server.errors import Problem
from server.projects.models import User
from server.projects.problems import ApiKeyReadOnly

SHOWN = (200, 206, 302)  # 302: at the store itself (stored.blob)
METHODS = ["get", "head", "post", "put", "patch", "delete"]
_FORMAT = "format"  # of the answer, where the address does not name it
_MISSING = 400.2  # Central's number
MOST_JSON_BYTES = 250_000  # Central's (openrosa.md §4.13)
MOST_BULK_BYTES = 10_000_000  # of entities that are made together; Central takes 100 MB


class SmallJson(JSONParser):
    """JSON, refused before it can fill the memory or the stack."""

    most = MOST_JSON_BYTES

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Return what the body holds, unpacked. Raises as raw_body.small, and ParseError."""
        encoding = (parser_context or {})["request"].META.get("HTTP_CONTENT_ENCODING", "")
        content = small(stream, encoding, self.most)
        try:
            parsed: dict[str, Any] = super().parse(io.BytesIO(content), media_type, parser_context)
        except RecursionError as error:
            raise exceptions.ParseError from error
        return parsed


class BulkJson(SmallJson):
    """JSON about many things at once."""

    most = MOST_BULK_BYTES


class _Encoder(JSONEncoder):
    def default(self, obj: Any) -> Any:
        return written(obj) if isinstance(obj, dt.datetime) else super().default(obj)


class Json(JSONRenderer):
    """JSON whose times are as Central writes them, whoever put them there."""

    encoder_class = _Encoder


class Csv(BaseRenderer):
    """CSV that a view has written already."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return the text with a byte order mark, without which Excel garbles Vietnamese."""
        return str(data).encode("utf-8-sig")


class Negotiation(DefaultContentNegotiation):
    """The format that the address or `?format=` names, else what `Accept` prefers.

    As at Central, `Accept` chooses and never refuses: ruODK asks for the JSON of `projects` and
    `forms` as `application/xml`, others for archives as JSON. Feeds refuse by themselves
    (`odata.options_of`).
    """

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Return the renderer and its media type. Raises NotAcceptable for a wrong `?format=`."""
        wanted = format_suffix or request.query_params.get(_FORMAT)
        if not wanted:
            try:
                chosen: tuple[BaseRenderer, str] = super().select_renderer(request, renderers)
            except exceptions.NotAcceptable:
                return renderers[0], renderers[0].media_type
            return chosen
        for renderer in renderers:
            if renderer.format == wanted:
                return renderer, renderer.media_type
        raise exceptions.NotAcceptable


class Endpoint(APIView):
    """One address."""

    # No OPTIONS, whose answer about itself no renderer of files could write; /v1/schema says more.
    http_method_names = METHODS
    parser_classes = (SmallJson,)
    renderer_classes: Sequence[type[BaseRenderer]] = (Json,)
    content_negotiation_class = Negotiation
    # What the audit log calls a look at the answers here (GET); "" where no answers are shown, and
    # where the view itself knows more to tell.
    reads = ""
    # A POST that changes nothing, for what belongs into no address: open to keys that only read.
    posts_to_read = False

    def check_permissions(self, request: Request) -> None:
        """Refuse who may not, and a write by a script whose key only reads."""
        super().check_permissions(request)
        key = request.user.api_key if isinstance(request.user, User) else None
        is_read = request.method in SAFE_METHODS or (
            self.posts_to_read and request.method == "POST"
        )
        if key is not None and key.is_read_only and not is_read:
            raise ApiKeyReadOnly

    def handle_exception(self, exc: Exception) -> Response:
        """Answer an error, and tell the audit log who was denied what."""
        answered = super().handle_exception(exc)
        problem = getattr(answered, "problem", None)  # of errors.written
        if problem is not None:
            traces.denied(self.request, problem, self.kwargs)
        return answered

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        """Keep what may be confidential out of every cache, and begin what is streamed.

        What goes wrong in what is read before (`slots.begun`) is told as everywhere, by status
        and in JSON; afterwards a broken connection is all that can be.
        """
        try:
            _begin(request, response)
        except (Problem, DatabaseError, OSError) as error:
            response = self.handle_exception(error)
        final = super().finalize_response(request, response, *args, **kwargs)
        if self.reads and request.method == "GET" and final.status_code in SHOWN:
            traces.seen(request, self.reads, self.kwargs)
        final.headers.setdefault("Cache-Control", "no-store")
        patch_vary_headers(final, ["Authorization", "Accept-Language"])
        return final


def _begin(request: Request, response: HttpResponseBase) -> None:
    if isinstance(response, FileResponse) or request.method == "HEAD":
        return
    if isinstance(response, StreamingHttpResponse):
        pieces = iter(cast("Iterator[bytes]", response.streaming_content))
        if isinstance(response, slots.Given):
            response.streaming_content = chain([next(pieces, b"")], pieces)
        else:
            response.streaming_content = slots.begun(pieces)


def checked(asked: Serializer[Any]) -> dict[str, Any]:
    """Return what was asked for. Raises ParameterInvalid for the first thing that is wrong.

    What did not come at all has a number of its own at Central.
    """
    if not asked.is_valid():
        field, reason = first_wrong(asked.errors)
        problem = ParameterInvalid(field=field, reason=reason)
        if is_missing(asked.errors):
            problem.central = _MISSING
        raise problem
    return dict(asked.validated_data)


def asked_of(shape: type[Serializer[Any]], query: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a query asks for, or the filters in a body.

    Raises ParameterInvalid, also for what nobody knows: a filter that is misspelt and passed over
    would give out more than was asked for. Central passes over what it does not know; so its own
    addresses use `checked`.
    """
    known, is_query = shape(), isinstance(query, QueryDict)
    for name in query:
        if name not in known.fields and not (is_query and name == _FORMAT):
            raise ParameterInvalid(
                field=name, reason=f"Không có tham số này. Dùng: {', '.join(known.fields)}."
            )
    return checked(shape(data=query.dict() if isinstance(query, QueryDict) else dict(query)))
