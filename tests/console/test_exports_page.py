"""Tệp tải về: asked for with a purpose within a filter, fetched once made, told to the log."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from playwright.sync_api import expect

from server import slots
from server.projects.models import AuditEntry, Role
from server.reports import making, sheets
from server.reports.models import Export, ExportState
from server.submissions.models import ReviewState, Submission
from tests.console.conftest import Desks, reader, text
from tests.console.world import World

ASKED = {"form": "kt_thu", "format": "xlsx", "profile": "full", "purpose": "Báo cáo quý 2"}


def at(world: World, rest: str = "") -> str:
    return f"/du-an/{world.project.pk}/tep{rest}"


def asked(client: Client, world: World, query: str = "", **given: str) -> Export:
    """Return what a form asked for."""
    response = client.post(at(world, f"/moi{query}"), {**ASKED, **given})
    assert response.status_code == 303, text(response)
    return Export.objects.latest("pk")


def test_the_list_leads_to_an_export_with_its_filter(world: World) -> None:
    client = reader(world.people[Role.SUPERVISOR])
    query = f"?form=kt_thu&commune={world.dong_hy.uid}&state=received&page=2"
    page = text(client.get(f"/du-an/{world.project.pk}/ho-so{query}"))
    (link,) = re.findall(rf'href="({re.escape(at(world, "/moi"))}[^"]*)"', page)
    form = text(client.get(link.replace("&amp;", "&")))
    export = asked(client, world, link.replace("&amp;", "&").partition("moi")[2])

    assert "Xã Đồng Hỷ" in form
    assert export.asked["selection"] == {
        "form_id": "kt_thu",
        "commune": world.dong_hy.uid,
        "states": ["received"],
    }
    assert export.purpose == "Báo cáo quý 2"


def test_it_is_made_fetched_and_let_go(world: World) -> None:
    client = reader(world.people[Role.MANAGER])
    Submission.objects.update(review_state=ReviewState.APPROVED)
    export = asked(client, world, approved="on")
    early = client.get(at(world, f"/{export.pk}"))
    making.make_next()
    page = text(client.get(at(world)))
    file = client.get(at(world, f"/{export.pk}"))
    content = b"".join(file.streaming_content)  # type: ignore[attr-defined]
    client.post(at(world, f"/{export.pk}/huy"))

    assert early.status_code == 409
    assert f'href="{at(world, f"/{export.pk}")}"' in page
    assert content.startswith(b"PK")
    assert "kt_thu.xlsx" in file["Content-Disposition"]
    assert AuditEntry.objects.filter(action="export.download").count() == 1
    assert Export.objects.get().state == ExportState.CANCELLED
    assert client.get(at(world, f"/{export.pk}")).status_code in (404, 409)


def test_who_is_refused_for_the_many_that_download_is_not_told_of_as_one_who_did(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = reader(world.people[Role.MANAGER])
    Submission.objects.update(review_state=ReviewState.APPROVED)
    export = asked(client, world, approved="on")
    assert making.make_next()
    monkeypatch.setattr(slots, "LARGE", 0)
    monkeypatch.setattr(slots, "WAIT_S", 0.0)
    held = [slots.Held([b"a"]) for _ in range(4)]

    refused = client.get(at(world, f"/{export.pk}"))

    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "30")
    assert not AuditEntry.objects.filter(action="export.download").exists()
    assert len(held) == 4


def test_records_for_several_workbooks_are_fetched_as_their_archive(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = reader(world.people[Role.MANAGER])
    export = asked(client, world)
    monkeypatch.setattr(sheets, "_FEW", 0)
    monkeypatch.setattr(sheets, "_LOOKED_AT", 1)
    monkeypatch.setattr(sheets, "_MOST_CELLS", 10)
    monkeypatch.setattr(sheets, "_CELLS_OF_A_PART", 10)
    making.make_next()

    fetched = client.get(at(world, f"/{export.pk}"))

    assert fetched.headers["Content-Type"] == "application/zip"
    assert "kt_thu-xlsx.zip" in fetched.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("query", "given", "said"),
    [
        ("", {"purpose": "x"}, "từ 5 đến 200"),
        ("", {"purpose": "Gọi chị Nguyễn Thị Lan 0912345678"}, "tên hoặc số"),
        ("", {"format": "exe"}, "Chọn một dạng tệp"),
        ("", {"form": "khong_co"}, "khong_co"),
        ("", {"format": "media", "profile": "deidentified"}, "media"),
        ("?year=hai", {}, "Không hiểu giá trị"),
        ("?q=Hanh", {"profile": "deidentified"}, "tên đoàn"),
    ],
)
def test_what_cannot_be_had_is_told_with_what_was_typed(
    world: World, query: str, given: dict[str, str], said: str
) -> None:
    response = reader(world.people[Role.MANAGER]).post(
        at(world, f"/moi{query}"), {**ASKED, **given}
    )

    assert 400 <= response.status_code < 500
    assert said in text(response)
    assert not Export.objects.exists()


def test_who_sees_no_records_gets_them_de_identified_alone(world: World) -> None:
    viewer = reader(world.people[Role.VIEWER])
    full = viewer.post(at(world, "/moi"), ASKED)
    export = asked(viewer, world, profile="deidentified")
    foreign = reader(world.people[Role.SUPERVISOR])

    assert full.status_code in (403, 422)
    offered = text(viewer.get(at(world, "/moi")))
    assert 'value="full"' not in offered
    assert 'value="media"' not in offered
    assert 'value="xlsx"' in offered
    assert foreign.get(at(world, f"/{export.pk}")).status_code == 404
    assert foreign.post(at(world, f"/{export.pk}/huy")).status_code == 404
    assert (
        reader(world.people[Role.MANAGER]).get(f"/du-an/{world.foreign.pk}/tep").status_code == 404
    )


def test_words_searched_for_stay_out_of_the_log(world: World) -> None:
    asked(reader(world.people[Role.MANAGER]), world, "?q=Hạnh")
    making.make_next()
    entries = AuditEntry.objects.filter(action__contains="export").order_by("pk")

    assert [entry.action for entry in entries] == ["export.create", "form.submission.export"]
    assert "Hạnh" not in str([entry.details for entry in entries])
    assert Export.objects.get().asked["selection"]["text"] == "Hạnh"


def test_the_page_costs_the_same_however_many_there_are(world: World) -> None:
    client = reader(world.people[Role.MANAGER])
    asked(client, world)
    with CaptureQueriesContext(connection) as few:
        client.get(at(world))
    asked(client, world, purpose="Báo cáo quý 3")
    with CaptureQueriesContext(connection) as many:
        client.get(at(world))

    assert len(few) == len(many)


def test_it_is_asked_for_at_the_desk(desks: Desks) -> None:
    page = desks.of(Role.SUPERVISOR).page(f"/du-an/{desks.world.project.pk}/ho-so?form=kt_thu")
    page.get_by_role("link", name="Xuất tệp").click()
    page.get_by_label("Dùng để làm gì").fill("Báo cáo quý 2")
    page.get_by_role("button", name="Yêu cầu tệp").click()
    expect(page.locator("#jobs li")).to_have_count(1)
