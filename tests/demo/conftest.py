"""The form of the demonstration and its visits, for tests to ask for by name."""

from __future__ import annotations

import pytest

from server.forms.compiled import CompiledForm
from sync.demo.inspections import Desk
from sync.demo.rounds import Unit, Visit
from tests.demo import world


@pytest.fixture
def compiled() -> CompiledForm:
    return world.compiled()


@pytest.fixture
def desk() -> Desk:
    return world.desk()


@pytest.fixture
def units() -> list[Unit]:
    return list(world.units())


@pytest.fixture
def planned() -> list[Visit]:
    return list(world.planned())
