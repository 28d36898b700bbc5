"""Two communes side by side, and a form."""

from __future__ import annotations

import pytest

from server.communes.models import AdminUnit
from server.forms.models import FormVersion
from server.projects.models import Project
from tests import builders
from tests.inspections import visits


@pytest.fixture
def project(db: None) -> Project:
    return builders.project()


@pytest.fixture
def form(project: Project) -> FormVersion:
    return builders.form(project)


@pytest.fixture
def dong(form: FormVersion) -> AdminUnit:
    """A commune whose square begins at 105.9, 21.6."""
    return builders.commune("05665", "Xã Đồng Hỷ")


@pytest.fixture
def dan(form: FormVersion) -> AdminUnit:
    """Its neighbour to the west."""
    return builders.commune("05500", "Xã Dân Tiến")


@pytest.fixture
def squares(dong: AdminUnit, dan: AdminUnit) -> None:
    builders.coverage({dong: (105.9, 21.6), dan: (105.8, 21.6)})


@pytest.fixture
def communes(project: Project) -> list[AdminUnit]:
    """Four communes without a map, and a form to compare visits by."""
    builders.form(project, visits.FORM)
    return [builders.commune(f"0550{number}", f"Xã số {number}") for number in range(4)]
