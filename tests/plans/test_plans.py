"""Plans over HTTP: what they refuse, how far they have come, what they offer to phones."""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from server.plans.agencies import load_agencies
from server.plans.models import Agency, Duty, PlanItem
from server.plans.offered import assigned
from server.projects import accounts
from server.projects.models import AppUser, Project, Role
from tests import builders
from tests.api.conftest import Answer, Program
from tests.builders import GOOD, REFORM, instance

HEADING = {
    "number": "59/KH-UBND",
    "title": "Kiểm tra năm 2026",
    "signedOn": "2026-02-13",
    "year": 2026,
    "leadAgency": "so_noi_vu",
}
ITEM = {
    "unit": "05443@2025-07-01",
    "formIds": ["kt_thu"],
    "team": "Tổ 1",
    "startsOn": "2026-05-04",
    "endsOn": "2026-05-15",
    "reasons": ["ke_hoach"],
}


@pytest.fixture(autouse=True)
def _agencies(db: None) -> None:
    load_agencies()


@pytest.fixture
def supervisor(project: Project) -> Program:
    builders.form(project)
    builders.commune("05443", "Phan Đình Phùng")
    builders.commune("05446", "An Khánh")
    return signed_in(project, Role.SUPERVISOR)


def signed_in(project: Project, role: Role) -> Program:
    person = builders.member(project, f"{role}@example.org", role)
    opened = accounts.open_session(person.email, builders.PASSWORD)
    assert opened is not None
    return Program(opened.token)


def post(program: Program, path: str, content: object, method: str = "POST") -> Answer:
    return program.ask(method, path, data=json.dumps(content), content_type="application/json")


def plans(project: Project) -> str:
    return f"/v1/projects/{project.pk}/plans"


def made(program: Program, project: Project, **changes: Any) -> str:
    answer = post(program, plans(project), {**HEADING, **changes})
    assert answer.status == 200, answer.text
    return f"{plans(project)}/{answer.json['id']}"


def add(program: Program, address: str, *items: dict[str, Any]) -> Answer:
    return post(program, f"{address}/items", {"items": list(items)})


def begin(program: Program, address: str) -> None:
    assert post(program, address, {"state": "active"}, "PATCH").status == 200


def test_a_plan_is_a_draft_with_the_units_that_were_added(
    supervisor: Program, project: Project
) -> None:
    address = made(supervisor, project)

    add(supervisor, address, ITEM)

    shown = supervisor.get(address).json
    assert (shown["number"], shown["state"], shown["items"]) == ("59/KH-UBND", "draft", 1)
    standing = PlanItem.objects.get()
    assert supervisor.get(f"{address}/items").json == [{"id": standing.pk, **ITEM}]


def test_a_number_is_used_once_a_year(supervisor: Program, project: Project) -> None:
    made(supervisor, project)

    again = post(supervisor, plans(project), HEADING)
    next_year = post(supervisor, plans(project), {**HEADING, "year": 2027})

    assert (again.status, again.nature) == (409, "plan.number_taken")
    assert next_year.status == 200


def test_an_agency_leads_only_while_it_bears_its_name(
    supervisor: Program, project: Project
) -> None:
    ended = post(supervisor, plans(project), {**HEADING, "leadAgency": "so_ldtbxh"})
    in_its_time = {**HEADING, "leadAgency": "so_ldtbxh", "signedOn": "2023-04-13", "year": 2023}
    then = post(supervisor, plans(project), in_its_time)

    assert ended.nature == "plan.agency_unknown"
    assert then.status == 200


