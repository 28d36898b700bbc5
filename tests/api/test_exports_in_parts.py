"""Workbooks of more records than one should hold, and those that nobody waits for any more."""

from __future__ import annotations

import gc
import io
import sys
import zipfile

import pytest
from openpyxl import load_workbook

from server.forms.models import Form
from server.projects.models import Project, Role
from server.reports import beating, records, sheets
from server.reports.leases import LeaseLost
from server.reports.people_table import Book
from server.submissions.models import ReviewState, Submission
from tests import builders
from tests.api.test_export_jobs import PHOTO, TAGGED, Script, sent
from tests.api.test_exports import program_of


@pytest.fixture
def script(project: Project) -> Script:
    builders.form(project, TAGGED)
    sent(project, 1, PHOTO)
    sent(project, 2)
    Submission.objects.update(review_state=ReviewState.APPROVED)
    return Script(project, program_of(project, "hoa@example.org", Role.MANAGER))


def test_what_one_workbook_cannot_hold_comes_in_numbered_parts(
    script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "_FEW", 0)
    monkeypatch.setattr(sheets, "_LOOKED_AT", 2)
    monkeypatch.setattr(sheets, "_MOST_CELLS", 30)
    monkeypatch.setattr(sheets, "_CELLS_OF_A_PART", 40)

    number = script.made()

    found, fetched = script.look(number), script.content(number)
    assert (found["name"], found["rows"]) == ("kt_thu-xlsx.zip", {"Hồ sơ": 2, "Ảnh": 1})
    assert fetched.headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(fetched.content)) as parts:
        names = parts.namelist()
        books = [load_workbook(io.BytesIO(parts.read(name))) for name in names]
    assert names == ["kt_thu - phần 1 trong 2.xlsx", "kt_thu - phần 2 trong 2.xlsx"]
    assert [book.sheetnames[-1] for book in books] == ["Từ điển"] * 2
    assert [[book[name].max_row for name in ("Hồ sơ", "Ảnh")] for book in books] == [[2, 1], [2, 2]]


def test_a_workbook_that_nobody_waits_for_any_more_ends_without_a_word(
    script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaints: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", complaints.append)
    form, keys = Form.objects.get(), records.chosen(Submission.objects.all())

    with pytest.raises(LeaseLost) as cancelled, beating.temporary(_nobody_waits) as file:
        sheets.write(Book(form), keys, file)

    del cancelled
    gc.collect()
    assert complaints == []


def _nobody_waits() -> None:
    raise LeaseLost
