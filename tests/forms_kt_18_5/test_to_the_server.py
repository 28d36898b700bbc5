"""From the workbook over the phone's engine to findings, through publishing and the intake."""

from __future__ import annotations

import pytest

from server.communes.seed import load_units
from server.forms.models import FormVersion
from server.forms.publish import publish
from server.inspections.lists import communes_csv
from server.inspections.models import Finding, Flag, Inspection
from server.projects.models import Project
from server.submissions.models import Submission
from tests.builders import project, send
from tests.forms_kt_18_5.test_on_a_phone import INSPECTORS
from tests.forms_kt_18_5.test_workbook import PATH
from tests.javarosa.filler import FilledInstance, fill

pytestmark = [pytest.mark.needs_java, pytest.mark.django_db]

COUNT = 20


@pytest.fixture
def thai_nguyen() -> Project:
    load_units()
    return project()


@pytest.fixture
def version(thai_nguyen: Project) -> FormVersion:
    return publish(thai_nguyen, PATH.read_bytes())


def filled(version: FormVersion) -> list[FilledInstance]:
    media = {"communes.csv": communes_csv(), "inspectors.csv": INSPECTORS}
    return fill(bytes(version.xform), media, count=COUNT, seed=3)


def test_what_phones_send_comes_out_as_they_showed_it(
    thai_nguyen: Project, version: FormVersion
) -> None:
    for one in filled(version):
        send(thai_nguyen, one.xml, one.files)

    assert Inspection.objects.count() == Submission.objects.count() == COUNT
    assert Finding.objects.count() == COUNT * 17
    differing = [f for f in Finding.objects.all() if f.status != f.device_status]
    assert differing == []
    assert not Flag.objects.filter(code__in=("result_differs", "photo_missing")).exists()
