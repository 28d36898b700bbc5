"""pyodk, the client of ODK Central, unpatched: users, projects, app users and forms."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyodk._utils.config import CentralConfig, Config
from pyodk.client import Client

from server.projects.models import Project, Role
from tests import builders
from tests.api.test_forms import SMALL
from tests.sync.conftest import base_url as base_url
from tests.sync.conftest import project as project  # transactional: the server reads it too


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
