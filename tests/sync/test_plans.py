"""What a plan gives to a team is what its phones are offered."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from server.communes.models import AdminUnit
from server.forms.models import AttachmentSource
from server.plans.agencies import load_agencies
from server.plans.models import Plan, PlanItem, PlanState
from server.projects import accounts
from server.projects.models import Project
from tests import builders
from tests.device import Device
from tests.sync.published import attach_list, publish
from tests.sync.test_grants import phone_of


@pytest.fixture
def communes(project: Project) -> tuple[AdminUnit, AdminUnit]:
    for form_id in ("a", "b", "theo_doi"):
        made = publish(project, form_id=form_id, title=form_id)
        attach_list(made, "communes.csv", AttachmentSource.COMMUNES)
    return builders.commune("05443", "Đồng Hỷ"), builders.commune("05446", "Văn Hán")


@pytest.fixture
def plan(project: Project, communes: tuple[AdminUnit, AdminUnit]) -> Plan:
    """Team 1 has form a in one commune, team 2 form b in another."""
    load_agencies()
    today = timezone.localdate()
    later = today + dt.timedelta(days=2)  # whatever day it is in Vietnam
    plan = Plan.objects.create(
        project=project,
        number="59/KH-UBND",
        title="Kiểm tra",
        signed_on=today,
        year=today.year,
        lead_agency_id="so_noi_vu",
        state=PlanState.ACTIVE,
        created_by=builders.member(project),
    )
    for unit, form_id, team in zip(communes, ("a", "b"), ("Tổ 1", "Tổ 2"), strict=True):
        PlanItem.objects.create(
            plan=plan, unit=unit, form_ids=[form_id], team=team, starts_on=today, ends_on=later
        )
    return plan


def phone(base_url: str, project: Project, team: str, *granted: str) -> Device:
    made = accounts.create_app_user(project, f"Máy {team}", team=team, commune_uids=granted)
    synced = phone_of(base_url, made)
    synced.match_exactly()
    return synced


def held(phone: Device) -> list[str]:
    return sorted(form_id for form_id, _ in phone.held)


def offered(phone: Device, form_id: str) -> list[str]:
    lines = phone.held[form_id, "1"].files["communes.csv"].decode().splitlines()
    return [line.partition(",")[0] for line in lines[1:]]


def test_a_team_holds_its_forms_and_what_no_plan_names(
    base_url: str, project: Project, plan: Plan
) -> None:
    assert held(phone(base_url, project, "Tổ 1")) == ["a", "theo_doi"]
    assert held(phone(base_url, project, "Tổ 2")) == ["b", "theo_doi"]


def test_a_form_offers_the_communes_of_the_plan_and_another_all(
    base_url: str, project: Project, plan: Plan
) -> None:
    first = phone(base_url, project, "Tổ 1")

    assert offered(first, "a") == ["05443@2025-07-01"]
    assert offered(first, "theo_doi") == ["05443@2025-07-01", "05446@2025-07-01"]


def test_whom_no_plan_names_holds_everything(base_url: str, project: Project, plan: Plan) -> None:
    assert held(phone(base_url, project, "Tổ 9")) == ["a", "b", "theo_doi"]
    assert held(phone(base_url, project, "")) == ["a", "b", "theo_doi"]


def test_a_plan_that_is_over_holds_nobody_back(base_url: str, project: Project, plan: Plan) -> None:
    past = timezone.localdate() - dt.timedelta(days=1)
    PlanItem.objects.update(starts_on=past, ends_on=past)

    assert held(phone(base_url, project, "Tổ 1")) == ["a", "b", "theo_doi"]


def test_a_plan_never_offers_more_than_was_granted(
    base_url: str, project: Project, plan: Plan
) -> None:
    first = phone(base_url, project, "Tổ 1", "05443@2025-07-01", "05449@2025-07-01")

    assert offered(first, "a") == ["05443@2025-07-01"]


def test_a_plan_that_contradicts_what_was_granted_leaves_the_grant(
    base_url: str, project: Project, plan: Plan
) -> None:
    first = phone(base_url, project, "Tổ 1", "05446@2025-07-01")

    assert offered(first, "a") == ["05446@2025-07-01"]
