"""What programs get of one version of a form, whichever is current (openrosa.md §6.2)."""

from __future__ import annotations

import io

import pytest

from server import blobs
from server.entities.models import EntityList
from server.forms import drafts
from server.forms.models import (
    AttachmentSource,
    Draft,
    DraftAttachment,
    Form,
    FormAttachment,
    FormVersion,
)
from server.projects.audit import SERVER
from server.projects.models import Project
from tests import builders
from tests.api.conftest import Program
from tests.api.test_entities import FORM as WITH_LIST
from tests.api.test_forms import SMALL, at
from tests.api.test_forms import manager as manager

_LATER = SMALL.replace("| xa   | Xã    |", "| xa   | Xã    |\n|  | text | thon | Thôn |").replace(
    "| 1       |", "| 2       |"
)


@pytest.fixture
def first(project: Project) -> FormVersion:
    """Make a version with a workbook and a file, and another after it."""
    version = builders.form(project, SMALL)
    workbook, file = (blobs.put(io.BytesIO(one), is_served=True) for one in (b"PK xlsx", b"a,b"))
    version.workbook_sha256 = workbook.sha256
    version.save()
    FormAttachment.objects.create(
        form_version=version, name="gia.csv", kind="file", sha256=file.sha256, size=file.size
    )
    builders.form(project, _LATER)
    return version


def test_a_version_that_is_not_current_is_told_whole(
    program: Program, project: Project, first: FormVersion
) -> None:
    there = at(project, "/forms/hop/versions")
    names = {
        version: [field["name"] for field in program.get(f"{there}/{version}/fields").json]
        for version in "12"
    }
    (file,) = program.get(f"{there}/1/attachments").json

    assert [name for name in names["1"] if name in ("xa", "thon")] == ["xa"]
    assert [name for name in names["2"] if name in ("xa", "thon")] == ["xa", "thon"]
    assert (file["name"], file["exists"]) == ("gia.csv", True)
    assert program.get(f"{there}/1/attachments/gia.csv").content == b"a,b"
    assert program.get(f"{there}/1.xlsx").content == b"PK xlsx"


def test_what_a_version_has_not_is_not_found(
    program: Program, manager: Program, project: Project, first: FormVersion
) -> None:
    there = at(project, "/forms/hop")
    asked = ("2/attachments/gia.csv", "2.xlsx", "3/fields", "3/attachments", "3.xlsx", "___.xlsx")

    assert [program.get(f"{there}/versions/{one}").status for one in asked] == [404] * 6
    assert manager.get(f"{there}/draft.xlsx").nature == "form.draft_missing"


def test_a_draft_s_file_and_what_it_adds_to_lists_are_told_to_managers(
    manager: Program, program: Program, project: Project
) -> None:
    there = at(project, "/forms/kn")
    published = builders.form(project, WITH_LIST)
    blob = blobs.put(io.BytesIO(b"a,b"), is_served=True)
    kept = {"name": "gia.csv", "kind": "file", "sha256": blob.sha256, "size": blob.size}
    FormAttachment.objects.create(form_version=published, **kept)
    drafts.copy(project.pk, "kn", SERVER)
    FormVersion.objects.update(entity_lists=[])  # the draft alone speaks of the list
    new = manager.get(f"{there}/draft/dataset-diff").json
    builders.recommendation(project)
    known = manager.get(f"{there}/draft/dataset-diff").json

    assert manager.get(f"{there}/draft/attachments/gia.csv").content == b"a,b"
    assert manager.get(f"{there}/draft/attachments/x.csv").nature == "form.attachment_missing"
    assert program.get(f"{there}/draft/attachments/gia.csv").status == 404
    names = [one["name"] for one in new[0]["properties"]]
    assert (new[0]["name"], new[0]["isNew"], names) == (
        "kien_nghi",
        True,
        ["noi_dung", "trang_thai", "xa"],
    )
    assert (known[0]["isNew"], {one["isNew"] for one in known[0]["properties"]}) == (False, {True})


