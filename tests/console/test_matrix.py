"""Every address of the pages × everybody × things of others: what the table says, nothing told."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest
from django.test import Client

from server import blobs
from server.forms.models import Draft, FormVersion
from server.plans.models import PeriodCode
from server.plans.period import Name, lock
from server.projects import accounts
from server.projects.models import AuditEntry, Role, User
from tests import builders
from tests.api import two_projects
from tests.api.two_projects import World
from tests.console.conftest import reader
from tests.console.matrix import ALL, OPEN, ROWS, H, M, S, V, address, routes

STRANGER, NOBODY = "somebody of another project", "nobody"


@pytest.fixture
def made(db: None, static_files: None) -> World:
    world = two_projects.world()
    boss = User.objects.get(email="a@example.org")
    lock(world.a.pk, Name(2026, PeriodCode.H1), boss)
    blob = blobs.put(io.BytesIO(builders.workbook(builders.FORM)), is_served=True)
    FormVersion.objects.filter(form__project=world.a).update(workbook_sha256=blob.sha256)
    Draft.objects.filter(form__project=world.a).update(workbook_sha256=blob.sha256)
    return world


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody at a desk."""

    name: str
    client: Client
    user: User | None = None


def callers(world: World) -> Iterator[Caller]:
    """Yield everybody who is something in A, and two who are nothing there."""
    boss = User.objects.get(email="a@example.org")
    yield Caller(M, reader(boss), boss)
    for name, role, communes in (
        (S, Role.SUPERVISOR, []),
        (H, Role.SUPERVISOR, ["05665@2025-07-01"]),
        (V, Role.VIEWER, []),
    ):
        user = accounts.create_user(f"{role}{len(communes)}@x.org", name, builders.PASSWORD)
        accounts.join(user, world.a, role, commune_uids=communes)
        yield Caller(name, reader(user), user)
    stranger = builders.member(builders.project("Chương trình C"), "c@example.org", Role.MANAGER)
    yield Caller(STRANGER, reader(stranger), stranger)
    yield Caller(NOBODY, Client())


@dataclass(frozen=True, slots=True)
class Call:
    """One thing that is asked for, what must come back, and what must not stand in it."""

    name: str
    method: str
    ids: Mapping[str, object]
    status: int
    secret: str


def calls(caller: Caller, world: World) -> Iterator[Call]:
    """Yield what somebody asks for: what is theirs to read, and all that is not theirs."""
    here, there = world.here.ids, world.there.ids
    for (name, row), method in product(ROWS.items(), ("GET", "POST")):
        is_theirs = caller.name in row.who
        gone = 404 if caller.user else {"GET": 302, "POST": 401}[method]
        if not row.takes(method):
            if is_theirs:
                yield Call(name, method, here, 405, "bmat")
            continue
        yield Call(name, method, there, gone, "bmat")
        if not is_theirs:
            yield Call(name, method, here, gone, "amat")
            continue
        if method == "GET":
            yield Call(name, method, here, row.reads, _hidden_from(caller))
        if row.owns:
            yield Call(name, method, {**here, row.owns: there[row.owns]}, gone, "bmat")
        if row.is_of_commune and caller.name == H:
            yield Call(name, method, world.neighbour.ids, gone, "ymat")


def _hidden_from(caller: Caller) -> str:
    """Return what stands in nothing that they read: of a neighbour, or of single records."""
    return {H: "ymat", V: "ymat-hs"}.get(caller.name, "bmat")


def wrong(caller: Caller, world: World) -> Iterator[str]:
    """Yield what came back otherwise than the table says, and what was denied without a trace."""
    denied = set()
    for call in calls(caller, world):
        answer = caller.client.generic(call.method, address(call.name, call.ids))
        told = f"{caller.name}: {call.method} {call.name}"
        if answer.status_code != call.status:
            yield f"{told}: {answer.status_code}, not {call.status} ({call.secret})"
        if call.secret.encode() in _without_tokens(answer.getvalue() + _headers(answer)):
            yield f"{told}: tells of {call.secret}"
        if answer.status_code == 302 and not answer["Location"].startswith("/dang-nhap?next=%2Fdu"):
            yield f"{told}: leads to {answer['Location']}"
        if answer.status_code == 404:
            denied.add(f"{call.method} {call.name}")
    if caller.user is not None:
        yield from (f"{caller.name}: {one}: not logged" for one in sorted(denied - logged(caller)))


def _headers(answer: Any) -> bytes:
    return str(dict(answer.headers)).encode()


def _without_tokens(told: bytes) -> bytes:
    """Return an answer without what is drawn for it, in which any four letters may stand."""
    return re.sub(rb"\b\w{32,}\b", b"", told)


def logged(caller: Caller) -> set[str]:
    person = caller.user.pk if caller.user else None
    entries = AuditEntry.objects.filter(action="access.denied", actor_id=person)
    names = {route: name for name, route in routes().items()}
    told = (entry.details["address"].split(" ", 1) for entry in entries)
    return {f"{method} {names[route]}" for method, route in told}


def test_an_address_that_nobody_thought_through_is_named() -> None:
    assert set(routes()) == {*ROWS, *OPEN}


def test_everybody_gets_what_the_table_says_and_nobody_what_is_of_others(made: World) -> None:
    everybody = list(callers(made))

    found = [one for caller in everybody for one in wrong(caller, made)]

    assert [caller.name for caller in everybody] == [*ALL, STRANGER, NOBODY]
    assert found == [], "\n".join(found)


def test_no_form_of_another_site_does_anything(made: World) -> None:
    boss = User.objects.get(email="a@example.org")
    client = reader(boss)
    client.handler.enforce_csrf_checks = True
    before = AuditEntry.objects.count()
    forms = [address(name, made.here.ids) for name, row in ROWS.items() if row.takes_form]
    forms += [f"/{routes()[name]}" for name in sorted(OPEN - {"front"})]

    answers = {path: client.post(path).status_code for path in forms}

    assert {path for path, status in answers.items() if status != 403} == set()
    assert AuditEntry.objects.count() == before


NONSENSE = (
    "page=99999999999999999999&truoc=99999999999999999999&year=0&period=%00&on=31/02/2026&q=%00"
    "&form=%00&commune=%00&state=%00&columns=%27&sort=%27&layer=%00&group=%00&tu_ngay=%00&ai=%00"
)


def test_nonsense_in_an_address_breaks_no_page(made: World) -> None:
    client = reader(User.objects.get(email="a@example.org"))
    pages = {name: address(name, made.here.ids) for name, row in ROWS.items() if row.is_page}

    answers = {
        name: client.get(f"{path}{'&' if '?' in path else '?'}{NONSENSE}").status_code
        for name, path in pages.items()
    }

    # Where nothing is left of a filter, more would be approved than somebody thinks.
    assert {name: status for name, status in answers.items() if status != 200} == {
        "approve_many": 422
    }
