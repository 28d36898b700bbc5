"""pyodk, the client of ODK Central, unpatched: users, projects, app users and forms."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyodk._utils.config import CentralConfig, Config
from pyodk.client import Client
from pyodk.errors import PyODKError
from pytest_django import Settings

from server.forms import validate
from server.projects import access
from server.projects.models import Project, Role
from tests import builders
from tests.api.test_forms import SMALL, SMALL_XFORM
from tests.sync.conftest import base_url as base_url
from tests.sync.conftest import project as project  # transactional: the server reads it too


@pytest.fixture(autouse=True)
def _quick_forms(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    # Java and the compiler take a second each time; tests/workbooks asks them.
    monkeypatch.setattr(validate, "is_available", lambda: False)
    settings.ACCEPT_XFORMS = True


@pytest.fixture
def client(base_url: str, project: Project, tmp_path: Path) -> Iterator[Client]:
    person = builders.member(project, "hoa@example.org", Role.MANAGER)
    central = CentralConfig(base_url, person.email, builders.PASSWORD, project.pk)
    with Client(config=Config(central), cache_path=tmp_path / "cache.toml") as opened:
        yield opened


def test_a_kept_token_is_tried_before_the_password(client: Client, tmp_path: Path) -> None:
    again = Client(config=client.config, cache_path=tmp_path / "cache.toml")

    with again:
        assert again.session.headers["Authorization"] == client.session.headers["Authorization"]


def test_projects_are_read(client: Client, project: Project) -> None:
    assert [found.name for found in client.projects.list()] == [project.name]
    assert client.projects.get().id == project.pk


@pytest.mark.row("RS04")
def test_forms_are_read(client: Client, project: Project) -> None:
    hop = builders.form(project, SMALL)

    assert [form.xmlFormId for form in client.forms.list()] == ["hop"]
    assert client.forms.get("hop").version == "1"
    assert client.forms.get_xml("hop", encoding=None) == bytes(hop.xform)


WITH_FILE = """
| survey   | type                        | name | label |
|          | select_one_from_file gia.csv | gia  | Giá   |
|          | begin_group                 | h    | Chung |
|          | select_multiple ai          | h-ai | Ai    |
|          | end_group                   |      |       |
| choices  | list_name | name | label |
|          | ai        | nu   | Nữ    |
| settings | form_title | form_id | version |
|          | Giá chợ    | gia_cho | 1       |
"""


@pytest.mark.row("RS05", "RS08", "RS11", "RS12", "RS14", "RS15")
def test_a_form_is_made_and_changed(client: Client, project: Project, tmp_path: Path) -> None:
    workbook, prices = builders.workbook(WITH_FILE), tmp_path / "gia.csv"
    prices.write_bytes(b"name,label\n" + b"a,Gia\n" * 10_000)  # several chunks

    made = client.forms.create(workbook, attachments=[prices], form_id="gia_cho")
    client.forms.update("gia_cho", attachments=[prices], version_updater=lambda v: f"{v}.1")

    assert (made.xmlFormId, made.version, made.publishedAt) == ("gia_cho", "1", None)
    assert client.forms.get("gia_cho").version == "1.1"
    assert ' version="1.1"' in client.forms.get_xml("gia_cho")
    assert client.forms.get("gia_cho").hash != made.hash
    answer = client.get(f"projects/{project.pk}/forms/gia_cho.xlsx")
    assert answer.content == workbook
    answer = client.get(f"projects/{project.pk}/forms/gia_cho/attachments/gia.csv")
    assert answer.content == prices.read_bytes()


def test_a_form_is_made_from_its_xform(client: Client) -> None:
    made = client.forms.create(SMALL_XFORM)
    client.forms.update("hop", definition=SMALL_XFORM.replace('version="1"', 'version="2"'))

    assert (made.name, client.forms.get("hop").version) == ("Họp thôn", "2")


@pytest.mark.row("RS14")
def test_a_file_that_the_form_does_not_need_is_refused(client: Client, tmp_path: Path) -> None:
    (tmp_path / "la.csv").write_text("name,label\n")

    with pytest.raises(PyODKError, match=r"form\.attachment_unexpected"):
        client.forms.create(SMALL_XFORM, attachments=[tmp_path / "la.csv"])


def test_app_users_are_made_and_given_forms(client: Client, project: Project) -> None:
    builders.form(project, SMALL)
    names = ["Chị Lan", "Chị Mai"]

    made = client.projects.create_app_users(names, forms=["hop"])
    again = client.projects.create_app_users(names, forms=["hop"])

    assert [one.displayName for one in made] == names
    assert list(again) == []
    device = access.app_user(made[0].token, project.pk)
    assert access.may_open(device, "hop")
    assert not access.may_open(device, "other")
