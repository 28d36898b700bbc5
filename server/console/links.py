"""Links that let somebody who is not signed in do one thing, once; a token stands in no log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse

from server.console import sessions
from server.console.page import go
from server.console.problems import PasswordsDiffer
from server.console.wording import language
from server.errors import Problem
from server.projects import throttle

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Link(Generic[T]):
    """What links of a kind do.

    holder: what a token is of, and use: do it with what was typed; both raise `void`, use also
    what is wrong with what was typed. shown: what the template is given of a holder.
    """

    template: str
    void: type[Problem]
    holder: Callable[[str], T]
    use: Callable[[str, QueryDict], object]
    shown: Callable[[T], Mapping[str, Any]]


def answer(request: HttpRequest, token: str, link: Link[T]) -> HttpResponse:
    """Ask for what a link needs and do it; then lead to the sign-in. Raises its `void`."""
    try:
        holder = link.holder(token)
    except link.void:
        throttle.failed(sessions.address(request), token)
        raise
    said, status = {}, 200
    if request.method == "POST":
        sessions.refuse_in_clear(request)
        try:
            link.use(token, request.POST)
        except link.void:
            raise
        except Problem as problem:
            said, status = {"sentence": problem.sentence(language())}, problem.status
        else:
            return go(f"{reverse('sign_in')}?moi=1")
    return render(request, link.template, {**link.shown(holder), **said}, status=status)


def typed_twice(given: QueryDict) -> str:
    """Return the new password of a form. Raises PasswordsDiffer."""
    password = given.get("new_password", "")
    if password != given.get("new_password_again", ""):
        raise PasswordsDiffer
    return password
