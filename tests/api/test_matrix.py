"""Every address × every role × a thing of others: nothing of it comes back, and that is logged."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest
from django.utils import timezone

from server.projects import accounts, api_keys
from server.projects.api_keys import Wanted
from server.projects.models import AuditEntry, Membership, Project, Role, User
from tests import builders
from tests.api import matrix, two_projects
from tests.api.conftest import Answer, Program
from tests.api.matrix import OWN, PUBLIC, ROWS, body, filled, routes
from tests.api.test_review import signed_in
from tests.api.two_projects import World

_DENIED = (401, 403, 404)
_NOT_HERE = 405  # without a session, a few addresses are those of phones, which only fetch
_HERE = ("05665@2025-07-01",)
# The form has no indicators; no worker has made thumbnails, nor the file that was asked for; a
# record is edited in a page.
_SILENT = ["content", "edit", "indicators", "indicators.csv", "thumbnail", "thumbnail"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who calls, and what they answer for."""

    name: str
    program: Program
    actor_id: int | None = None  # of who must be found in the audit log
    is_of_here: bool = False  # sees the one commune of A, and not the other


@pytest.fixture
def made(db: None) -> World:
    return two_projects.world()


def callers(world: World) -> Iterator[Caller]:
    """Yield everybody who is something in A, and nobody in B."""
    device = accounts.create_app_user(world.a, "Máy của Lan")
    yield Caller("nobody", Program())
    yield Caller("device", Program(device.token))
    for role, communes in (
        (Role.VIEWER, ()),
        (Role.SUPERVISOR, _HERE),
        (Role.MANAGER, ()),
    ):
        program = signed_in(world.a, f"vai-{role}", role, communes)
        person = User.objects.get(email=f"vai-{role}@example.org")
        yield Caller(role, program, person.pk, is_of_here=role == Role.SUPERVISOR)
    yield _auditor(world.a)
    yield _script(world)


def _auditor(project: Project) -> Caller:
    program = signed_in(project, "kiem-toan", Role.VIEWER)
    accounts.set_auditor("kiem-toan@example.org", is_auditor=True)
    return Caller("auditor", program, User.objects.get(email="kiem-toan@example.org").pk)


def _script(world: World) -> Caller:
    """Return a key to A of somebody who answers for one commune there, and for all of B."""
    person = builders.member(world.a, "khoa@example.org", Role.SUPERVISOR)
    Membership.objects.filter(user=person).update(commune_uids=list(_HERE))
    accounts.join(person, world.b, Role.MANAGER)
    until = timezone.now() + dt.timedelta(days=1)
    wanted = Wanted("khóa", Role.SUPERVISOR, is_read_only=False, expires_at=until)
    made = api_keys.create(Membership.objects.get(user=person, project=world.a), wanted)
    return Caller("key", Program(made.token), person.pk, is_of_here=True)


@dataclass(frozen=True, slots=True)
class Call:
    """One request that must give nothing away."""

    route: str
    method: str
    ids: Mapping[str, object]
    secret: str
    must_be_denied: bool


def calls(caller: Caller, world: World) -> Iterator[Call]:
    """Yield what is asked for: the other project, its things under one's own, the other commune."""
    for route, methods in routes().items():
        row = ROWS.get(route)
        if row is None:
            continue
        for method in methods:
            yield Call(route, method, world.there.ids, "bmat", must_be_denied=True)
            if caller.actor_id is None:
                continue
            if row.owns:
                ids = {**world.here.ids, row.owns: world.there.ids[row.owns]}
                yield Call(route, method, ids, "bmat", _is_foreign(row.owns))
            if row.is_of_commune and caller.is_of_here:
                yield Call(route, method, world.neighbour.ids, "ymat", must_be_denied=True)
            elif method == "GET" and caller.name != Role.MANAGER and not row.is_of_commune:
                secret = "ymat" if caller.is_of_here else "ymat-hs"
                yield Call(route, method, world.here.ids, secret, must_be_denied=False)


def _is_foreign(param: str) -> bool:
    return param != "number"  # every project counts its own from 1


def ask(caller: Caller, call: Call) -> Answer:
    row = ROWS[call.route]
    path = filled(call.route, call.ids)
    query = row.query.format(**call.ids)
    return caller.program.ask(
        call.method, f"{path}?{query}" if query else path, **body(row, call.method)
    )


def says(answer: Answer, secret: str) -> bool:
    """Tell whether an answer, its headers or the files in it hold a text."""
    texts = [answer.content, str(dict(answer.headers)).encode()]
    if zipfile.is_zipfile(io.BytesIO(answer.content)):
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            texts = [archive.read(name) for name in archive.namelist()]
    return any(secret.encode() in text for text in texts)


def leaks(caller: Caller, world: World) -> Iterator[str]:
    """Yield what came back that should not have, and what was denied without a trace."""
    for route in ("v1/audits", "v1/users/current", "v1/projects", "v1/users", "v1/users?q=lan"):
        reads_all = (caller.name, route) == ("auditor", "v1/audits")  # purposes, for one
        if not reads_all and says(caller.program.get(f"/{route}"), "bmat"):
            yield f"{caller.name}: {route}: told of another project"
    denied = set()
    for call in calls(caller, world):
        answer = ask(caller, call)
        told = f"{caller.name}: {call.method} {call.route} → {answer.status} ({call.secret})"
        if answer.status >= 500:
            yield f"{told}: broke"
        if says(answer, call.secret):
            yield f"{told}: told of it"
        is_denied = answer.status in _DENIED or (
            answer.status == _NOT_HERE and caller.actor_id is None
        )
        if call.must_be_denied and not is_denied:
            yield f"{told}: was not denied"
        if answer.status in (403, 404):
            denied.add(f"{call.method} {call.route}")
    if caller.actor_id is not None:
        yield from (f"{caller.name}: {one}: not logged" for one in denied - logged(caller))


def logged(caller: Caller) -> set[str]:
    entries = AuditEntry.objects.filter(action="access.denied", actor_id=caller.actor_id)
    return {matrix.plain(address) for address in entries.values_list("details__address", flat=True)}


def test_an_address_that_nobody_thought_through_is_named() -> None:
    assert set(routes()) == {*ROWS, *OWN, *PUBLIC}


def test_nobody_is_told_of_what_is_of_others(made: World) -> None:
    everybody = list(callers(made))

    found = [leak for caller in everybody for leak in leaks(caller, made)]

    assert found == [], "\n".join(found)


def test_whoever_may_is_told_so_that_the_matrix_can_fail(made: World) -> None:
    program = signed_in(made.b, "quan-ly-b", Role.MANAGER)
    caller = Caller("manager of B", program)
    asked = [route for route, methods in routes().items() if route in ROWS and "GET" in methods]

    answers = {
        route: ask(caller, Call(route, "GET", made.there.ids, "bmat", must_be_denied=False))
        for route in asked
    }

    silent = [route for route, answer in answers.items() if answer.status != 200]
    assert sorted(route.rpartition("/")[2] for route in silent) == _SILENT
    assert sum(says(answer, "bmat") for answer in answers.values()) > len(asked) / 3
