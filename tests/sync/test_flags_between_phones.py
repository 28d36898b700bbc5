"""What phones of several teams send, and what a desk then hears of it: all of it over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing

import pytest
from pytest_django import Settings

from server.plans import tasks
from server.projects import accounts
from server.projects.models import Project, Role
from sync.addresses import Addresses
from tests import builders
from tests.builders import GOOD, instance
from tests.device import Device, Outgoing
from tests.inspections import visits
from tests.inspections.visits import copied, point, trip
from tests.photos import picture
from tests.sync.desk import Desk

HERE = {"h/h_gps": point()}
Give = Callable[..., None]


@pytest.fixture
def desk(base_url: str, project: Project, settings: Settings) -> Desk:
    # scrypt is slow on purpose; tests/projects proves the real one.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    builders.form(project, visits.FORM)
    for number in range(6):
        builders.commune(f"0550{number}", f"Xã số {number}")
    return Desk(base_url, project, Role.SUPERVISOR)


@pytest.fixture
def give(base_url: str, project: Project) -> Iterator[Give]:
    """Send a visit to a commune from the phone of an inspector, «Lan 1» of the team «Đoàn 1»."""
    phones: dict[str, Device] = {}
    with ExitStack() as until_the_end:

        def phone_of(who: str) -> Device:
            if who not in phones:
                team = f"Đoàn {who.split()[1]}"
                token = accounts.create_app_user(project, who, team=team).token
                phone = Device(Addresses(base_url, token, project.pk).server)
                phones[who] = until_the_end.enter_context(closing(phone))
            return phones[who]

        def give(
            who: str,
            name: str,
            commune: int,
            answers: Mapping[str, str] | None = None,
            *,
            photo: bytes = b"",
            follows: str = "",
        ) -> None:
            own = {f"q{n:02}": f"{visits.hash_of(name)}{n}" for n in range(20)}
            filled = instance(
                {**own, **GOOD, "h/h_commune": f"0550{commune}", **(answers or {})},
                instance_id=f"uuid:{name}",
                deprecated_id=follows and f"uuid:{follows}",
                photos=["1.jpg"] if photo else [],
            )
            sent = [Outgoing("1.jpg", photo)] if photo else []
            assert phone_of(who).give(filled, *sent).status == 201

        yield give


def flags(desk: Desk, name: str) -> set[str]:
    told = desk.get(f"forms/kt_thu/submissions/uuid:{name}/flags")
    return {flag["code"] for flag in told} - {"gps_missing", "late"}


def test_each_kind_of_doubt_between_visits_reaches_the_desk(desk: Desk, give: Give) -> None:
    give("Lan 1", "same-a", 0)
    give("Hoa 1", "same-b", 0)
    give("Mai 2", "alike-a", 1, copied(but=0))
    give("Tú 2", "alike-b", 2, {**copied(but=1), "h/h_date": "2026-05-22"})
    give("Ngọc 3", "photo-a", 1, photo=picture())
    give("Ngọc 3", "photo-b", 2, photo=picture(quality=40, size=(320, 240)))
    give("Yến 4", "speed-a", 1, trip("08:00", "09:00", 0))
    give("Yến 4", "speed-b", 2, trip("09:10", "10:00", 0.2))
    for number in (3, 4, 5):
        give("Vân 5", f"point-{number}", number, HERE)
    give("Thu 6", "far", 3, HERE, photo=picture(2, place=(visits.LON, visits.LAT + 0.0046)))
    give("Sơn 7", "plain", 4, {"h/h_gps": point(0.1)}, photo=picture(3))

    tasks.look_around()  # as the worker does

    expected = {
        "duplicate_visit": ("same-a", "same-b", "alike-a", "alike-b"),
        "same_photo": ("photo-a", "photo-b"),
        "impossible_speed": ("speed-a", "speed-b"),
        "many_at_one_point": ("point-3", "point-4", "point-5"),
        "photo_far": ("far",),
    }
    for code, names in expected.items():
        assert {name: flags(desk, name) for name in names} == {name: {code} for name in names}
    assert flags(desk, "plain") == set()


def test_a_correction_takes_the_doubt_from_both_and_until_then_nobody_approves(
    desk: Desk, give: Give
) -> None:
    path = "forms/kt_thu/submissions/uuid:one"
    give("Lan 1", "one", 0, photo=picture())
    give("Hoa 1", "two", 1, photo=picture(quality=40))
    tasks.look_around()
    assert desk.review(path, "approved") == 409

    give("Hoa 1", "mended", 1, photo=picture(2), follows="two")
    tasks.look_around()

    assert (flags(desk, "one"), flags(desk, "two")) == (set(), set())
    assert desk.review(path, "approved") == 200
