"""Changing and removing the units of a plan, and who may."""

from __future__ import annotations

from typing import Any

import pytest

from server.plans.models import PlanItem
from server.plans.offered import assigned
from server.projects.models import Membership, Project, Role
from tests.api.conftest import Answer, Program
from tests.plans.test_plans import (
    HEADING,
    ITEM,
    MAY,
    _agencies,
    add,
    begin,
    device,
    made,
    plans,
    post,
    signed_in,
    supervisor,
)

__all__ = ["_agencies", "supervisor"]


@pytest.fixture
def address(supervisor: Program, project: Project) -> str:
    """Return where an active plan with one item is."""
    found = made(supervisor, project)
    add(supervisor, found, ITEM)
    begin(supervisor, found)
    return found


def item(address: str) -> str:
    return f"{address}/items/{PlanItem.objects.order_by('pk')[0].pk}"


def change(program: Program, address: str, **changes: Any) -> Answer:
    return post(program, item(address), changes, "PATCH")


def limit(project: Project, *uids: str) -> None:
    Membership.objects.filter(project=project, role=Role.SUPERVISOR).update(commune_uids=[*uids])


def test_phones_are_not_offered_what_was_removed(
    supervisor: Program, project: Project, address: str
) -> None:
    phone, gone = device(project, "Tổ 1"), item(address)
    assert assigned(phone, MAY) is not None

    removed = supervisor.ask("DELETE", gone)

    assert (removed.status, removed.json) == (200, {"success": True})
    assert assigned(phone, MAY) is None
    again = supervisor.ask("DELETE", gone)
    assert (again.status, again.nature) == (404, "plan.item_unknown")


def test_phones_of_another_team_are_offered_what_it_was_given(
    supervisor: Program, project: Project, address: str
) -> None:
    changed = change(supervisor, address, team="Tổ 2", endsOn="2026-05-20")

    assert changed.json == {**ITEM, "id": PlanItem.objects.get().pk, "team": "Tổ 2"} | {
        "endsOn": "2026-05-20"
    }
    assert assigned(device(project, "Tổ 1"), MAY) is None
    offered = assigned(device(project, "Tổ 2"), MAY)
    assert offered is not None
    assert offered.communes == {"kt_thu": {"05443@2025-07-01"}}


def test_an_item_is_not_in_the_way_of_itself(supervisor: Program, address: str) -> None:
    changed = change(supervisor, address, endsOn="2026-05-20")

    assert (changed.status, changed.json["endsOn"]) == (200, "2026-05-20")


def test_the_same_change_again_changes_nothing(supervisor: Program, address: str) -> None:
    first = change(supervisor, address, team="Tổ 2")

    again = change(supervisor, address, team="Tổ 2")

    assert (again.status, again.json) == (200, first.json)


@pytest.mark.parametrize(
    ("changes", "nature"),
    [
        ({"unit": "05443@2019-01-01"}, "plan.unit_unknown"),
        ({"formIds": ["kt_18_6"]}, "plan.form_unknown"),
        ({"reasons": ["khac"]}, "plan.reason_unknown"),
        ({"endsOn": "2026-05-01"}, "plan.days_reversed"),
        ({"startsOn": "2031-05-04", "endsOn": "2031-05-15"}, "plan.year_differs"),
        ({"unit": "05446@2025-07-01"}, "plan.planned_twice"),
        ({"formIds": []}, "parameter.invalid"),
    ],
)
def test_a_wrong_change_changes_nothing(
    supervisor: Program, address: str, changes: dict[str, Any], nature: str
) -> None:
    add(supervisor, address, {**ITEM, "unit": "05446@2025-07-01"})
    before = list(PlanItem.objects.values())

    assert change(supervisor, address, **changes).nature == nature

    assert list(PlanItem.objects.values()) == before


def test_a_form_and_a_reason_from_before_may_stay(supervisor: Program, address: str) -> None:
    PlanItem.objects.update(reasons=["cũ"], form_ids=["kt_cu"])

    assert change(supervisor, address, team="Tổ 2").status == 200


def test_a_closed_plan_stays_as_it_is(supervisor: Program, address: str) -> None:
    post(supervisor, address, {"state": "closed"}, "PATCH")

    assert change(supervisor, address, team="Tổ 2").nature == "plan.closed"
    assert supervisor.ask("DELETE", item(address)).nature == "plan.closed"
    assert PlanItem.objects.get().team == "Tổ 1"


def test_a_closed_plan_is_no_draft_again_but_may_go_on(supervisor: Program, address: str) -> None:
    post(supervisor, address, {"state": "closed"}, "PATCH")

    refused = post(supervisor, address, {"state": "draft"}, "PATCH")

    assert (refused.status, refused.nature) == (409, "plan.once_begun")
    assert supervisor.get(address).json["state"] == "closed"
    begin(supervisor, address)


def test_an_item_of_another_plan_is_not_there(
    supervisor: Program, project: Project, address: str
) -> None:
    other = made(supervisor, project, number="60/KH-UBND")
    elsewhere = item(address).replace(address, other)

    assert post(supervisor, elsewhere, {"team": "Tổ 2"}, "PATCH").nature == "plan.item_unknown"
    assert supervisor.ask("DELETE", elsewhere).nature == "plan.item_unknown"


def test_who_supervises_some_communes_reads_plans_and_makes_none(
    supervisor: Program, project: Project, address: str
) -> None:
    limit(project, "05443@2025-07-01")

    refused = [
        post(supervisor, plans(project), {**HEADING, "number": "61/KH-UBND"}),
        post(supervisor, address, {"state": "closed"}, "PATCH"),
        add(supervisor, address, {**ITEM, "team": "Tổ 3"}),
        change(supervisor, address, team="Tổ 3"),
        supervisor.ask("DELETE", item(address)),
    ]

    assert [answer.status for answer in refused] == [404] * 5
    assert supervisor.get(f"{address}/items").json[0]["team"] == "Tổ 1"


def test_what_was_changed_and_removed_is_told_from_what_to_what_by_whom(
    supervisor: Program, project: Project, address: str
) -> None:
    number = PlanItem.objects.get().pk
    change(supervisor, address, team="Tổ 2")
    change(supervisor, address, team="Tổ 2")  # as it is
    supervisor.ask("DELETE", item(address))

    told = supervisor.get(f"{address}/history").json

    moved = {**ITEM, "team": "Tổ 2"}
    assert [(one["before"], one["after"]) for one in told] == [
        (moved, None),
        (ITEM, moved),
        (None, ITEM),
    ]
    assert {(one["item"], one["by"]) for one in told} == {(number, "Lan")}
    assert supervisor.get(f"{address}/history?limit=1&offset=2").json == told[2:]
    assert supervisor.get(f"{plans(project)}/999/history").nature == "plan.unknown"
    viewer = signed_in(project, Role.VIEWER)
    assert viewer.get(f"{address}/history").status == 404
