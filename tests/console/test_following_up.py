"""A supervisor follows up by keyboard, and a manager plans: in a browser, with a look by axe."""

from __future__ import annotations

from playwright.sync_api import expect

from server.entities.acts import Author, Base, change
from server.inspections.expected import local_day
from server.plans import plan
from server.plans.models import Agency, PlanItem
from server.plans.plan import Heading
from server.projects.models import Role
from tests import builders
from tests.console.conftest import PHONE, Desks


def test_a_recommendation_is_closed_and_a_conflict_decided_by_keyboard(desks: Desks) -> None:
    world = desks.world
    entity = builders.recommendation(world.project, world.dong_hy.uid, "A4. Tập huấn")
    change(entity, entity.entity_list, {"han": "2027-07-01"}, Author("u1"))
    change(entity, entity.entity_list, {"han": "2027-08-01"}, Author("u2"), base=Base(1))
    page = desks.of(Role.SUPERVISOR).page(f"/du-an/{world.project.pk}/kien-nghi")
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Kiến nghị: Xã Đồng Hỷ")
    page.get_by_role("link", name="Xem hai bên và quyết định").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Xung đột của kiến nghị")
    page.locator("input[value=theirs]").press("Space")
    page.get_by_label("Lý do").focus()
    page.keyboard.type("Theo báo cáo 12/BC-UBND.")
    page.get_by_role("button", name="Quyết định").press("Enter")
    expect(page.get_by_text("Đã quyết định về xung đột.")).to_be_visible()
    page.get_by_label("Trạng thái").select_option("hoan_thanh")
    page.get_by_label("Tài liệu chứng minh").fill("30/BC-UBND")
    page.get_by_label("Lý do").fill("Đã xem báo cáo của xã.")
    page.get_by_role("button", name="Ghi").press("Enter")
    expect(page.get_by_text("Đã ghi vào kiến nghị.")).to_be_visible()
    entity.refresh_from_db()
    assert (entity.data["trang_thai"], entity.data["han"]) == ("hoan_thanh", "2027-08-01")


def test_communes_are_pasted_into_a_plan(desks: Desks) -> None:
    world, today = desks.world, local_day()
    agency = Agency.objects.get_or_create(code="so_noi_vu", defaults={"name_vi": "Sở Nội vụ"})[0]
    heading = Heading("59/KH-UBND", "Kế hoạch kiểm tra", today, today.year, agency.code)
    made = plan.create(world.project.pk, heading, world.people[Role.MANAGER])
    page = desks.of(Role.MANAGER).page(f"/du-an/{world.project.pk}/ke-hoach/{made.pk}", PHONE)
    page.get_by_label("Xã, phường").fill("dong hy\n05443")
    page.get_by_label("Đoàn").fill("Đoàn số 1")
    page.get_by_label("Từ ngày").fill(f"{today:%d/%m/%Y}")
    page.get_by_label("Đến ngày").fill(f"{today:%d/%m/%Y}")
    page.locator("input[name=form]").first.check()
    page.get_by_role("button", name="Thêm vào kế hoạch").click()
    expect(page.get_by_text("Đã thêm 2 xã, phường cho Đoàn số 1.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    expect(page.locator(".menu [aria-current]")).to_be_in_viewport(ratio=1)
    assert PlanItem.objects.count() == 2
