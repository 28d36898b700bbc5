"""The OpenAPI description of the API, written from its code by drf-spectacular."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
)
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import problems
from server.api.endpoint import METHODS, Negotiation
from server.api.errors import body
from server.api.shapes import ErrorShape
from server.errors import Problem, Unavailable
from server.projects.account_problems import CodeNeeded, CodesNeeded
from server.projects.problems import TooManyTries


class BearerTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How a session token or an API key is sent."""

    target_class = "server.api.auth.BearerToken"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        """Return the OpenAPI security scheme."""
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "Mã phiên của POST /v1/sessions (24 giờ), hoặc khóa API (sxk_…).",
        }


class PasswordScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How a password is sent."""

    target_class = "server.api.auth.Password"
    name = "password"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        """Return the OpenAPI security scheme."""
        return {
            "type": "http",
            "scheme": "basic",
            "description": "Thư điện tử và mật khẩu; chỉ qua https hoặc từ chính máy chủ.",
        }


def refusals(
    *kinds: type[Problem] | Problem,
) -> Mapping[tuple[int, str], OpenApiResponse]:
    """Return how an operation's problems look in the schema, with an example each.

    By status and media type, which is JSON whatever the operation itself answers.

    A problem whose sentence needs details is given as an instance.
    """
    by_status: dict[int, list[Problem]] = {}
    # Wherever one may sign in, too many tries are turned away, and a password that is not enough.
    signing_in = (TooManyTries(wait_s=600), CodeNeeded, CodesNeeded)
    more = signing_in if problems.Unauthenticated in kinds else ()
    for kind in (*kinds, *more, problems.NotAcceptable, problems.MethodNotAllowed, Unavailable):
        problem = kind if isinstance(kind, Problem) else kind()
        by_status.setdefault(problem.status, []).append(problem)
    return {
        (status, "application/json"): OpenApiResponse(
            ErrorShape,
            description=" / ".join(problem.code for problem in found),
            examples=[
                OpenApiExample(problem.code, value=body(problem, "vi"), status_codes=[str(status)])
                for problem in found
            ],
        )
        for status, found in sorted(by_status.items())
    }


class Schema(SpectacularAPIView):
    """This description."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    renderer_classes = [OpenApiJsonRenderer2, OpenApiJsonRenderer, OpenApiYamlRenderer]
    content_negotiation_class = Negotiation
    http_method_names = METHODS

    @extend_schema(
        operation_id="schema",
        summary="Mô tả OpenAPI của chính API này",
        responses={(200, "application/json"): dict[str, Any], **refusals()},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return the OpenAPI 3 description of every address, as JSON or with ?format=yaml."""
        response: Response = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]
        return response
