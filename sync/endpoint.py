"""How every answer to a device is dressed: headers, refusals, faults. The one place for it.

Collect shows a person the `message` of an OpenRosaResponse and nothing else, so JSON, HTML or a
bare status would be lost on the way (openrosa.md §4.5).
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.http import http_date
from django.views.decorators.csrf import csrf_exempt

from server.errors import Problem, Unavailable
from server.projects.problems import TooManyTries
from sync import auth, messages
from sync.problems import (
    AddressUnknown,
    MethodNotAllowed,
    RequestRefused,
    Unforeseen,
    VersionHeader,
)

log = logging.getLogger(__name__)

XML = "text/xml; charset=utf-8"  # Collect refuses a list that says application/xml (FL03)

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def openrosa(*methods: str, says_version: bool = True) -> Callable[[View[P]], View[P]]:
    """Make a view one that devices can talk to.

    `says_version`: the client must send `X-OpenRosa-Version: 1.0`, which is looked at before
    the key is (FL27). Downloads do without: browsers and tools fetch them too.
    """

    def decorate(view: View[P]) -> View[P]:
        @csrf_exempt
        @wraps(view)
        def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            try:
                if says_version and request.headers.get("X-OpenRosa-Version") != "1.0":
                    raise VersionHeader
                if request.method not in methods:
                    raise MethodNotAllowed(method=request.method)
                return dressed(request, view(request, *args, **kwargs))
            except Problem as problem:
                return refusal(request, problem, allow=methods)
            except SuspiciousOperation:  # a thousand parameters, and the like
                return refusal(request, RequestRefused())
            except (OperationalError, InterfaceError) as error:
                _log_fault(request, error)
                return refusal(request, Unavailable())
            except Exception as error:  # noqa: BLE001 - a phone understands no other kind of 500
                _log_fault(request, error)
                return refusal(request, Unforeseen())

        return answer

    return decorate


def _log_fault(request: HttpRequest, error: Exception) -> None:
    # Without the error's own words: PostgreSQL's, for one, quote what people answered.
    steps = traceback.extract_tb(error.__traceback__)
    way = " > ".join(f"{Path(step.filename).name}:{step.lineno} {step.name}" for step in steps)
    log.error("%s %s: %s (%s)", request.method, request.path, type(error).__name__, way)


def refusal(
    request: HttpRequest, problem: Problem, *, allow: tuple[str, ...] = ()
) -> HttpResponseBase:
    """Write any problem the way devices read it, and log that it arose."""
    log.info("%s %s: %s", request.method, request.path, problem.code)
    return _written(request, problem, allow=allow)


def _written(
    request: HttpRequest, problem: Problem, *, allow: tuple[str, ...] = ()
) -> HttpResponseBase:
    body = messages.response(problem.sentence(language(request)), problem.code)
    response = HttpResponse(body, status=problem.status, content_type=XML)
    response["Cache-Control"] = "no-store"
    if problem.status == MethodNotAllowed.status:
        response["Allow"] = ", ".join(allow)
    if problem.status == Unavailable.status:
        response["Retry-After"] = "60"  # seconds
    if isinstance(problem, TooManyTries):
        response["Retry-After"] = str(problem.details["wait_s"])
    challenge = auth.challenge(request, problem)
    if challenge:
        response["WWW-Authenticate"] = challenge
    return dressed(request, response)


def dressed(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Add the headers that OpenRosa asks for to any answer, refusals too."""
    response["X-OpenRosa-Version"] = "1.0"
    response["X-OpenRosa-Accept-Content-Length"] = str(settings.ADVERTISED_POST_BYTES)
    response["Date"] = http_date()
    response["Content-Language"] = language(request)
    if request.method in ("GET", "HEAD"):
        response.setdefault("Cache-Control", "private, no-cache")
    response.setdefault("Cache-Control", "no-store")
    patch_vary_headers(response, ("Accept-Encoding", "Accept-Language"))
    return response


def language(request: HttpRequest) -> str:
    """Return the caller's language: `en` where it is asked for before `vi`, else `vi`.

    Collect sends no Accept-Language, whatever the specification says, and so gets Vietnamese.
    """
    asked = []
    for position, choice in enumerate(request.headers.get("Accept-Language", "").split(",")):
        tag, _, weight = choice.strip().lower().partition(";q=")
        asked.append((-_number(weight), position, tag.partition("-")[0]))
    known = [tag for refused, _, tag in sorted(asked) if tag in ("vi", "en") and refused]
    return known[0] if known else "vi"


def _number(weight: str) -> float:
    try:
        return float(weight) if weight else 1.0
    except ValueError:
        return 0.0


def unknown_address(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """Answer an address that leads nowhere."""
    return refusal(request, AddressUnknown())


def refused_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """Answer a request that Django refused and logged, such as one under another host name."""
    return _written(request, RequestRefused())


def failed(request: HttpRequest) -> HttpResponseBase:
    """Answer when something outside every view broke."""
    return refusal(request, Unforeseen())
