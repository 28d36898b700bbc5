"""How programs are told that something went wrong: Central's shape, our stable code inside.

`{"message": …, "code": 404.1, "details": {"nature": "form.unknown", …}}`, where the integer part
of `code` is the status (openrosa.md §6, RS02) and `nature` is the code that never changes. Always
JSON, whatever the caller would have liked, so that one piece of code can read every failure.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions

from server.api import problems
from server.api.auth import CHALLENGE
from server.blobs import StorageFull
from server.errors import Problem, Unavailable
from server.forms.desk_problems import WarningsGiven
from server.forms.problems import TypeChanged, WorkbookRefused
from server.projects.problems import TooManyTries
from server.submissions.desk_problems import ThumbnailNotYet

log = logging.getLogger(__name__)

_TYPE_CHANGED = 400.17  # Central's number for it; ours is one complaint among others

# What DRF raises, in our words.
_FRAMEWORK: Mapping[type[exceptions.APIException], type[Problem]] = {
    exceptions.ParseError: problems.BodyMalformed,
    exceptions.MethodNotAllowed: problems.MethodNotAllowed,
    exceptions.NotAcceptable: problems.NotAcceptable,
    exceptions.UnsupportedMediaType: problems.MediaTypeUnsupported,
    exceptions.Throttled: problems.Throttled,
    # What one may not see is not there (features.md §4.4, T14).
    exceptions.NotFound: problems.NotFound,
    exceptions.PermissionDenied: problems.NotFound,
    exceptions.NotAuthenticated: problems.Unauthenticated,
    exceptions.AuthenticationFailed: problems.Unauthenticated,
}


def answer(error: Exception, context: Mapping[str, Any]) -> JsonResponse | None:
    """Write any error of an API view; None lets an unforeseen one be a 500."""
    problem = _as_problem(error)
    if problem is None:
        return None
    return written(problem, context.get("request"))


def _as_problem(error: Exception) -> Problem | None:
    if isinstance(error, Problem):
        return error
    if isinstance(error, OperationalError | InterfaceError):
        log.error("the database does not answer: %s", type(error).__name__)
        return Unavailable()
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        log.error("no room to write what somebody asks for")
        return StorageFull()
    if isinstance(error, Http404):
        return problems.NotFound()
    if isinstance(error, SuspiciousOperation):
        return problems.RequestInvalid()
    return next((ours() for theirs, ours in _FRAMEWORK.items() if isinstance(error, theirs)), None)


def written(problem: Problem, request: HttpRequest | None) -> JsonResponse:
    """Return the answer that tells a program of a problem."""
    response = JsonResponse(
        body(problem, language(request)),
        status=problem.status,
        json_dumps_params={"ensure_ascii": False},
    )
    response.problem = problem  # type: ignore[attr-defined]  # for endpoint.Endpoint
    response["Cache-Control"] = "no-store"
    if problem.status == problems.Unauthenticated.status:
        response["WWW-Authenticate"] = CHALLENGE
    if problem.status == Unavailable.status:
        response["Retry-After"] = "30"  # seconds
    if isinstance(problem, problems.RangeUnsatisfiable):
        response["Content-Range"] = f"bytes */{problem.details['size']}"
    if isinstance(problem, ThumbnailNotYet):
        response["Retry-After"] = str(settings.SWEEP_S)
    if isinstance(problem, TooManyTries):
        response["Retry-After"] = str(problem.details["wait_s"])
    return response


def body(problem: Problem, language: str) -> dict[str, Any]:
    """Return the JSON of a problem."""
    details = {key: _plain(value) for key, value in problem.details.items()}
    central = problem.central if problem.central is not None else problem.status
    if isinstance(problem, WorkbookRefused):
        central = _TYPE_CHANGED if _is_about_types(problem) else central
        details |= _complaints(problem, language)
    elif central == WorkbookRefused.central:
        details |= {"error": problem.sentence(language), "warnings": []}
    elif isinstance(problem, WarningsGiven):
        details["warnings"] = {"xlsFormWarnings": list(problem.each)}
    return {
        "message": problem.sentence(language),
        "code": central,
        "details": {**details, "nature": problem.code},
    }


def _is_about_types(problem: WorkbookRefused) -> bool:
    return any(isinstance(complaint, TypeChanged) for complaint in problem.complaints)


def _complaints(problem: WorkbookRefused, language: str) -> dict[str, object]:
    """Return what is wrong as Central does, in one text, and place by place."""
    said = [complaint.sentence(language) for complaint in problem.complaints]
    places = [
        {"nature": complaint.code, "place": complaint.place, "message": sentence}
        for complaint, sentence in zip(problem.complaints, said, strict=True)
    ]
    return {"error": "\n".join(said), "warnings": [], "complaints": places}


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def language(request: HttpRequest | None) -> str:
    """Return the caller's language, `vi` unless English is asked for."""
    if request is None:
        return "vi"
    asked = request.META.get("HTTP_ACCEPT_LANGUAGE", "")
    return "en" if asked.lower().startswith("en") else "vi"


def unknown_address(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    """Answer an address that leads nowhere (Django's handler404)."""
    return written(problems.AddressUnknown(), request)


def refused_request(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    """Answer a request that Django itself refuses to read (handler400)."""
    return written(problems.RequestInvalid(), request)


def failed(request: HttpRequest) -> JsonResponse:
    """Answer what is our own fault (handler500); the log has the rest."""
    return written(problems.InternalError(), request)
