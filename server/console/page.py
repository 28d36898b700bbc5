"""What every page has in common: who may see it, its language, its headers, its failures.

    @page(*REVIEWERS)
    def records(visit: Visit) -> HttpResponse:
        return visit.show("console/records.html", found=…)

The view gets a `Visit` and never meets a person without the role, nor a project that is not theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.db import InterfaceError, OperationalError
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.csrf import csrf_protect

from server.console import errors, expired, sessions
from server.console.headers import with_headers
from server.console.navigation import Navigation
from server.console.problems import Away, PageUnknown
from server.errors import Problem
from server.projects import audit_access, second_factor
from server.projects.audit import Actor
from server.projects.models import Membership, Role, User

EVERYBODY = (Role.MANAGER, Role.SUPERVISOR, Role.VIEWER)
REVIEWERS = (Role.MANAGER, Role.SUPERVISOR)
MANAGERS = (Role.MANAGER,)

READING = ("GET", "HEAD")
WRITING = ("POST",)
BOTH = (*READING, *WRITING)

_Answer = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Visit:
    """One person asking for one page of one project."""

    request: HttpRequest
    membership: Membership
    navigation: Navigation = field(compare=False)

    @property
    def user(self) -> User:
        """Return who it is."""
        return self.membership.user

    @property
    def is_partial(self) -> bool:
        """Tell whether htmx asks for a piece of the page and not for all of it."""
        return self.request.headers.get("HX-Request") == "true" and (
            self.request.headers.get("HX-History-Restore-Request") != "true"
        )

    def show(self, template: str, status: int = 200, **values: Any) -> HttpResponse:
        """Return the page that a template makes of some values."""
        return render(self.request, template, {"visit": self, **values}, status=status)

    def saw(self, action: str) -> None:
        """Tell the audit log, once a minute, that this person was shown answers at this address."""
        found = self.request.resolver_match
        if found is not None:
            by = Actor.person(self.user)
            audit_access.seen_again(by, action, found.route, found.kwargs)

    def say(self, text: str) -> None:
        """Put a sentence on the next page that this person sees; nothing confidential."""
        messages.success(self.request, text)


def page(
    *roles: Role, methods: Sequence[str] = READING, before_codes: bool = False
) -> Callable[[Callable[..., HttpResponseBase]], _Answer]:
    """Make a view of a page that people with some roles may see; to all others it is not there.

    The address names the project: `<int:project_id>`. methods: WRITING for what only a form asks.
    before_codes: it is there too for who must set up two-step sign-in first.
    """

    def decorate(view: Callable[..., HttpResponseBase]) -> _Answer:
        @open_page
        @wraps(view)
        def answer(request: HttpRequest, project_id: int, **named: Any) -> HttpResponseBase:
            user = sessions.person(request)
            if user is None:
                return expired.sign_in_again(request)
            mine = list(Membership.objects.filter(user=user).select_related("user", "project"))
            membership = next((one for one in mine if one.project_id == project_id), None)
            try:
                if membership is None or membership.role not in roles:
                    raise PageUnknown
                if request.method not in methods:
                    return HttpResponseNotAllowed(methods)
                if not before_codes and second_factor.is_owed(user, mine):
                    return go(reverse("codes", args=[project_id]))
                visit = Visit(request, membership, Navigation.of(membership, mine))
                with translation.override(user.language or sessions.language(request)):
                    response = view(visit, **named)
                sessions.follow_account(request, response, user)
                return response
            except Problem as problem:
                _log_denial(request, user, problem, {"project_id": project_id, **named})
                raise

        return answer

    return decorate


def _log_denial(request: HttpRequest, user: User, problem: Problem, ids: Mapping[str, Any]) -> None:
    """Tell the audit log of what is not there for a person."""
    if audit_access.is_denial(problem) and request.resolver_match is not None:
        address = f"{request.method} {request.resolver_match.route}"
        audit_access.denied(Actor.person(user), address, ids, problem.code)


def open_page(view: _Answer) -> _Answer:
    """Make a view of a page that needs nobody to be signed in, or finds out by itself."""
    guarded = csrf_protect(view)

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
        with translation.override(sessions.language(request)):
            waiting = CookieStorage(request)
            request._messages = waiting  # type: ignore[attr-defined]  # as Django's middleware
            response = _answered(guarded, request, *args, **named)
            if isinstance(response, HttpResponse):
                waiting.update(response)
        return with_headers(response)

    return answer


def _answered(view: _Answer, request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
    try:
        return view(request, *args, **named)
    except Problem as problem:
        return errors.told(request, problem)
    except (OperationalError, InterfaceError):
        return errors.told(request, Away())


def go(address: str) -> HttpResponseRedirect:
    """Send the browser on, after something was done (303: it then asks with GET)."""
    return HttpResponseRedirect(address, status=303)