@pytest.mark.parametrize(
    ("changes", "nature"),
    [
        ({"unit": "05443@2019-01-01"}, "plan.unit_unknown"),
        ({"startsOn": "2025-06-20", "endsOn": "2025-06-25"}, "plan.unit_unknown"),
        ({"startsOn": "2025-06-20", "endsOn": "2025-07-05"}, "plan.unit_unknown"),
        ({"formIds": ["kt_18_6"]}, "plan.form_unknown"),
        ({"startsOn": "2026-05-16"}, "plan.days_reversed"),
        ({"formIds": []}, "parameter.invalid"),
        ({"reasons": ["ke_hoach", "khac"]}, "plan.reason_unknown"),
        ({"startsOn": "2031-05-04", "endsOn": "2031-05-15"}, "plan.year_differs"),
    ],
)
def test_one_wrong_line_adds_nothing(
    supervisor: Program, project: Project, changes: dict[str, Any], nature: str
) -> None:
    address = made(supervisor, project)

    answer = add(supervisor, address, ITEM, {**ITEM, "team": "Tổ 2", **changes})

    assert answer.nature == nature
    assert not PlanItem.objects.exists()


def test_the_line_and_the_day_are_named(supervisor: Program, project: Project) -> None:
    answer = add(
        supervisor,
        made(supervisor, project),
        ITEM,
        {**ITEM, "startsOn": "2025-06-20", "endsOn": "2025-07-05"},
    )

    assert answer.json["message"].startswith("Dòng 2: ngày 20/06/2025 không có xã")


def test_what_is_wrong_inside_a_line_is_named_with_the_line(
    supervisor: Program, project: Project
) -> None:
    answer = add(supervisor, made(supervisor, project), ITEM, {**ITEM, "team": "x" * 201})

    assert answer.json["details"]["field"] == "items.1.team"
    assert answer.json["details"]["reason"] == "Nhiều nhất 200 ký tự."


def test_a_team_has_a_commune_with_a_form_once_at_a_time(
    supervisor: Program, project: Project
) -> None:
    address = made(supervisor, project)
    add(supervisor, address, ITEM)

    overlapping = add(
        supervisor, address, {**ITEM, "startsOn": "2026-05-15", "endsOn": "2026-05-20"}
    )
    after = add(supervisor, address, {**ITEM, "startsOn": "2026-05-16", "endsOn": "2026-05-20"})

    assert (overlapping.status, overlapping.nature) == (409, "plan.planned_twice")
    assert after.status == 200


def test_the_same_line_again_adds_nothing(supervisor: Program, project: Project) -> None:
    address = made(supervisor, project)
    add(supervisor, address, ITEM)

    again = add(supervisor, address, ITEM)

    assert (again.status, again.json) == (200, [])
    assert PlanItem.objects.count() == 1


def test_a_closed_plan_takes_no_more(supervisor: Program, project: Project) -> None:
    address = made(supervisor, project)
    post(supervisor, address, {"state": "closed"}, "PATCH")

    assert add(supervisor, address, ITEM).nature == "plan.closed"


def test_who_only_looks_cannot_plan(program: Program, project: Project) -> None:
    assert post(program, plans(project), HEADING).status == 404
    assert program.get(plans(project)).json == []


def test_a_plan_of_another_project_is_not_there(supervisor: Program, project: Project) -> None:
    address = made(supervisor, project)
    elsewhere = builders.project("Nơi khác")

    found = supervisor.get(address.replace(f"/{project.pk}/", f"/{elsewhere.pk}/"))

    assert found.status == 404


def coverage(program: Program, project: Project) -> dict[str, str]:
    answer = program.get(f"/v1/projects/{project.pk}/coverage?form=kt_thu&year=2026")
    return {commune["name"]: commune["state"] for commune in answer.json["communes"]}


def test_a_commune_is_visited_or_planned_or_neither(supervisor: Program, project: Project) -> None:
    builders.commune("05449", "Bình Yên")
    address = made(supervisor, project)
    add(supervisor, address, ITEM, {**ITEM, "unit": "05446@2025-07-01"})
    begin(supervisor, address)
    builders.send(project, instance({**GOOD, "h/h_commune": "05443"}))

    assert coverage(supervisor, project) == {
        "An Khánh": "co_ke_hoach",
        "Bình Yên": "chua_kiem_tra",
        "Phan Đình Phùng": "da_kiem_tra",
    }


