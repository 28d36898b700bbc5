"""Guessing is slowed down at every door, and nobody else pays for it."""

from __future__ import annotations

import base64
import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from server.projects import accounts, throttle
from server.projects.models import AppUser, FailedTries, Project
from server.projects.problems import TooManyTries
from sync.addresses import Addresses, DraftAddresses
from tests import builders
from tests.device import Device

OFFICE = "203.0.113.7"
OVER = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
VERSION = {"X-OpenRosa-Version": "1.0"}


@pytest.fixture(autouse=True)
def few_tries(settings: Settings) -> None:
    settings.THROTTLE_TRIES = 3
    settings.THROTTLE_ADDRESS_TRIES = 5
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def form_list(project: Project, token: str, address: str = OFFICE) -> int:
    url = f"/v1/key/{token}/projects/{project.pk}/formList"
    return Client(REMOTE_ADDR=address).get(url, headers=VERSION).status_code


def log_in(password: str, address: str = OFFICE, email: str = "lan@example.org") -> int:
    answer = Client(REMOTE_ADDR=address).post(
        "/v1/sessions",
        {"email": email, "password": password},
        content_type="application/json",
        secure=True,
    )
    return answer.status_code


def basic(path: str, username: str, password: str, address: str = OFFICE) -> int:
    credentials = base64.b64encode(f"{username}:{password}".encode()).decode()
    headers = {**VERSION, "Authorization": f"Basic {credentials}"}
    return Client(REMOTE_ADDR=address).get(path, headers=headers, secure=True).status_code


def test_a_bad_phone_is_slowed_down_and_its_office_is_not(project: Project) -> None:
    lan = accounts.create_app_user(project, "Lan").token

    bad = [form_list(project, "B" * 64) for _ in range(9)]

    assert bad == [403, 403, 403, 429, 429, 429, 429, 429, 429]
    assert form_list(project, "A" * 64) == 403  # 9 refusals counted as 3 of the office's 5
    assert form_list(project, lan) == 200


@pytest.mark.row("AU04")
@pytest.mark.parametrize("nature", ["key.revoked", "key.expired"])
def test_a_key_that_is_over_says_so_however_often_it_comes(
    base_url: str, project: Project, nature: str
) -> None:
    lan = accounts.create_app_user(project, "Lan")
    phone = Device(Addresses(base_url, lan.token, project.pk).server)
    if nature == "key.revoked":
        accounts.revoke_app_user(lan.app_user.pk)
    else:
        AppUser.objects.update(expires_at="2026-01-01T00:00Z")

    answers = [phone.fetch("formList") for _ in range(9)]

    assert {(answer.status, answer.nature) for answer in answers} == {(403, nature)}
    assert not FailedTries.objects.exists()  # it shuts nobody out either
    phone.close()


def test_a_key_that_is_over_says_so_where_too_many_were_guessed(
    base_url: str, project: Project
) -> None:
    lan = accounts.create_app_user(project, "Lan", expires_at=OVER)
    guessed = [Device(f"{base_url}/v1/key/{c * 64}/projects/{project.pk}") for c in "ABCDEFG"]

    tried = [phone.fetch("formList").status for phone in guessed]
    phone = Device(Addresses(base_url, lan.token, project.pk).server)

    assert tried == [403, 403, 403, 403, 403, 429, 429]
    assert phone.fetch("formList").nature == "key.expired"


def test_a_right_password_of_a_device_that_is_over_says_so_too(project: Project) -> None:
    lan = accounts.create_app_user(project, "Lan", has_password=True, expires_at=OVER)
    path = f"/v1/projects/{project.pk}/formList"

    right = [basic(path, lan.app_user.username, lan.password) for _ in range(9)]
    wrong = [basic(path, lan.app_user.username, "x") for _ in range(4)]

    assert right == [403] * 9
    assert wrong == [401, 401, 401, 429]


def test_guessing_the_address_of_a_draft_is_slowed_down(base_url: str, project: Project) -> None:
    def tried(token: str) -> Device:
        return Device(DraftAddresses(base_url, token, project.pk, "household").server)

    same = [tried("x" * 43).fetch("formList").nature for _ in range(4)]
    others = [tried(letter * 43).fetch("formList").status for letter in "abc"]

    assert same == [*["form.draft_unknown"] * 3, "key.too_many_tries"]
    assert others == [404, 404, 429]  # 3 + 2 of the address's 5


