"""From every workbook over the phone's engine to findings, through publishing and the intake."""

from __future__ import annotations

import pytest

from server.communes.seed import load_units
from server.forms import criteria_sets
from server.forms.models import FormVersion
from server.forms.publish import publish
from server.inspections.lists import communes_csv
from server.inspections.models import Finding, Flag, Inspection
from server.projects.models import Project
from server.submissions.models import Submission
from tests.builders import project, send
from tests.javarosa.filler import FilledInstance, Manner, fill
from tests.workbooks import books
from tests.workbooks.books import EVERY, MEDIA
from tests.workbooks.scores import SETS
from tests.workbooks.test_follow_up import IN_A_XA, LISTS

pytestmark = [
    pytest.mark.needs_java,
    pytest.mark.django_db,
    pytest.mark.parametrize("name", EVERY),
]

COUNT = 8


@pytest.fixture
def thai_nguyen() -> Project:
    load_units()
    criteria_sets.load(criteria_sets.seeded())
    return project()


def filled(name: str, version: FormVersion) -> list[FilledInstance]:
    lists = {"communes.csv": communes_csv(), "inspectors.csv": MEDIA["inspectors.csv"]}
    sets = {**SETS, "theo_doi": IN_A_XA}.get(name, {})
    media = {**LISTS, **lists}  # a form takes those it asks for
    return fill(bytes(version.xform), media, count=COUNT, seed=3, manner=Manner(sets=sets))


def test_what_phones_send_comes_out_as_they_showed_it(thai_nguyen: Project, name: str) -> None:
    """Publishing runs ODK Validate and the lint of house rules too; neither has anything to say."""
    version = publish(thai_nguyen, books.path(name).read_bytes())

    for one in filled(name, version):
        send(thai_nguyen, one.xml, one.files)

    assert version.warnings == []
    conditions = len(books.form(name).conditions.conditions)
    assert Inspection.objects.count() == Submission.objects.count() == COUNT
    assert Finding.objects.count() == COUNT * conditions
    assert [f for f in Finding.objects.all() if f.status != f.device_status] == []
    assert not Flag.objects.filter(code__in=("result_differs", "photo_missing")).exists()
