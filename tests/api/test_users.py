"""Accounts as programs make and keep them, by Central's addresses (openrosa.md §6.2)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pytest_django import Settings

from server.projects import accounts, people, second_factor
from server.projects.models import AuditEntry, Membership, PasswordLink, Project, Role, User
from tests import builders
from tests.api.conftest import Answer, Program
from tests.api.test_keys import script
from tests.api.test_review import signed_in

GOOD = "bốn từ chẳng liên quan "  # the space at its end is part of it
HOA = {"email": "Hoa.Moi@example.org", "displayName": "Nguyễn  Thị Hoa"}


@pytest.fixture
def manager(project: Project) -> Program:
    return signed_in(project, "quan.ly", Role.MANAGER)


@pytest.fixture
def other(db: None) -> Program:
    return signed_in(builders.project("Chương trình khác"), "chi.khac", Role.MANAGER)


def send(program: Program, method: str, path: str, **given: Any) -> Answer:
    return program.ask(method, path, data=json.dumps(given), content_type="application/json")


def make(program: Program, query: str = "", **given: Any) -> Answer:
    return send(program, "POST", f"/v1/users{query}", **{**HOA, **given})


def emails(answer: Answer) -> list[str]:
    return sorted(one["email"] for one in answer.json)


def person(email: str) -> User:
    return User.objects.get(email=email)


def acts_on(user_id: int) -> list[str]:
    found = AuditEntry.objects.filter(object_kind="user", object_name=str(user_id))
    return list(found.order_by("pk").values_list("action", flat=True))


def test_a_script_sets_a_project_up(manager: Program, project: Project) -> None:
    made = make(manager, "?link=true")
    token = made.json["link"].rpartition("/")[2]
    at = f"/v1/projects/{project.pk}/assignments/viewer/{made.json['id']}"
    joined = [send(manager, "POST", at).status, send(manager, "POST", at).status]
    chosen = send(Program(token), "POST", "/v1/users/reset/verify", new=GOOD)
    again = send(Program(token), "POST", "/v1/users/reset/verify", new=GOOD)
    opened = send(Program(), "POST", "/v1/sessions", email=HOA["email"], password=GOOD)
    mine = Program(opened.json["token"]).get(f"/v1/projects/{project.pk}")

    assert (made.status, made.json["email"]) == (200, "hoa.moi@example.org")
    assert (made.json["type"], made.json["displayName"]) == ("user", "Nguyễn Thị Hoa")
    assert joined == [200, 200]
    assert (chosen.json, again.nature) == ({"success": True}, "password.link_void")
    assert (opened.status, mine.status) == (200, 200)
    assert acts_on(made.json["id"]) == [
        "user.create",
        "user.password_link.create",
        "user.assignment.create",
        "user.password_link.use",
        "user.session.create",
    ]


def test_an_account_has_a_password_or_waits_for_a_link(manager: Program, program: Program) -> None:
    waiting = make(manager)
    ready = make(manager, email="b@example.org", password=GOOD)
    weak = make(manager, email="c@example.org", password="1234567890123")
    taken = make(manager)
    nameless = send(manager, "POST", "/v1/users", email="d@example.org")
    by_others = [make(one, email="e@example.org").status for one in (program, Program())]
    has_link = PasswordLink.objects.exists()
    later = send(manager, "POST", "/v1/users/reset/initiate?link=true", email=HOA["email"])

    assert "link" not in waiting.json
    assert (has_link, "/dat-mat-khau/" in later.json["link"]) == (False, True)
    assert by_others == [404, 401]
    assert person("b@example.org").check_password(GOOD)
    assert (ready.status, weak.json["code"], taken.json["code"]) == (200, 400.44, 409.3)
    assert nameless.json["displayName"] == "d@example.org"
    assert make(manager, email="không phải").nature == "parameter.invalid"
    # 242 characters, of which each İ is two in lower case.
    long = "a@" + ".".join(["İ" * 59] * 4)
    assert make(manager, email=long).nature == "parameter.invalid"
    assert not User.objects.filter(email="c@example.org").exists()


@pytest.mark.parametrize("nothing", ["", None])
def test_what_is_blank_did_not_come(manager: Program, nothing: str | None) -> None:
    made = make(manager, password=nothing, displayName=nothing)

    assert (made.status, made.json["displayName"]) == (200, "hoa.moi@example.org")
    assert not person("hoa.moi@example.org").has_usable_password()


def test_managers_find_their_own_people_and_others_by_exact_address(
    manager: Program, other: Program, program: Program
) -> None:
    everybody = manager.get("/v1/users")
    by_name = manager.get("/v1/users?q=LAN@")
    guessed = manager.get("/v1/users?q=chi.khac")
    exact = manager.get("/v1/users?q=Chi.Khac@example.org")
    of_viewer = [program.get(f"/v1/users{q}") for q in ("", "?q=chi.khac@example.org")]

    assert emails(everybody) == ["lan@example.org", "quan.ly@example.org"]
    assert (emails(by_name), emails(guessed)) == (["lan@example.org"], [])
    assert emails(exact) == ["chi.khac@example.org"]
    assert (exact.json[0]["lastLoginAt"], len(by_name.json[0]["lastLoginAt"])) == (None, 24)
    assert "user.find" in acts_on(person("chi.khac@example.org").pk)
    assert [emails(one) for one in of_viewer] == [["lan@example.org"], []]


def test_an_account_of_no_project_is_its_maker_s_alone(
    manager: Program, other: Program, project: Project
) -> None:
    made = make(manager).json["id"]
    there = Membership.objects.get(user__email="chi.khac@example.org").project
    by_number = send(other, "POST", f"/v1/projects/{there.pk}/assignments/viewer/{made}")
    reset = send(other, "POST", "/v1/users/reset/initiate?link=true", email=HOA["email"])
    mine = manager.get(f"/v1/users/{made}")
    send(manager, "POST", f"/v1/projects/{project.pk}/assignments/viewer/{made}")
    again = f"/v1/projects/{there.pk}/assignments/viewer/{made}"
    still = send(other, "POST", again)
    blindly = send(other, "POST", again, email=HOA["email"])
    knowing = send(other, "POST", f"{again}?link=true", email=HOA["email"])

    assert [by_number.nature, still.nature] == ["person.unknown"] * 2
    assert [reset.status, other.get(f"/v1/users/{made + 1000}").status] == [404, 404]
    assert (mine.status, blindly.nature, knowing.status) == (200, "person.needs_link", 200)
    assert (knowing.json["isInvited"], "/loi-moi/" in knowing.json["link"]) == (True, True)
    # Not before the invitation is accepted.
    assert emails(other.get("/v1/users")) == ["chi.khac@example.org"]


def test_a_name_changes_and_an_address_does_not(
    manager: Program, program: Program, project: Project, lan: User
) -> None:
    at = f"/v1/users/{lan.pk}"
    own = send(program, "PATCH", at, displayName="Lan Anh")
    by_manager = send(manager, "PATCH", at, displayName="Hà Thị Lan", email=lan.email)
    moved = send(manager, "PATCH", at, email="khac@example.org")
    boss = person("quan.ly@example.org").pk
    upwards = send(program, "PATCH", f"/v1/users/{boss}", displayName="x")
    accounts.join(lan, builders.project("Nơi khác"), Role.VIEWER)
    shared = send(manager, "PATCH", at, displayName="x")

    assert (own.json["displayName"], by_manager.json["displayName"]) == ("Lan Anh", "Hà Thị Lan")
    assert (moved.nature, upwards.status) == ("parameter.invalid", 404)
    assert shared.nature == "person.of_others"


def test_deleting_locks_and_keeps_a_manager(manager: Program, program: Program, lan: User) -> None:
    boss = person("quan.ly@example.org").pk
    last = manager.ask("DELETE", f"/v1/users/{boss}")
    by_viewer = program.ask("DELETE", f"/v1/users/{lan.pk}")
    done = [manager.ask("DELETE", f"/v1/users/{lan.pk}").json for _ in "12"]

    assert (last.nature, by_viewer.status) == ("person.last_manager", 404)
    assert done == [{"success": True}] * 2
    assert program.get("/v1/users/current").status == 401
    assert lan.email in emails(manager.get("/v1/users"))
    assert acts_on(lan.pk)[-1] == "user.lock"


def test_one_s_own_password_changes_for_the_old_one_and_others_end(
    program: Program, lan: User, manager: Program, settings: Settings
) -> None:
    settings.THROTTLE_TRIES = 2
    second = accounts.open_session(lan.email, builders.PASSWORD)
    assert second is not None
    at = f"/v1/users/{lan.pk}/password"
    wrong = send(program, "PUT", at, old="sai", new=GOOD)
    by_manager = send(manager, "PUT", at, old=builders.PASSWORD, new=GOOD)
    done = send(program, "PUT", at, old=builders.PASSWORD, new=GOOD)
    tried = [send(program, "PUT", at, old=f"sai {n}", new=GOOD).status for n in range(3)]

    assert (wrong.json["code"], wrong.nature) == (401.2, "auth.old_password")
    assert (by_manager.nature, done.json) == ("password.of_another", {"success": True})
    assert program.get("/v1/users/current").status == 200
    assert Program(second.token).get("/v1/users/current").status == 401
    assert tried == [401, 401, 429]


def test_a_reset_tells_its_link_once_and_leaves_two_step_sign_in(
    manager: Program, program: Program, lan: User
) -> None:
    second_factor.begin(lan)
    at = "/v1/users/reset/initiate"
    lost = send(manager, "POST", at, email=lan.email)
    alive = program.get("/v1/users/current").status
    given = send(manager, "POST", f"{at}?link=true", email=lan.email)
    own = send(manager, "POST", f"{at}?link=true", email="quan.ly@example.org")
    by_anybody = send(Program(), "POST", f"{at}?link=true", email=lan.email)

    assert (lost.nature, alive) == ("parameter.invalid", 200)
    assert given.json["link"].startswith("http://testserver/dat-mat-khau/")
    assert program.get("/v1/users/current").status == 401
    assert (own.nature, by_anybody.status) == ("person.is_you", 401)
    assert hasattr(person(lan.email), "second_factor")


def test_tokens_that_set_passwords_are_not_to_be_guessed(db: None, settings: Settings) -> None:
    settings.THROTTLE_ADDRESS_TRIES = 2
    at = "/v1/users/reset/verify"
    tried = [send(Program(f"x{n}"), "POST", at, new=GOOD).status for n in range(3)]

    assert tried == [410, 410, 429]


def test_a_key_reads_its_own_project_s_people_and_changes_nobody(
    manager: Program, project: Project, lan: User
) -> None:
    boss = person("quan.ly@example.org")
    elsewhere = builders.project("Cũng của chị ấy")
    accounts.join(boss, elsewhere, Role.MANAGER)
    builders.member(elsewhere, "nam@example.org")
    key = script(manager, project, role="manager", readOnly=False)
    link = "/v1/users/reset/initiate?link=true"
    refused = [
        make(key),
        send(key, "POST", link, email=lan.email),
        send(key, "PATCH", f"/v1/users/{lan.pk}", displayName="x"),
        key.ask("DELETE", f"/v1/users/{lan.pk}"),
        send(key, "PUT", f"/v1/users/{boss.pk}/password", old=builders.PASSWORD, new=GOOD),
    ]

    assert emails(key.get("/v1/users")) == ["lan@example.org", "quan.ly@example.org"]
    assert emails(key.get("/v1/users?q=nam@example.org")) == []
    assert {one.nature for one in refused} == {"account.by_key"}
    assert not User.objects.filter(email=HOA["email"].lower()).exists()


def test_roles_have_names(program: Program) -> None:
    found = program.get("/v1/roles").json
    one = program.get("/v1/roles/manager").json

    assert [role["system"] for role in found] == ["manager", "supervisor", "viewer", "app-user"]
    assert [role["id"] for role in found] == [5, 100, 6, 2]
    assert (one, program.get("/v1/roles/2").json) == (found[0], found[3])
    assert program.get("/v1/roles/king").status == 404


def test_a_list_of_people_takes_as_many_queries_however_many_there_are(
    manager: Program, project: Project, django_assert_num_queries: Any
) -> None:
    boss = person("quan.ly@example.org")

    def asked() -> int:
        with django_assert_num_queries(3):
            return len(manager.get("/v1/users").json)

    few = asked()
    for n in range(3):
        builders.member(project, f"n{n}@example.org")

    assert (few, asked()) == (1, 4)
    assert people.known_to(boss).count() == 4
