"""A review as people do it: by keyboard alone, two of them at once, on a phone, read aloud."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from server.inspections.models import Flag
from server.projects.models import Role, Session
from server.submissions.models import ReviewState, Submission
from tests import builders
from tests.console.axe import findings
from tests.console.conftest import Desks
from tests.console.world import World


def state(submission: Submission) -> str:
    return Submission.objects.get(pk=submission.pk).review_state


def record(world: World, name: str) -> str:
    return f"/du-an/{world.project.pk}/ho-so/kt_thu/uuid:{name}"


def opened(page: Page, key: str) -> None:
    """Press a key that opens a form, and wait until one can write in it."""
    page.keyboard.press(key)
    expect(page.locator(".asking textarea")).to_be_focused()


def test_a_whole_review_is_done_without_a_mouse(desks: Desks) -> None:
    world = desks.world
    Flag.objects.create(inspection=world.failing.inspection, code="gps_far", details={})
    page = desks.of(Role.MANAGER).page(f"{record(world, 'failing')}?sort=received")
    page.wait_for_load_state()
    page.keyboard.press("d")
    expect(page.locator(".asking .notice a")).to_be_focused()  # the flag in the way
    page.keyboard.press("1")
    for _ in range(3):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.href.includes('canh-bao/gps_far')"):
            break
    opened(page, "Enter")
    page.keyboard.type("Họp ở trụ sở cũ.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#told .notice")).to_be_focused()
    opened(page, "b")
    page.keyboard.type("Thiếu ảnh biên bản.")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # and open the next
    expect(page.locator("h1")).to_have_text("Chưa rõ xã")
    page.keyboard.press("k")
    expect(page.locator("h1")).to_have_text("Phường Phan Đình Phùng")

    assert state(world.failing) == ReviewState.HAS_ISSUES
    assert "Họp ở trụ sở cũ." in page.locator("#dien-bien").inner_text()
    assert page.url.endswith("uuid:failing?sort=received")


def test_of_two_at_once_the_second_reads_the_first_and_loses_no_word(desks: Desks) -> None:
    world = desks.world
    first = desks.of(Role.MANAGER).page(record(world, "waiting"))
    second = desks.of(Role.SUPERVISOR).page(record(world, "waiting"))
    for page, key, words in ((first, "b", "Thiếu chữ ký."), (second, "t", "Gửi trùng.")):
        page.wait_for_load_state()
        opened(page, key)
        page.keyboard.type(words)
    first.keyboard.press("Control+Enter")
    expect(first.locator("#told .notice")).to_be_visible()
    second.keyboard.press("Control+Enter")
    expect(second.locator(".asking .notice.bad")).to_be_visible()

    assert "Thiếu chữ ký." in second.locator(".asking").inner_text()
    assert second.locator(".asking textarea").input_value() == "Gửi trùng."
    assert state(world.waiting) == ReviewState.HAS_ISSUES


def test_a_session_that_ends_in_the_middle_of_a_review_costs_one_more_click(desks: Desks) -> None:
    world = desks.world
    page = desks.of(Role.MANAGER).page(record(world, "waiting"))
    page.wait_for_load_state()
    opened(page, "b")
    page.keyboard.type("Thiếu biên bản họp.")
    Session.objects.all().delete()
    page.keyboard.press("Control+Enter")
    page.locator("#email").fill("manager@example.org")
    page.locator("#password").fill(builders.PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Thiếu biên bản họp.")).to_be_visible()
    desks.keep(page, "kept")
    found = findings(page)
    before = state(world.waiting)
    page.get_by_role("button", name="Gửi tiếp").press("Enter")
    expect(page.locator("#dien-bien")).to_contain_text("Thiếu biên bản họp.")

    assert (before, state(world.waiting)) == (ReviewState.RECEIVED, ReviewState.HAS_ISSUES)
    assert found == []


def test_nothing_hinders_anybody_where_something_is_asked_beside_the_record(desks: Desks) -> None:
    world = desks.world
    Flag.objects.create(inspection=world.failing.inspection, code="gps_far", details={})
    page = desks.of(Role.MANAGER).page(record(world, "failing"))
    page.wait_for_load_state()
    page.keyboard.press("d")
    page.locator(".asking").wait_for()
    desks.keep(page, "record_asking")

    assert findings(page) == []
