"""What ruODK asks for, header by header, as its source has it (github.com/ropensci/ruODK, R/)."""

from __future__ import annotations

import io
import zipfile

import pytest

from server.entities.models import EntityList
from server.projects import audit
from server.projects.audit import Actor
from server.projects.models import Project, Role, User
from tests import builders
from tests.api.conftest import Program
from tests.api.test_exports import FORM, filled, program_of
from tests.builders import send

XML = {"Accept": "application/xml", "X-Extended-Metadata": "true"}


@pytest.fixture
def manager(project: Project) -> Program:
    builders.form(project, FORM.format(version="1"))
    send(project, filled(), is_derived=False)
    return program_of(project, "quan.ly@example.org", Role.MANAGER)


@pytest.mark.parametrize(
    "path", ["", "/forms", "/forms/nha", "/forms/nha/submissions", "/datasets"]
)
def test_json_comes_also_to_who_asks_for_xml(manager: Program, project: Project, path: str) -> None:
    answer = manager.get(f"/v1/projects/{project.pk}{path}", headers=XML)

    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")


def test_an_export_is_posted_after_a_look_at_the_keys(manager: Program, project: Project) -> None:
    records = f"/v1/projects/{project.pk}/forms/nha/submissions"

    keys = manager.get(f"{records}/keys")
    archive = manager.ask(
        "POST",
        f"{records}.csv.zip?attachments=false",
        data="{}",
        content_type="application/json",
        headers={"Accept": "application/json, text/xml, application/xml"},
    )
    table = manager.ask("POST", f"{records}.csv")

    assert (keys.status, keys.json) == (200, [])
    with zipfile.ZipFile(io.BytesIO(archive.content)) as opened:
        assert "uuid:1" in opened.read("nha.csv").decode()
    assert "uuid:1" in table.text


@pytest.mark.parametrize(
    "start", ["2019-08-01Z", "2019-08-01z", "2019-08-01+08", "2019-08-01%2B08", "2019-08-01"]
)
def test_audits_begin_with_a_day_in_any_zone(manager: Program, start: str) -> None:
    answer = manager.get(f"/v1/audits?action=form.create&start={start}&limit=100&offset=0")

    assert answer.status == 200, answer.text


def test_forms_say_who_has_made_them(manager: Program, project: Project) -> None:
    (house,) = manager.get(f"/v1/projects/{project.pk}/forms", headers=XML).json
    by = User.objects.get(email="quan.ly@example.org")
    audit.record(Actor.person(by), "form.create", audit.Object("form", "nha", project.pk))

    one = manager.get(f"/v1/projects/{project.pk}/forms/nha", headers=XML).json

    assert (house["createdBy"]["id"], house["createdBy"]["displayName"]) == (0, "Máy chủ")
    assert (one["createdBy"]["id"], one["createdBy"]["displayName"]) == (by.pk, by.display_name)


def test_lists_say_how_much_they_hold(manager: Program, project: Project) -> None:
    builders.recommendation(project)
    last = builders.recommendation(project)
    lists = f"/v1/projects/{project.pk}/datasets"
    EntityList.objects.create(project=project, name="trong")

    found, empty = manager.get(lists, headers=XML).json

    assert (found["entities"], found["conflicts"]) == (2, 0)
    made = manager.get(f"{lists}/kien_nghi/entities/{last.uuid}").json
    assert found["lastEntity"] == made["createdAt"]
    assert (empty["entities"], empty["lastEntity"]) == (0, None)
    assert manager.get(f"{lists}/kien_nghi", headers=XML).json["entities"] == 2
