"""Kế hoạch: made quickly for many communes, begun, changed and ended."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from server.communes.models import AdminUnit
from server.inspections.expected import local_day
from server.plans import table
from server.plans.models import Agency, Plan
from server.projects.models import Role
from tests import builders
from tests.console.conftest import reader, text
from tests.console.world import HOSTILE, World

YEAR = local_day().year
DAYS = {"starts_on": f"1/3/{YEAR}", "ends_on": f"15/3/{YEAR}"}


@pytest.fixture
def agency(world: World) -> Agency:
    return Agency.objects.get_or_create(code="so_noi_vu", defaults={"name_vi": "Sở Nội vụ"})[0]


@pytest.fixture
def plan(world: World, agency: Agency) -> Plan:
    client = reader(world.people[Role.MANAGER])
    asked = {
        "number": "59/KH-UBND",
        "title": f"Kế hoạch {HOSTILE}",
        "signed_on": f"04/02/{YEAR}",
        "year": str(YEAR),
        "lead_agency": agency.code,
    }
    assert client.post(f"/du-an/{world.project.pk}/ke-hoach/moi", asked).status_code == 303
    return Plan.objects.get()


def test_lines_name_communes_by_code_and_by_name(world: World) -> None:
    builders.commune("05501", "Xã Quang Sơn")
    builders.commune("05502", "Phường Quang Sơn", type="phuong")
    given = (
        "05443\ndong hy\n1\t05443\tPhường Phan Đình Phùng\nQUANG SON\nphường quang sơn\nBa Bể\n"
        "05665@2025-07-01; 99999"
    )

    found = table.pasted(given, AdminUnit.objects.communes())

    assert [uid[:5] for uid in found.uids] == ["05443", "05665", "05502"]
    assert found.ambiguous == ("QUANG SON",)
    assert found.unknown == ("Ba Bể", "99999")


def test_many_communes_are_added_at_once_begun_changed_and_ended(world: World, plan: Plan) -> None:
    client = reader(world.people[Role.MANAGER])
    here = f"/du-an/{world.project.pk}/ke-hoach/{plan.pk}"
    units = [builders.commune(f"0551{n}", f"Xã Số {n}") for n in range(8)]
    names = "\n".join(["dong hy", "05443", *(unit.name for unit in units)])
    asked = {"communes": names, "team": "Đoàn 1", "form": "kt_thu", **DAYS}

    assert client.post(f"{here}/them", asked).status_code == 303
    assert plan.items.count() == 10
    assert client.post(f"{here}/them", {**asked, "team": "Đoàn 2"}).status_code == 303
    assert "10 xã, phường có hai đoàn cùng một biểu" in text(client.get(here))
    item = plan.items.filter(team="Đoàn 2").first()
    assert item is not None
    moved = {"team": "Đoàn 3", "starts_on": f"1/4/{YEAR}", "ends_on": f"2/4/{YEAR}"}
    assert client.post(f"{here}/don-vi/{item.pk}", moved).status_code == 303
    assert client.post(f"{here}/don-vi/{item.pk}", {"remove": "1"}).status_code == 303
    assert "<script>" not in (page := text(client.get(here)))
    assert len(re.findall("trùng với Đoàn", page)) == 18
    for state in ("active", "closed"):
        assert client.post(f"{here}/trang-thai", {"state": state}).status_code == 303
    refused = client.post(f"{here}/them", asked)
    assert (refused.status_code, "đã kết thúc" in text(refused)) == (409, True)


REFUSED = [
    ({"communes": "dong hy\nBa Bể"}, "Không có xã, phường «Ba Bể»"),
    ({"communes": " "}, "Chưa ghi xã."),
    ({"ends_on": "31/02/2026"}, "Ghi đủ đoàn"),
    ({"form": ""}, "không có biểu"),
    ({"ends_on": f"1/2/{YEAR}"}, "Ngày cuối phải sau ngày đầu"),
    ({"starts_on": "1/3/2020", "ends_on": "2/3/2020"}, "«dong hy»"),
]


def test_what_cannot_be_planned_is_said_and_what_was_typed_stays(world: World, plan: Plan) -> None:
    client = reader(world.people[Role.MANAGER])
    here = f"/du-an/{world.project.pk}/ke-hoach/{plan.pk}"
    for changed, said in REFUSED:
        asked = {"communes": "dong hy", "team": "Đoàn 1", "form": "kt_thu", **DAYS, **changed}

        answer = client.post(f"{here}/them", asked)

        assert answer.status_code >= 400
        assert said in text(answer)
        assert 'value="Đoàn 1"' in text(answer)
    assert not plan.items.exists()


def test_only_who_answers_for_all_communes_plans(world: World, plan: Plan) -> None:
    here = f"/du-an/{world.project.pk}/ke-hoach"
    scoped = reader(world.scoped)

    assert "Lập kế hoạch" not in text(scoped.get(here))
    assert scoped.get(f"{here}/{plan.pk}").status_code == 200
    assert scoped.get(f"{here}/moi").status_code == 404
    assert scoped.post(f"{here}/{plan.pk}/trang-thai", {"state": "active"}).status_code == 404
    assert scoped.post(f"{here}/{plan.pk}/them", {}).status_code == 404
    assert reader(world.people[Role.VIEWER]).get(here).status_code == 404
    other = reader(world.people[Role.MANAGER])
    assert other.get(f"/du-an/{world.foreign.pk}/ke-hoach/{plan.pk}").status_code == 404
    assert other.get(f"{here}/{plan.pk + 1}").status_code == 404


def test_a_plan_asks_as_often_for_many_units(world: World, plan: Plan) -> None:
    client = reader(world.people[Role.MANAGER])
    here = f"/du-an/{world.project.pk}/ke-hoach/{plan.pk}"
    counts = []
    for commune in ("05443", "05665"):
        asked = {"communes": commune, "team": "Đoàn 1", "form": "kt_thu", **DAYS}
        client.post(f"{here}/them", asked)
        client.get(here)  # which tells what the act left to say
        with CaptureQueriesContext(connection) as queries:
            client.get(here)
        counts.append(len(queries))

    assert counts[0] == counts[1]
