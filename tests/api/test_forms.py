"""People, projects, app users and forms as ODK Central's clients ask for them."""

from __future__ import annotations

import base64
import io
import json
import zlib
from typing import Any

import pytest
import zxingcpp
from django.utils import timezone
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from server.forms.models import Draft, Form, FormVersion
from server.projects import access, accounts
from server.projects.models import AppUser, Membership, Project, Role, User
from tests import builders
from tests.api.conftest import Answer, Program
from tests.api.test_recommendations import signed_in

SMALL = """
| survey   | type | name | label |
|          | text | xa   | Xã    |
| settings | form_title | form_id | version |
|          | Họp thôn   | hop     | 1       |
"""

SMALL_XFORM = """<?xml version="1.0" encoding="UTF-8"?>
<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml">
  <h:head><h:title>Họp thôn</h:title><model>
    <instance><data id="hop" version="1"><xa/><meta><instanceID/></meta></data></instance>
    <bind nodeset="/data/xa" type="string"/>
    <bind nodeset="/data/meta/instanceID" type="string"/>
  </model></h:head>
  <h:body><input ref="/data/xa"><label>Xã</label></input></h:body>
</h:html>
"""


@pytest.fixture
def manager(project: Project) -> Program:
    return signed_in(project, Role.MANAGER)


@pytest.fixture
def hop(project: Project) -> FormVersion:
    return builders.form(project, SMALL)


def at(project: Project, below: str = "") -> str:
    return f"/v1/projects/{project.pk}{below}"


def send(program: Program, method: str, path: str, **body: Any) -> Answer:
    return program.ask(method, path, data=json.dumps(body), content_type="application/json")


def test_a_person_learns_who_they_are(program: Program, stranger: Program) -> None:
    me = program.get("/v1/users/current").json

    assert (me["type"], me["email"], me["displayName"]) == ("user", "lan@example.org", "Lan")
    assert me["createdAt"].endswith("Z") and len(me["createdAt"]) == len("2026-05-20T03:00:00.000Z")
    assert me == program.get(f"/v1/users/{me['id']}").json
    assert me["lastLoginAt"] is not None
    assert stranger.get("/v1/users/current").json["code"] == 401.2


def test_a_person_sees_their_own_projects_only(program: Program, project: Project) -> None:
    other = builders.project("Chương trình khác")

    listed = program.get("/v1/projects").json

    assert [(one["id"], one["name"]) for one in listed] == [(project.pk, "Thái Nguyên")]
    assert program.get(at(project)).json == listed[0]
    assert program.get(at(other)).json["code"] == 404.1


def test_projects_that_are_over_come_last(manager: Program, project: Project, lan: User) -> None:
    for name in ("Ba Bể", "Yên Bái"):
        Membership.objects.create(
            user=User.objects.get(email=manager.get("/v1/users/current").json["email"]),
            project=builders.project(name),
            role=Role.MANAGER,
        )
    Project.objects.filter(name="Ba Bể").update(archived_at=timezone.now())

    plain, extended = (
        [one["name"] for one in manager.get("/v1/projects", headers=headers).json]
        for headers in ({}, {"X-Extended-Metadata": "true"})
    )

    assert plain == extended == ["Thái Nguyên", "Yên Bái", "Ba Bể"]


def test_figures_are_told_to_those_who_ask(
    manager: Program, project: Project, hop: FormVersion
) -> None:
    accounts.create_app_user(project, "Chị Lan")
    accounts.revoke_app_user(accounts.create_app_user(project, "Chị Mai").app_user.pk)
    builders.arrive(
        project, b'<data id="hop" version="1"><meta><instanceID>uuid:1</instanceID></meta></data>'
    )
    asked = {"X-Extended-Metadata": "true"}

    told = manager.get(at(project), headers=asked).json
    (form,) = manager.get(at(project, "/forms"), headers=asked).json

    assert (told["forms"], told["appUsers"]) == (1, 1)
    assert told["lastSubmission"] == form["lastSubmission"]
    assert form["submissions"] == 1
    assert form["reviewStates"] == {"received": 1, "hasIssues": 0, "edited": 0}
    assert form == manager.get(at(project, "/forms/hop"), headers=asked).json
    (device,) = manager.get(at(project, "/app-users"), headers=asked).json
    (version,) = manager.get(at(project, "/forms/hop/versions"), headers=asked).json
    assert (device["createdBy"], version["publishedBy"]) == (None, None)  # by commands
    assert version == manager.get(at(project, "/forms/hop/versions/1"), headers=asked).json
    send(manager, "POST", at(project, "/app-users"), displayName="Chị Đào")
    for path in ("draft", "draft/publish?version=2"):
        assert manager.ask("POST", at(project, f"/forms/hop/{path}")).status == 200
    newest = manager.get(at(project, "/app-users"), headers=asked).json[0]
    versions = manager.get(at(project, "/forms/hop/versions"), headers=asked).json
    assert newest["createdBy"]["displayName"] == "Lan"
    assert [one["publishedBy"] is None for one in versions] == [False, True]


def test_a_key_comes_as_the_code_that_a_phone_scans(manager: Program, project: Project) -> None:
    asked = at(project, "/app-users?qr=")
    png = send(manager, "POST", f"{asked}png", displayName="Chị Lan").json
    svg = send(manager, "POST", f"{asked}svg", displayName="Chị Mai").json

    found = zxingcpp.read_barcode(Image.open(io.BytesIO(base64.b64decode(png["qr"]))).convert("L"))
    assert found is not None
    told = json.loads(zlib.decompress(base64.b64decode(found.text)))
    assert told["general"]["server_url"] == png["serverUrl"]
    assert png["token"] in png["serverUrl"]
    assert svg["qr"].startswith("<svg")
    assert send(manager, "POST", f"{asked}gif", displayName="X").nature == "parameter.invalid"


