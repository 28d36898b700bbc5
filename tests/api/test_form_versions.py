"""What programs get of one version of a form, whichever is current (openrosa.md §6.2)."""

from __future__ import annotations

import io

import pytest

from server import blobs
from server.forms.models import FormAttachment, FormVersion
from server.projects.models import Project
from tests import builders
from tests.api.conftest import Program
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
