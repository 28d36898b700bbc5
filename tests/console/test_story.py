"""The main job at a desk: a form published, a record returned, corrected, approved, and counted."""

from __future__ import annotations

from server.forms import publish
from server.inspections.expected import local_day
from server.projects.models import Role
from server.submissions.models import ReviewState, Submission
from tests import builders
from tests.console.conftest import Desks
from tests.console.story import Story
from tests.device import Device
from tests.forms import tables

QUESTION = "Có kế hoạch năm?"
SURVEY = (
    *tables.SURVEY[:5],
    ("text", "h_commune", "Xã"),
    *tables.SURVEY[5:],
)


def workbook(version: str, question: str) -> bytes:
    """Return a form with one condition, as a designer saves it."""
    rows = [tuple(question if cell == "Có kế hoạch?" else cell for cell in row) for row in SURVEY]
    return tables.form(rows, settings=tables.version(version, "Kiểm tra kế hoạch"))


def filled(commune: str, plan: str, instance_id: str, old: str = "") -> bytes:
    """Return what the inspector fills in on the phone."""
    today = local_day()
    answers = {
        "h/h_date": f"{today}",
        "h/h_period": "fy",
        "h/h_year": f"{today.year}",
        "h/h_commune": commune,
        "plan": plan,
        "plan_ev": "seen",
    }
    return builders.instance(
        answers, form_id="thu", version="2", instance_id=instance_id, deprecated_id=old
    )


def test_from_a_workbook_to_a_number_in_the_summary(desks: Desks) -> None:
    world = desks.world
    commune = world.dong_hy.uid
    builders.coverage({world.dong_hy: (105.7, 21.6), world.phan_dinh_phung: (105.9, 21.6)})
    page = desks.of(Role.MANAGER).page(f"/du-an/{world.project.pk}")
    story = Story(page, lambda page, name: desks.keep(page, f"story_{name}"))

    publish.publish(world.project, workbook("1", "Có kế hoạch?"))
    version = story.publish(workbook("2", QUESTION), "Ghi rõ kế hoạch của năm nào.")
    phone = Device(story.hand_out("Chị Lan", "Đoàn số 1"))
    held = phone.match_exactly()
    first = phone.give(filled(commune, "no", "uuid:first"))
    before = story.on_map("Xã Đồng Hỷ", "thu")
    story.open_first()
    story.return_it("Biên bản nói có kế hoạch.")
    corrected = phone.give(filled(commune, "yes", "uuid:second", "uuid:first"))
    story.open_first()
    differs = page.locator("#dien-bien ins").first.inner_text()
    story.approve_it()
    after = story.on_map("Xã Đồng Hỷ", "thu")
    summary = story.export("thu")

    assert (version, held, first.status, corrected.status) == ("2", ["thu", "kt_thu"], 201, 201)
    assert (before, differs, after) == ("Chưa kiểm tra", "Có", "Đạt")
    record = Submission.objects.get(instance_id="uuid:first")
    assert record.review_state == ReviewState.APPROVED
    assert summary.heading.endswith("1/2 xã, phường đã kiểm tra")
    assert summary.shown == summary.told
    assert summary.told == [
        ["Xã Đồng Hỷ", "Đạt", "1"],
        ["Phường Phan Đình Phùng", "Chưa kiểm tra", "0"],
    ]