def test_a_key_is_told_once(manager: Program, project: Project) -> None:
    made = send(manager, "POST", at(project, "/app-users"), displayName="Chị Lan").json
    (listed,) = manager.get(at(project, "/app-users")).json

    assert access.app_user(made["token"], project.pk).display_name == "Chị Lan"
    assert {**made, "token": ""} == listed
    assert not access.may_open(AppUser.objects.get(), "hop")


def test_a_key_is_taken_back(manager: Program, project: Project) -> None:
    made = send(manager, "POST", at(project, "/app-users"), displayName="Chị Lan").json
    path = at(project, f"/app-users/{made['id']}")

    assert manager.ask("DELETE", path).json == {"success": True}
    assert manager.ask("DELETE", path).json == {"success": True}
    assert manager.get(at(project, "/app-users")).json == []
    assert AppUser.objects.get().revoked_at is not None


def test_keys_are_for_managers_of_their_own_project(
    manager: Program, program: Program, project: Project
) -> None:
    others = accounts.create_app_user(builders.project("Khác"), "Anh Hải").app_user

    assert program.get(at(project, "/app-users")).status == 404
    answer = manager.ask("DELETE", at(project, f"/app-users/{others.pk}"))
    assert (answer.status, answer.nature) == (404, "app_user.unknown")
    assert AppUser.objects.get().revoked_at is None


@pytest.mark.row("RS04")
def test_a_form_has_every_key_that_pyodk_insists_on(
    program: Program, project: Project, hop: FormVersion
) -> None:
    (form,) = program.get(at(project, "/forms")).json

    assert form == program.get(at(project, "/forms/hop")).json
    assert (form["xmlFormId"], form["name"], form["version"]) == ("hop", "Họp thôn", "1")
    assert (form["hash"], form["state"], form["projectId"]) == (hop.md5, "open", project.pk)
    assert form["publishedAt"] == form["updatedAt"] != None  # noqa: E711
    assert (form["enketoId"], form["keyId"]) == (None, None)


@pytest.mark.row("RS48")
def test_a_form_that_is_a_draft_only_is_for_managers(
    manager: Program, program: Program, project: Project, hop: FormVersion
) -> None:
    drafted(project)

    (first, form) = sorted(manager.get(at(project, "/forms")).json, key=lambda f: f["xmlFormId"])

    assert (first["xmlFormId"], first["publishedAt"], first["version"]) == ("ban_thu", None, "7")
    assert form["publishedAt"] is not None
    assert len(program.get(at(project, "/forms")).json) == 1
    assert program.get(at(project, "/forms/ban_thu")).json["code"] == 404.1
    assert program.get(at(project, "/forms/ban_thu.xml")).json["code"] == 404.1


def drafted(project: Project) -> Draft:
    form = Form.objects.create(project=project, form_id="ban_thu")
    return Draft.objects.create(
        form=form,
        version="7",
        title="Thử",
        xform=b"<h/>",
        md5="0" * 32,
        token_sha256="1" * 64,
        schema={"fields": [], "choices": {}},
        conditions={},
    )


def test_the_xform_is_what_phones_get(
    program: Program, stranger: Program, project: Project, hop: FormVersion
) -> None:
    answer = program.get(at(project, "/forms/hop.xml"))

    assert answer.headers["Content-Type"] == "application/xml"
    assert answer.text.encode() == bytes(hop.xform)
    assert program.get(at(project, "/forms/none.xml")).nature == "form.unknown"
    # Without a session it is OpenRosa's address, where a device is asked for its password.
    assert stranger.get(at(project, "/forms/hop.xml")).headers["WWW-Authenticate"][:6] == "Digest"


def test_a_form_without_a_workbook_has_none_to_give(
    program: Program, project: Project, hop: FormVersion
) -> None:
    assert program.get(at(project, "/forms/hop.xlsx")).json["code"] == 404.1


def test_a_name_that_no_database_can_hold_is_not_found(program: Program, project: Project) -> None:
    assert program.get(at(project, "/forms/a%00b")).json["code"] == 404.1


@pytest.mark.parametrize("below", ["/forms", "/app-users"])
def test_long_lists_ask_no_more_questions(
    manager: Program,
    project: Project,
    below: str,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(3):
        builders.form(project, SMALL.replace("| hop ", f"| hop{number} "))
        accounts.create_app_user(project, f"Máy {number}")

    with django_assert_max_num_queries(7):
        listed = manager.get(at(project, below), headers={"X-Extended-Metadata": "true"}).json

    assert len(listed) == 3


@pytest.mark.parametrize(
    ("username", "headers", "is_program"),
    [
        ("lan@example.org", {}, True),
        ("u12", {}, False),
        ("lan@example.org", {"X-OpenRosa-Version": "1.0"}, False),
    ],
)
def test_an_address_that_phones_have_too_is_a_programs_for_people(
    stranger: Program,
    lan: User,
    project: Project,
    hop: FormVersion,
    username: str,
    headers: dict[str, str],
    is_program: bool,
) -> None:
    encoded = base64.b64encode(f"{username}:{builders.PASSWORD}".encode()).decode()

    answer = stranger.get(
        at(project, "/forms/hop.xml"), headers={"Authorization": f"Basic {encoded}", **headers}
    )

    assert answer.status == (200 if is_program else 401)
    assert ("X-OpenRosa-Version" in answer.headers) is not is_program
