"""A workbook becomes a version that phones can download: all of it, or nothing."""

from __future__ import annotations

import hashlib

import pytest

from server.forms.models import Form, FormAttachment, FormVersion
from server.forms.publish import publish
from server.projects.models import Project
from tests.forms import tables

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return Project.objects.create(name="Chương trình")


def test_a_published_form_is_listed_with_the_md5_of_its_bytes(project: Project) -> None:
    version = publish(project, tables.form())

    listed = Form.objects.filter(project=project).listed().get()
    assert listed.current_version == version
    stored = FormVersion.objects.get()
    assert stored.md5 == hashlib.md5(bytes(stored.xform)).hexdigest()
    assert (stored.title, stored.version, listed.form_id) == ("Thử", "2026112501", "thu")
    assert FormAttachment.objects.count() == 0
