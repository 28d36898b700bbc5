"""How programs are told that something went wrong: Central's shape, our stable code inside.

`{"message": …, "code": 404.1, "details": {"nature": "form.unknown", …}}`, where the integer part
of `code` is the status (openrosa.md §6, RS02) and `nature` is the code that never changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from server.errors import Problem


class NotFound(Problem):
    """Nothing here that the caller may see."""

    code = "not_found"
    status = 404
    vi = "Không tìm thấy nội dung này. Kiểm tra lại địa chỉ và quyền của tài khoản."
    en = "Nothing was found here. Check the address and what the account may see."
    central = 404.1


class ParameterInvalid(Problem):
    """A query parameter or a field of the body cannot be used."""

    code = "parameter.invalid"
    vi = "Tham số «{field}» không dùng được: {reason}"
    en = "The parameter {field!r} cannot be used: {reason}"
    central = 400.8


class Unauthenticated(Problem):
    """No credentials, or wrong ones."""

    code = "auth.failed"
    status = 401
    vi = "Chưa đăng nhập, hoặc tên đăng nhập, mật khẩu, mã phiên không đúng."
    en = "Not logged in, or the user name, password or session token is wrong."
    central = 401.2


# What DRF itself raises: (nature, Central's number).
_FRAMEWORK: Mapping[type[exceptions.APIException], tuple[str, float]] = {
    exceptions.ParseError: ("body.malformed", 400.1),
    exceptions.MethodNotAllowed: ("method.not_allowed", 405.1),
    exceptions.NotAcceptable: ("accept.unsupported", 406.1),
    exceptions.UnsupportedMediaType: ("body.media_type", 415.1),
    exceptions.Throttled: ("throttled", 429.1),
}


def answer(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Write any error of an API view; None lets an unforeseen one be a 500."""
    request: HttpRequest | None = context.get("request")
    problem = _as_problem(error)
    if problem is not None:
        set_rollback()
        headers = {"WWW-Authenticate": 'Basic realm="So Xa"'} if problem.status == 401 else None
        return Response(body(problem, language(request)), status=problem.status, headers=headers)
    response = exception_handler(error, dict(context))
    if response is not None and isinstance(error, exceptions.APIException):
        nature, code = _FRAMEWORK.get(type(error), (str(error.default_code), error.status_code))
        response.data = {"message": str(error.detail), "code": code, "details": {"nature": nature}}
    return response


def _as_problem(error: Exception) -> Problem | None:
    if isinstance(error, Problem):
        return error
    if isinstance(error, Http404 | exceptions.NotFound | exceptions.PermissionDenied):
        return NotFound()  # what one may not see is not there
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        return Unauthenticated()
    return None


def body(problem: Problem, language: str) -> dict[str, Any]:
    """Return the JSON of a problem."""
    details = {key: _plain(value) for key, value in problem.details.items()}
    return {
        "message": problem.sentence(language),
        "code": problem.central if problem.central is not None else problem.status,
        "details": {"nature": problem.code, **details},
    }


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def language(request: HttpRequest | None) -> str:
    """Return the caller's language, `vi` unless English is asked for."""
    if request is None:
        return "vi"
    asked = request.META.get("HTTP_ACCEPT_LANGUAGE", "")
    return "en" if asked.lower().startswith("en") else "vi"


class UnknownAddress(NotFound):
    """No route at all."""

    code: ClassVar[str] = "address.unknown"


def unknown_address(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    """Answer an address that leads nowhere, in JSON."""
    return JsonResponse(body(UnknownAddress(), language(request)), status=404)
