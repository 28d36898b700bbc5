"""A project with one published form."""

from __future__ import annotations

import pytest

from server.forms.models import FormVersion
from server.projects.models import Project
from tests.submissions.builders import publish


@pytest.fixture
def project(db: None) -> Project:
    return Project.objects.create(name="Bình đẳng giới")


@pytest.fixture
def visit(project: Project) -> FormVersion:
    return publish(project)
