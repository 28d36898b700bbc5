"""Forms made, tried, published and removed by programs (openrosa.md §6.2)."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import Settings

from server.forms import drafts, validate
from server.forms.models import Draft, Form, FormVersion
from server.projects import access, accounts
from server.projects.models import AppUser, Project
from tests import builders
from tests.api.conftest import Answer, Program
from tests.api.test_forms import SMALL, SMALL_XFORM, at, send
from tests.api.test_forms import hop as hop
from tests.api.test_forms import manager as manager

CHANGED = SMALL_XFORM.replace('version="1"', 'version="2"').replace(
    '"/data/xa" type="string"', '"/data/xa" type="int"'
)
WITH_FILE = SMALL_XFORM.replace("<bind", '<instance id="gia" src="jr://file-csv/gia.csv"/><bind', 1)
WARNED = (
    SMALL.replace("| text | xa   | Xã    |", "| select_one a | xa | Xã |")
    + "| choices | list_name | name | label |\n| | a | 1 | |\n"
)
BROKEN = SMALL.replace("| text | xa ", "| texte | xa ")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _quick_forms(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    # Java and the compiler take a second each time; tests/workbooks asks them.
    monkeypatch.setattr(validate, "is_available", lambda: False)
    settings.ACCEPT_XFORMS = True


@pytest.fixture
def project(transactional_db: None) -> Project:
    return builders.project()


def give(program: Program, path: str, body: bytes | str = b"", **options: Any) -> Answer:
    return program.ask("POST", path, data=body, content_type="application/xml", **options)


def made(program: Program, project: Project, body: bytes | str = SMALL_XFORM) -> Answer:
    return give(program, at(project, "/forms?publish=true"), body)


@pytest.mark.row("RS08")
def test_a_form_is_a_draft_unless_it_is_to_be_published(manager: Program, project: Project) -> None:
    drafted = give(manager, at(project, "/forms"), SMALL_XFORM).json
    other = made(manager, project, SMALL_XFORM.replace('id="hop"', 'id="khac"')).json

    assert (drafted["xmlFormId"], drafted["publishedAt"]) == ("hop", None)
    assert drafts.find(drafted["draftToken"], project.pk, "hop").version == "1"
    assert other["publishedAt"] is not None
    assert "draftToken" not in other


@pytest.mark.row("RS06", "RS07")
def test_a_workbook_with_warnings_is_taken_by_who_ignores_them(
    manager: Program, project: Project
) -> None:
    warned, broken = builders.workbook(WARNED), builders.workbook(BROKEN)

    refused = give(manager, at(project, "/forms"), warned)
    taken = give(manager, at(project, "/forms?ignoreWarnings=True"), warned)
    wrong = give(manager, at(project, "/forms?ignoreWarnings=True"), broken)

    assert (refused.json["code"], refused.nature) == (400.16, "form.warnings")
    assert len(refused.json["details"]["warnings"]["xlsFormWarnings"]) == 1
    assert taken.status == 200
    assert (wrong.json["code"], wrong.nature) == (400.15, "form.workbook_refused")
    assert "texte" in wrong.json["details"]["error"]
    assert wrong.json["details"]["complaints"][0]["place"] == "survey!2"


@pytest.mark.parametrize(
    ("body", "code", "nature"),
    [
        (b"", 400.15, "form.definition_unreadable"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 400.15, "form.definition_unreadable"),
        (b"PK\x03\x04 cut off", 400.15, "workbook.unreadable"),
        ("<a", 400.1, "xml.malformed"),
        (SMALL_XFORM.replace('id="hop"', 'id="hop.xml"'), 400.8, "form.id_unusable"),
        (SMALL_XFORM.replace('id="hop"', 'id="a/b"'), 400.8, "form.id_unusable"),
        (SMALL_XFORM.replace("instanceID", "other"), 400.27, "form.meta_missing"),
    ],
)
def test_what_is_no_form_is_refused_in_a_sentence(
    manager: Program, project: Project, body: bytes | str, code: float, nature: str
) -> None:
    answer = made(manager, project, body)

    assert (answer.json["code"], answer.nature) == (code, nature)
    assert not Form.objects.exists()


def test_an_xform_is_refused_where_nobody_has_said_otherwise(
    manager: Program, project: Project, settings: Settings
) -> None:
    settings.ACCEPT_XFORMS = False

    assert made(manager, project).nature == "form.xform_refused"
    assert not Form.objects.exists()


@pytest.mark.row("RS09", "RS48")
def test_a_form_is_made_once(manager: Program, project: Project) -> None:
    made(manager, project)

    assert made(manager, project).json["code"] == 409.3
    assert give(manager, at(project, "/forms"), SMALL_XFORM).nature == "form.taken"


@pytest.mark.row("RS10")
def test_a_version_that_was_published_never_is_again(manager: Program, project: Project) -> None:
    made(manager, project)
    manager.ask("DELETE", at(project, "/forms/hop"))

    deleted = made(manager, project)
    restored = give(manager, at(project, "/forms/hop/restore"))
    give(manager, at(project, "/forms/hop/draft"))
    again = give(manager, at(project, "/forms/hop/draft/publish"))

    assert (deleted.json["code"], deleted.nature) == (409.3, "form.deleted")
    assert restored.json == {"success": True}
    assert (again.json["code"], again.nature) == (409.6, "form.version_unchanged")
    assert FormVersion.objects.count() == 1


def test_a_form_in_the_trash_is_restored_by_the_number_it_is_told_under(
    manager: Program, project: Project
) -> None:
    made(manager, project)
    manager.ask("DELETE", at(project, "/forms/hop"))
    (trashed,) = manager.get(at(project, "/forms?deleted=true")).json
    other = Form.objects.create(project=builders.project("Khác"), form_id="la").pk

    asked = (str(other), "0", "9" * 30, f"{trashed['id']}")
    restored = [give(manager, at(project, f"/forms/{one}/restore")).status for one in asked]

    assert trashed["deletedAt"].endswith("Z")
    assert restored == [404, 404, 404, 200]
    assert "deletedAt" not in manager.get(at(project, "/forms/hop")).json


@pytest.mark.row("RS11")
def test_a_draft_is_published_under_another_version(manager: Program, project: Project) -> None:
    first = made(manager, project).json
    give(manager, at(project, "/forms/hop/draft"))

    done = give(manager, at(project, "/forms/hop/draft/publish?version=2026.1"))
    now = manager.get(at(project, "/forms/hop")).json

    assert done.json == {"success": True}
    assert now["version"] == "2026.1"
    assert now["hash"] == FormVersion.objects.get(version="2026.1").md5 != first["hash"]
    assert b'version="2026.1"' in bytes(FormVersion.objects.get(version="2026.1").xform)
    assert give(manager, at(project, "/forms/hop/draft/publish")).nature == "form.draft_missing"


@pytest.mark.parametrize("version", ["%01", "%EF%BF%BE", "a" * 250])
def test_no_version_is_taken_that_an_xform_could_not_say(
    manager: Program, project: Project, version: str
) -> None:
    give(manager, at(project, "/forms"), SMALL_XFORM)

    answer = give(manager, at(project, f"/forms/hop/draft/publish?version={version}"))

    assert answer.nature == "parameter.invalid"


@pytest.mark.row("RS12")
def test_an_empty_body_copies_what_is_published(manager: Program, project: Project) -> None:
    give(manager, at(project, "/forms"), WITH_FILE)
    give(manager, at(project, "/forms/hop/draft/attachments/gia.csv"), b"name,label\n")
    early = give(manager, at(project, "/forms/hop/draft"))
    give(manager, at(project, "/forms/hop/draft/publish"))

    give(manager, at(project, "/forms/hop/draft"))
    (file,) = manager.get(at(project, "/forms/hop/draft/attachments")).json

    assert early.nature == "form.nothing_to_copy"
    assert manager.get(at(project, "/forms/hop/draft")).json["version"] == "1"
    assert (file["name"], file["exists"], file["size"]) == ("gia.csv", True, 11)


@pytest.mark.row("RS13")
def test_a_question_keeps_its_type(manager: Program, project: Project) -> None:
    made(manager, project)

    answer = give(manager, at(project, "/forms/hop/draft"), CHANGED)

    assert answer.json["code"] == 400.17
    assert answer.json["details"]["complaints"][0]["nature"] == "form.type_changed"
    assert not Draft.objects.exists()


def test_a_draft_keeps_the_files_of_the_one_before_it(manager: Program, project: Project) -> None:
    give(manager, at(project, "/forms"), WITH_FILE)
    give(manager, at(project, "/forms/hop/draft/attachments/gia.csv"), b"name,label\n")

    again = give(manager, at(project, "/forms/hop/draft"), WITH_FILE)
    (file,) = manager.get(at(project, "/forms/hop/draft/attachments")).json

    assert again.json["success"] is True
    assert (file["blobExists"], file["datasetExists"]) == (True, False)
    assert Draft.objects.living().count() == 1


@pytest.mark.row("RS14")
def test_a_file_has_a_name_that_the_form_knows_and_bytes(
    manager: Program, project: Project
) -> None:
    give(manager, at(project, "/forms"), WITH_FILE)
    files = at(project, "/forms/hop/draft/attachments")

    unknown = give(manager, f"{files}/la.csv", b"name\n")
    empty = give(manager, f"{files}/gia.csv")

    assert (unknown.json["code"], unknown.nature) == (404.1, "form.attachment_unexpected")
    assert empty.nature == "body.empty"
    assert manager.get(files).json[0]["exists"] is False


def test_a_draft_is_of_the_form_in_the_address(manager: Program, project: Project) -> None:
    made(manager, project)
    other = SMALL_XFORM.replace('id="hop"', 'id="khac"')

    assert give(manager, at(project, "/forms/hop/draft"), other).json["code"] == 400.8
    assert give(manager, at(project, "/forms/khac/draft"), other).json["code"] == 404.1


def test_a_draft_is_discarded_but_not_the_only_one(manager: Program, project: Project) -> None:
    give(manager, at(project, "/forms"), SMALL_XFORM)
    only = manager.ask("DELETE", at(project, "/forms/hop/draft"))
    give(manager, at(project, "/forms/hop/draft/publish"))
    give(manager, at(project, "/forms/hop/draft"))

    assert (only.json["code"], only.nature) == (409.7, "form.draft_only")
    assert manager.ask("DELETE", at(project, "/forms/hop/draft")).json == {"success": True}
    assert manager.get(at(project, "/forms/hop/draft")).nature == "form.draft_missing"


def test_what_was_published_is_told_version_by_version(manager: Program, project: Project) -> None:
    made(manager, project, SMALL_XFORM.replace('version="1"', 'version=""'))
    give(manager, at(project, "/forms/hop/draft"))
    give(manager, at(project, "/forms/hop/draft/publish?version=2"))

    newest, oldest = manager.get(at(project, "/forms/hop/versions")).json

    assert (newest["version"], newest["current"]) == ("2", True)
    assert (oldest["version"], oldest["current"]) == ("", False)
    assert manager.get(at(project, "/forms/hop/versions/___")).json == oldest
    assert 'version=""' in manager.get(at(project, "/forms/hop/versions/___.xml")).text
    assert manager.get(at(project, "/forms/hop/versions/9")).nature == "form.version_unknown"


def test_questions_are_told_with_their_groups(manager: Program, project: Project) -> None:
    grouped = SMALL_XFORM.replace("<xa/>", "<nhom.1><xa/></nhom.1>")
    made(manager, project, grouped)
    give(manager, at(project, "/forms/hop/draft"))

    plain = manager.get(at(project, "/forms/hop/fields")).json
    odata = manager.get(at(project, "/forms/hop/fields?odata=true")).json

    assert [(field["path"], field["type"]) for field in plain] == [
        ("/nhom.1", "structure"),
        ("/nhom.1/xa", "string"),
        ("/meta", "structure"),
        ("/meta/instanceID", "string"),
    ]
    assert odata[1]["path"] == "/nhom_1/xa"
    assert manager.get(at(project, "/forms/hop/draft/fields")).json == plain


def test_a_list_that_the_server_makes_is_for_managers(
    manager: Program, program: Program, project: Project
) -> None:
    made(manager, project, WITH_FILE.replace("gia.csv", "inspectors.csv"))
    accounts.create_app_user(project, "Chị Lan")
    path = at(project, "/forms/hop/attachments/inspectors.csv")

    assert "Chị Lan" in manager.get(path).text
    assert manager.get(path).headers["X-Content-Type-Options"] == "nosniff"
    assert program.get(path).nature == "form.attachment_missing"


def test_a_form_is_closed(manager: Program, project: Project) -> None:
    made(manager, project)

    closed = send(manager, "PATCH", at(project, "/forms/hop"), state="closing")
    wrong = send(manager, "PATCH", at(project, "/forms/hop"), state="shut")

    assert closed.json["state"] == "closing"
    assert wrong.nature == "parameter.invalid"


@pytest.mark.parametrize("role", ["2", "app-user"])
def test_a_form_is_taken_from_a_device(manager: Program, project: Project, role: str) -> None:
    made(manager, project)
    made(manager, project, SMALL_XFORM.replace('id="hop"', 'id="khac"'))
    device = accounts.create_app_user(project, "Chị Lan").app_user
    path = at(project, f"/forms/hop/assignments/{role}/{device.pk}")

    assert manager.ask("DELETE", path).json == {"success": True}
    device = AppUser.objects.get()
    assert (access.may_open(device, "hop"), access.may_open(device, "khac")) == (False, True)
    assert give(manager, path).json == {"success": True}
    assert access.may_open(AppUser.objects.get(), "hop")
    assert give(manager, at(project, f"/forms/hop/assignments/5/{device.pk}")).status == 404


@pytest.mark.parametrize(
    ("method", "below"),
    [
        ("POST", "/forms"),
        ("PATCH", "/forms/hop"),
        ("DELETE", "/forms/hop"),
        ("POST", "/forms/hop/restore"),
        ("GET", "/forms/hop/draft"),
        ("GET", "/forms/hop/draft.xml"),
        ("POST", "/forms/hop/draft"),
        ("DELETE", "/forms/hop/draft"),
        ("POST", "/forms/hop/draft/publish"),
        ("POST", "/forms/hop/draft/attachments/gia.csv"),
        ("POST", "/forms/hop/assignments/2/1"),
    ],
)
def test_who_is_no_manager_changes_nothing(
    program: Program, project: Project, hop: FormVersion, method: str, below: str
) -> None:
    answer = program.ask(method, at(project, below), data=b"{}", content_type="application/json")

    assert (answer.json["code"], answer.nature) == (404.1, "not_found")
    assert Form.objects.living().count() == 1
