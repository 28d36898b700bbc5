"""How people are told that something went wrong: a sentence, what to do, and a way back."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation

from server.console import sessions
from server.console.headers import with_headers
from server.console.problems import Away, FormOutdated, PageFailed, PageUnknown, RequestRefused
from server.console.wording import language
from server.errors import Problem
from server.projects.problems import TooManyTries


def told(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Return the page that tells of a problem; to htmx, only what goes into the page it has."""
    is_partial = request.headers.get("HX-Request") == "true"
    template = "console/parts/problem.html" if is_partial else "console/error.html"
    response = render(request, template, _said(problem), status=problem.status)
    if is_partial:  # beside what stands there, not in its place
        response["HX-Retarget"], response["HX-Reswap"] = "#told", "innerHTML"
    if isinstance(problem, TooManyTries):
        response["Retry-After"] = str(problem.details["wait_s"])
    if problem.status == Away.status:
        response["Retry-After"] = "30"  # seconds
    return response


def _said(problem: Problem) -> Mapping[str, object]:
    return {"problem": problem, "sentence": problem.sentence(language()), "status": problem.status}


def typed(request: HttpRequest) -> dict[str, list[str]]:
    """Return what a form held, without secrets and what only forms need to know."""
    return {
        name: [str(value) for value in values]
        for name, values in request.POST.lists()
        if name not in _NEVER_REPEATED
    }


_NEVER_REPEATED = ("csrfmiddlewaretoken", "password", "new_password", "new_password_again", "totp")


def csrf_refused(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """Answer a form that may not come from our own page, with what was typed, to be copied.

    Not to be sent again with one click: then another site could have it sent (CSRF_FAILURE_VIEW).
    """
    texts = [text for values in typed(request).values() for text in values if len(text) > _LONG]
    said = {**_said(FormOutdated()), "texts": texts}
    with translation.override(sessions.language(request)):
        response = render(request, "console/error.html", said, status=FormOutdated.status)
    return with_headers(response)


_LONG = 12  # characters; ids and choices are no loss


def unknown_address(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """Answer an address that leads nowhere (Django's handler404)."""
    return _outside_views(request, PageUnknown())


def refused_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """Answer a request that Django itself refuses to read (handler400)."""
    return _outside_views(request, RequestRefused())


def failed(request: HttpRequest) -> HttpResponseBase:
    """Answer what is our own fault (handler500); the log has the rest."""
    return _outside_views(request, PageFailed())


def _outside_views(request: HttpRequest, problem: Problem) -> HttpResponseBase:
    with translation.override(sessions.language(request)):
        return with_headers(told(request, problem))
