"""What setting a phone up, and its daily check, cost on a mobile network (issue 2, Speed)."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command

from server.forms.publish import publish
from server.projects import accounts
from server.projects.models import Project
from tests.device import Device

WORKBOOK = Path(__file__).resolve().parents[2] / "forms/kt_18_5/kt_18_5.xlsx"


@pytest.fixture
def equipped(device: Device, project: Project) -> Device:
    """Return a phone of a project with the real form, all communes and forty inspectors."""
    call_command("load_units", verbosity=0)
    for number in range(40):
        accounts.create_app_user(project, f"Nguyễn Thị Kiểm Tra {number}")
    publish(project, WORKBOOK.read_bytes(), media={})
    return device


def test_setting_up_costs_at_most_300_kb_and_a_daily_check_5_kb(equipped: Device) -> None:
    assert equipped.match_exactly() == ["kt_18_5"]
    first = equipped.received
    assert equipped.match_exactly() == []
    daily = equipped.received - first

    assert first <= 300_000
    assert daily <= 5_000
    [form] = equipped.held.values()
    assert sorted(form.files) == ["communes.csv", "inspectors.csv"]
