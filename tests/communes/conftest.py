"""Units and schematic coverages as a fresh installation has them."""

from __future__ import annotations

import pytest

from server.communes.schematic import make_schematic
from server.communes.seed import load_units


@pytest.fixture
def units(db: None) -> None:
    load_units()


@pytest.fixture
def schematic(units: None) -> None:
    make_schematic()