def test_a_right_key_opens_even_where_too_many_were_tried(project: Project) -> None:
    lan = accounts.create_app_user(project, "Lan").token

    tried = [form_list(project, letter * 64) for letter in "ABCDEFG"]

    assert tried == [403, 403, 403, 403, 403, 429, 429]
    assert form_list(project, lan) == 200
    assert form_list(project, "H" * 64, address="198.51.100.1") == 403


def test_a_slowed_down_phone_is_told_when_to_come_back(device: Device) -> None:
    """Over HTTP, in OpenRosa's words."""
    base = device.server_url.split("/key/")[0]
    stranger = Device(f"{base}/key/{'Z' * 64}/projects/1")
    answers = [stranger.fetch("formList") for _ in range(4)]

    assert (answers[-1].status, answers[-1].nature) == (429, "key.too_many_tries")
    assert 0 < int(answers[-1].headers["retry-after"]) <= 900
    assert answers[-1].headers["retry-after"] in answers[-1].message


def test_passwords_of_devices_are_slowed_down_too(project: Project) -> None:
    lan = accounts.create_app_user(project, "Lan", has_password=True)
    path = f"/v1/projects/{project.pk}/formList"

    wrong = [basic(path, lan.app_user.username, "x") for _ in range(4)]

    assert wrong == [401, 401, 401, 429]
    assert basic(path, lan.app_user.username, lan.password) == 200


def test_asking_for_the_challenge_is_no_failure(project: Project) -> None:
    url = f"/v1/projects/{project.pk}/formList"

    statuses = {Client().get(url, headers=VERSION).status_code for _ in range(7)}

    assert statuses == {401}


def test_a_right_key_writes_and_asks_nothing_here(project: Project) -> None:
    lan = accounts.create_app_user(project, "Lan").token
    form_list(project, lan)  # notes that it was seen, for the next minute

    with CaptureQueriesContext(
        connection,
    ) as queries:
        form_list(project, lan)

    assert len(queries) == 2  # who, and which forms
    assert all(query["sql"].lstrip().startswith("SELECT") for query in queries)


def test_logging_in_is_slowed_down_before_the_password_is_looked_at(project: Project) -> None:
    builders.member(project)

    statuses = [log_in(f"sai {number}") for number in range(4)]

    assert statuses == [401, 401, 401, 429]
    assert log_in(builders.PASSWORD) == 429  # else guessing on would still tell
    assert log_in(builders.PASSWORD, address="198.51.100.1") == 200


def test_basic_of_the_api_counts_with_the_sessions(project: Project) -> None:
    builders.member(project)
    path = f"/v1/projects/{project.pk}/summary"
    log_in("sai")

    statuses = [basic(path, "LAN@example.org", "sai") for _ in range(3)]

    assert statuses == [401, 401, 429]


def test_getting_in_forgets_what_went_wrong_before(project: Project) -> None:
    builders.member(project)
    log_in("sai")
    log_in("sai")

    assert log_in(builders.PASSWORD) == 200
    assert [log_in("sai") for _ in range(3)] == [401, 401, 401]


def test_a_window_ends_and_old_counts_are_cleared(project: Project) -> None:
    for account in ("a", "b"):
        throttle.failed(OFFICE, account)
    FailedTries.objects.update(began_at="2026-01-01T00:00Z", failures=99)

    throttle.failed(OFFICE, "a")

    assert list(FailedTries.objects.values_list("failures", flat=True)) == [1, 1]


def test_an_ipv6_network_is_one_address(project: Project) -> None:
    for number in range(5):
        throttle.failed(f"2001:db8:1:2::{number}", f"account {number}")

    with pytest.raises(TooManyTries):
        throttle.failed("2001:db8:1:2:ffff::1", "another")
    throttle.failed("2001:db8:1:3::1", "another")


def test_neither_addresses_nor_accounts_are_kept(project: Project) -> None:
    throttle.failed(OFFICE, "lan@example.org")

    kept = str(list(FailedTries.objects.values()))
    assert OFFICE not in kept
    assert "lan" not in kept
