"""Nhật ký: found by who, what, when and on what; checked; taken along as a CSV."""

from __future__ import annotations

import csv
import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from playwright.sync_api import expect

from server.console.wording import t
from server.inspections.expected import local_day
from server.projects import accounts, audit
from server.projects.audit import Actor, Object
from server.projects.models import AuditEntry, Role
from server.reports import audit_csv
from tests.console.axe import findings
from tests.console.conftest import Desks, reader, text
from tests.console.world import HOSTILE, World


def at(world: World, rest: str = "") -> str:
    return f"/du-an/{world.project.pk}/nhat-ky{rest}"


def manager(world: World) -> Client:
    return reader(world.people[Role.MANAGER])


def listed(client: Client, world: World, query: str = "") -> list[str]:
    """Return the actions in the CSV of a filter, the newest first."""
    response = client.get(at(world, f".csv{query}"))
    sheet = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return [row["Việc"] for row in csv.DictReader(io.StringIO(sheet), delimiter=";")]


def test_it_is_found_by_who_what_when_and_on_what(world: World) -> None:
    client, person = manager(world), world.people[Role.MANAGER]
    person.display_name = "Nguyễn Thị Hòa"
    person.save()
    accounts.revoke_app_user(world.phone.pk, Actor.person(person))
    today = f"{local_day():%d/%m/%Y}"

    assert listed(client, world, "?viec=field_key.session.end") == ["field_key.session.end"]
    assert listed(client, world, "?ai=nguyen+hoa&viec=field_key") == ["field_key.session.end"]
    assert listed(client, world, "?ai=khong+ai") == []
    assert listed(client, world, f"?ma={world.phone.pk}&viec=field_key")[0] == (
        "field_key.session.end"
    )
    assert "field_key.session.end" in listed(client, world, f"?tu={today}&den={today}")
    assert listed(client, world, "?den=01/01/2020") == []


def test_taking_it_along_is_told_to_it_and_nothing_in_it_runs_in_excel(world: World) -> None:
    place = Object("form", '=HYPERLINK("x")', world.project.pk)
    audit.record(Actor.person(world.people[Role.MANAGER]), "form.update", place)
    response = manager(world).get(at(world, ".csv?viec=form.update&ai=manager"))
    sheet = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    told = AuditEntry.objects.get(action="audit.export")

    assert "'=HYPERLINK" in sheet
    assert (told.project_id, told.details) == (world.project.pk, {"viec": "form.update"})


@pytest.mark.parametrize(
    "query", ["?tu=hom+qua", "?den=31/02/2026", "?viec=%27+OR+1", "?truoc=x", "?tu=01/01/0001"]
)
def test_what_means_nothing_is_said_and_left_out(world: World, query: str) -> None:
    page = manager(world).get(at(world, query))

    assert page.status_code == 200
    assert "Có bộ lọc không hiểu được" in text(page)
    assert "Cấp mã cho máy" in text(page)


def test_the_chain_is_checked_and_compared_with_what_was_noted_down(world: World) -> None:
    client, last = manager(world), AuditEntry.objects.order_by("-pk")[0]
    whole = text(client.post(at(world, "/kiem-tra"), {"noted": f"{last.pk}:{last.hash}"}))
    other = text(client.post(at(world, "/kiem-tra"), {"noted": f"{last.pk}:{'0' * 64}"}))
    unread = text(client.post(at(world, "/kiem-tra"), {"noted": "hôm qua"}))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE projects_auditentry DISABLE TRIGGER USER")
        cursor.execute("UPDATE projects_auditentry SET action = 'x' WHERE id = %s", [last.pk])
        cursor.execute("ALTER TABLE projects_auditentry ENABLE TRIGGER USER")
    broken = text(client.post(at(world, "/kiem-tra")))

    assert "Nhật ký nguyên vẹn" in whole
    assert f"Dòng {last.pk} vẫn đúng mã băm" in whole
    assert f"Dòng {last.pk} không còn mã băm" in other
    assert "Không đọc được mã đã ghi lại" in unread
    assert f"sai từ dòng {last.pk}" in broken


def test_it_is_for_managers_and_tells_of_no_other_project(world: World) -> None:
    theirs = accounts.create_app_user(world.foreign, "Máy của họ").app_user
    page = text(manager(world).get(at(world, "?viec=field_key")))
    for role in (Role.SUPERVISOR, Role.VIEWER):
        other = reader(world.people[role])
        answers = [
            other.get(at(world)),
            other.get(at(world, ".csv")),
            other.post(at(world, "/kiem-tra")),
        ]

        assert [one.status_code for one in answers] == [404] * 3
    assert f"?ma={world.phone.pk}" in page
    assert f"?ma={theirs.pk}" not in page


def test_pages_follow_one_another_at_a_constant_price(world: World) -> None:
    client, place = manager(world), Object("form", HOSTILE, world.project.pk)
    audit.record(Actor.person(world.people[Role.MANAGER]), "form.create", place)
    with CaptureQueriesContext(connection) as few:
        client.get(at(world, "?viec=form"))
    for _ in range(audit_csv.PAGE + 1):
        audit.record(Actor.person(world.people[Role.MANAGER]), "form.update", place)
    with CaptureQueriesContext(connection) as many:
        page = text(client.get(at(world, "?viec=form.update")))
    before = AuditEntry.objects.filter(action="form.update").order_by("pk")[1].pk

    assert HOSTILE not in page
    assert len(many) == len(few)
    assert f"truoc={before}" in page
    rest = text(client.get(at(world, f"?viec=form.update&truoc={before}")))
    assert rest.count("<tr>") == 2  # the heading, and the oldest
    assert t("Mới nhất") in rest


def test_it_is_read_and_checked_at_the_desk(desks: Desks) -> None:
    page = desks.of(Role.MANAGER).page(at(desks.world))
    page.get_by_label("Việc").select_option(label="Cấp mã cho máy")
    page.get_by_role("button", name="Lọc").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_role("button", name="Kiểm tra").click()
    expect(page.get_by_role("status")).to_contain_text("nguyên vẹn")
    assert findings(page) == []