def test_a_draft_plans_nothing_yet(supervisor: Program, project: Project) -> None:
    add(supervisor, made(supervisor, project), ITEM)

    assert coverage(supervisor, project)["Phan Đình Phùng"] == "chua_kiem_tra"


def test_what_was_visited_before_the_reform_covers_what_it_went_into_wholly(
    supervisor: Program, project: Project
) -> None:
    whole = builders.commune("05500", "Cũ", since=None, until=REFORM)
    split = builders.commune("05503", "Chia", since=None, until=REFORM)
    new, one, two = (builders.commune(f"0600{n}", f"Mới {n}") for n in range(3))
    builders.became(whole, new)
    builders.became(split, one, two)
    for code in ("05500", "05503"):
        answers = {**GOOD, "h/h_commune": code, "h/h_date": "2025-05-20"}
        builders.send(project, instance(answers, instance_id=f"uuid:{code}"))

    found = coverage(supervisor, project)

    assert found["Mới 0"] == "da_kiem_tra"
    assert (found["Mới 1"], found["Mới 2"]) == ("chua_kiem_tra", "chua_kiem_tra")


def test_the_command_counts_communes_of_the_day_here(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    midnight = dt.datetime(2026, 6, 30, 17, 0, tzinfo=dt.UTC)  # in Việt Nam: 1 July
    monkeypatch.setattr(timezone, "now", lambda: midnight)
    builders.form(project)
    builders.commune("06001", "Xã Mới", since=dt.date(2026, 7, 1))
    said = io.StringIO()

    call_command("coverage", "kt_thu", 2026, project=project.pk, stdout=said)

    assert "Xã Mới" in said.getvalue()


def device(project: Project, team: str) -> AppUser:
    return accounts.create_app_user(project, f"Máy {team}", team=team).app_user


MAY = dt.date(2026, 5, 10)


def test_a_team_is_given_what_plans_give_it_and_what_no_plan_names(
    supervisor: Program, project: Project
) -> None:
    builders.form(project, builders.FORM.replace("kt_thu ", "kt_kia "))
    address = made(supervisor, project)
    add(supervisor, address, ITEM, {**ITEM, "team": "Tổ 2", "formIds": ["kt_kia"]})
    begin(supervisor, address)

    found = assigned(device(project, "Tổ 1"), MAY)

    assert found is not None
    assert found.elsewhere == {"kt_kia"}
    assert found.communes == {"kt_thu": {"05443@2025-07-01"}}


@pytest.mark.parametrize(
    ("team", "day"), [("Tổ 9", MAY), ("", MAY), ("Tổ 1", dt.date(2026, 5, 16))]
)
def test_whom_no_plan_names_any_more_keeps_what_he_had(
    supervisor: Program, project: Project, team: str, day: dt.date
) -> None:
    address = made(supervisor, project)
    add(supervisor, address, ITEM)
    begin(supervisor, address)

    assert assigned(device(project, team), day) is None


def test_a_plan_that_has_not_begun_gives_nothing(supervisor: Program, project: Project) -> None:
    add(supervisor, made(supervisor, project), ITEM)

    assert assigned(device(project, "Tổ 1"), MAY) is None


@pytest.mark.parametrize(
    ("day", "name"), [(dt.date(2025, 2, 28), "so_ldtbxh"), (dt.date(2025, 3, 1), "so_noi_vu")]
)
def test_reports_of_units_go_to_the_agency_of_the_day(day: dt.date, name: str) -> None:
    recipients = Agency.objects.in_force(day).with_duty(Duty.UNIT_REPORTS)

    assert [agency.code for agency in recipients] == [name]


def test_agencies_loaded_again_are_the_same() -> None:
    before = list(Agency.objects.order_by("code").values())

    load_agencies()

    assert list(Agency.objects.order_by("code").values()) == before