@pytest.mark.parametrize("owner", ["", "noi_dung"])
def test_a_manager_gets_all_of_a_list_that_a_form_asks_from(
    manager: Program, program: Program, project: Project, owner: str
) -> None:
    published = builders.form(project, WITH_LIST)
    source = AttachmentSource.ENTITIES
    FormAttachment.objects.create(
        form_version=published, name="kien_nghi.csv", source=source, list_name="kien_nghi"
    )
    made = builders.recommendation(project, noi_dung="u7")
    EntityList.objects.update(owner_property=owner)
    path = at(project, "/forms/kn/attachments/kien_nghi.csv")

    told = manager.get(path)
    again = manager.get(path, headers={"If-None-Match": told.headers["ETag"]})

    assert told.text.splitlines() == [
        "name,label,__version,noi_dung,trang_thai,xa",
        f"{made.uuid},Tập huấn,1,u7,moi,05665@2025-07-01",
    ]
    assert (again.status, again.content) == (304, b"")
    assert program.get(path).nature == "form.attachment_missing"


def test_a_form_s_lists_are_told_with_what_other_forms_save(
    manager: Program, program: Program, project: Project
) -> None:
    other = WITH_LIST.replace("| kn |", "| kn2 |").replace("trang_thai |", "ghi_chu |")
    builders.form(project, WITH_LIST)
    builders.form(project, other)
    builders.recommendation(project)

    (told,) = manager.get(at(project, "/forms/kn/dataset-diff")).json

    assert {one["name"]: one["inForm"] for one in told["properties"]} == {
        "ghi_chu": False,
        "noi_dung": True,
        "trang_thai": True,
        "xa": True,
    }
    assert "isNew" not in told
    assert program.get(at(project, "/forms/kn/dataset-diff")).status == 404


def test_of_a_form_that_is_a_draft_only_managers_are_shown_the_draft(
    manager: Program, program: Program, project: Project
) -> None:
    builders.form(project, SMALL)
    drafts.copy(project.pk, "hop", SERVER)
    workbook, file = (blobs.put(io.BytesIO(one), is_served=True) for one in (b"PK xlsx", b"a,b"))
    Draft.objects.update(workbook_sha256=workbook.sha256)
    kept = {"name": "gia.csv", "kind": "file", "sha256": file.sha256, "size": file.size}
    DraftAttachment.objects.create(draft=Draft.objects.get(), **kept)
    Form.objects.update(current_version=None)
    FormVersion.objects.all().delete()
    there, below = at(project, "/forms/hop"), (".xml", ".xlsx", "/fields", "/attachments")

    for rest in (*below, "/attachments/gia.csv"):
        as_draft = manager.get(f"{there}/draft{rest}")
        assert (as_draft.status, manager.get(f"{there}{rest}").content) == (200, as_draft.content)
        assert program.get(f"{there}{rest}").status == 404
    assert manager.get(f"{there}/versions").json == []
    assert program.get(f"{there}/versions").nature == "form.unknown"
    assert manager.get(f"{there}/versions/1").nature == "form.unknown"


def test_what_is_new_is_said_at_publication_and_told_to_managers(
    manager: Program, program: Program, project: Project
) -> None:
    builders.form(project, SMALL)
    there, asked = at(project, "/forms/hop"), {"X-Extended-Metadata": "true"}
    said = {"X-Action-Notes": "Th%C3%AAm%20c%C3%A2u%20h%E1%BB%8Fi"}
    for path, headers in (("draft", {}), ("draft/publish?version=2", said)):
        manager.ask("POST", f"{there}/{path}", headers=headers)

    told = manager.get(f"{there}/versions", headers=asked).json
    to_viewers = program.get(f"{there}/versions/2", headers=asked).json

    assert [one["publishNotes"] for one in told] == ["Thêm câu hỏi", None]
    assert manager.get(f"{there}/versions/2", headers=asked).json == told[0]
    assert "publishNotes" not in to_viewers
    assert "publishNotes" not in manager.get(f"{there}/versions/2").json


def test_a_version_may_be_called_anything(program: Program, project: Project) -> None:
    builders.form(project, SMALL)
    FormVersion.objects.update(version="1/a.xml + ế")
    there = at(project, "/forms/hop/versions/1%2Fa.xml%20+%20%E1%BA%BF")
    for rest in ("", ".xml", "/fields", "/attachments"):
        assert program.get(f"{there}{rest}", REQUEST_URI=f"{there}{rest}").status == 200

    as_decoded = program.get(there)
    elsewhere = program.get(there, REQUEST_URI=at(project, "/forms/hop%2Fx"))
    assert [as_decoded.status, elsewhere.status] == [404, 404]
