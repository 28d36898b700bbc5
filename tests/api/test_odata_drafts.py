"""The OData feed of a draft: what was sent to try it, and nothing else (RS22 to RS35)."""

from __future__ import annotations

import io
from importlib import import_module
from typing import Any

import pytest
from django.db import connection

from server.forms import drafts as form_drafts
from server.forms.models import Draft
from server.projects.audit import SERVER
from server.projects.models import Project, Role, User
from server.submissions import drafts
from server.submissions.files import SentFile
from server.submissions.models import DraftSubmission
from server.submissions.record import Sender
from tests import builders
from tests.api.conftest import Program
from tests.api.feeds import TWO_CHILDREN, Feed
from tests.api.test_review import signed_in

FILLING = "server.submissions.migrations.0013_originals_of_draft_edits"
FORM = """
| survey | type         | name    | label |
|        | text         | ten     | Tên   |
|        | image        | anh     | Ảnh   |
|        | begin_group  | g       | Nhóm  |
|        | begin_repeat | con     | Con   |
|        | text         | ten_con | Tên   |
|        | end_repeat   |         |       |
|        | end_group    |         |       |
| settings | form_id | form_title | version |
|          | thu     | Thử        | 1       |
"""


@pytest.fixture
def lan(project: Project) -> User:
    return builders.member(project, role=Role.MANAGER)


@pytest.fixture
def draft(project: Project) -> Draft:
    builders.form(project, FORM)
    return form_drafts.copy(project.pk, "thu", SERVER).draft


@pytest.fixture
def feed(program: Program, project: Project, draft: Draft) -> Feed:
    found = Feed(program, project)
    found.root = f"/v1/projects/{project.pk}/forms/thu/draft.svc"
    return found


def tried(draft: Draft, number: int, body: str = "", edits: int | None = None) -> None:
    """Send something to try it, with a photo; edits: the number of what it corrects."""
    deprecated = f"<deprecatedID>uuid:{edits}</deprecatedID>" if edits else ""
    xml = (
        f"<data id='thu' version='1'>{body}<meta><instanceID>uuid:{number}</instanceID>"
        f"{deprecated}</meta></data>"
    )
    photo = SentFile(name="1.jpg", file=io.BytesIO(b"\xff\xd8"), content_type="image/jpeg")
    drafts.receive(xml.encode(), [photo], draft, Sender(draft.form.project_id, None, "may", ""))


@pytest.mark.row("RS22", "RS23", "RS32")
def test_what_tries_a_draft_is_told_as_submissions_are(
    feed: Feed, draft: Draft, project: Project
) -> None:
    xml = "<data id='thu' version='1'><meta><instanceID>uuid:9</instanceID></meta></data>"
    builders.send(project, xml.encode(), is_derived=False)  # of the published version
    tried(draft, 1, TWO_CHILDREN)
    tried(draft, 2, "<ten>Lan</ten><anh>1.jpg</anh>")

    new, old = feed.rows()

    assert [table["name"] for table in feed.ask("").json["value"]] == [
        "Submissions",
        "Submissions.g.con",
    ]
    assert feed.ask("/").json == feed.ask("").json
    assert '<EntityType Name="Submissions.g.con">' in feed.ask("/$metadata").text
    assert (new["__id"], new["ten"], old["__id"], old["ten"]) == ("uuid:2", "Lan", "uuid:1", None)
    system: dict[str, Any] = new["__system"]
    assert system.pop("submissionDate")
    assert system == {
        "updatedAt": None,
        "submitterId": None,
        "submitterName": None,
        "attachmentsPresent": 1,
        "attachmentsExpected": 1,
        "status": None,
        "reviewState": None,
        "deviceId": "may",
        "edits": 0,
        "formVersion": "1",
        "deletedAt": None,
    }
    assert [row["ten_con"] for row in feed.rows("/Submissions.g.con")] == ["An", "Bình"]
    assert [row["ten_con"] for row in feed.rows("/Submissions('uuid:1')/g/con")] == ["An", "Bình"]
    assert "/forms/thu/draft.svc/$metadata#Submissions" in feed.ask("/Submissions").text


def test_an_edited_one_is_told_once_as_it_is_now(feed: Feed, draft: Draft) -> None:
    tried(draft, 1, "<ten>A</ten>")
    tried(draft, 2, "<ten>B</ten>", edits=1)
    tried(draft, 3, "<ten>C</ten>", edits=2)

    (row,) = feed.rows()

    assert (row["__id"], row["ten"], row["meta"]["instanceID"]) == ("uuid:1", "C", "uuid:3")
    assert (row["__system"]["edits"], row["__system"]["reviewState"]) == (2, "edited")
    assert row["__system"]["updatedAt"] > row["__system"]["submissionDate"]


@pytest.mark.row("RS26", "RS28")
def test_it_is_paged_counted_and_filtered(feed: Feed, draft: Draft) -> None:
    for number in (1, 2, 3):
        tried(draft, number)
    tried(draft, 4, edits=1)

    page = feed.ask("/Submissions", "$top=2&$count=true")

    assert page.json["@odata.count"] == 3
    assert [row["__id"] for row in page.json["value"]] == ["uuid:3", "uuid:2"]
    assert [row["__id"] for row in feed.next(page).json["value"]] == ["uuid:1"]
    assert feed.ids("$filter=__system/reviewState eq 'edited'") == ["uuid:1"]
    assert feed.ids("$filter=__system/submitterId eq null and __system/updatedAt ne null") == [
        "uuid:1"
    ]
    assert feed.ids("$filter=__system/deletedAt ne null") == []
    assert feed.ids("$orderby=__system/submissionDate asc") == ["uuid:1", "uuid:2", "uuid:3"]


def test_it_is_for_who_makes_drafts_and_ends_with_its_draft(
    feed: Feed, draft: Draft, project: Project
) -> None:
    tried(draft, 1)
    supervisor = signed_in(project, "gs", Role.SUPERVISOR)

    assert supervisor.get(f"{feed.root}/Submissions").status == 404
    form_drafts.copy(project.pk, "thu", SERVER)
    assert feed.rows() == []
    form_drafts.discard(project.pk, "thu", SERVER)
    assert feed.ask("/Submissions").nature == "form.draft_missing"


def test_what_was_edited_before_originals_were_kept_is_told_so_too(
    feed: Feed, draft: Draft
) -> None:
    tried(draft, 1)
    tried(draft, 2, edits=1)
    tried(draft, 3, "<ten>C</ten>", edits=2)
    before = feed.rows()
    DraftSubmission.objects.update(original=None)

    with connection.cursor() as cursor:
        cursor.execute(import_module(FILLING)._FILL)

    assert feed.rows() == before
