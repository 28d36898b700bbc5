"""ODK Web Forms in Chromium: the project's own forms open, a draft is tried, a record is corrected.

`desks` fails a test whose pages complain, about the policy too, or ask anything of another host.
"""

from __future__ import annotations

from playwright.sync_api import FrameLocator, Page, expect

from server.forms import attachments, drafts, expected, schema
from server.forms.models import FormVersion
from server.projects.audit import SERVER
from server.projects.models import Project, Role
from server.submissions.models import DraftSubmission, ReviewState
from tests import builders
from tests.console.axe import findings
from tests.console.conftest import PHONE, Desks
from tests.demo.world import FORMS, compiled

# With a date that is held to another answer, as the deadlines of recommendations are.
DATED = (
    builders.FORM.replace("sensitivity |", "sensitivity | constraint |")
    .replace("| 1       | Tiếng Việt", "| 2       | Tiếng Việt")
    .replace(
        "|          | end_group         |",
        "| | date | h_due | Hạn | | | . <= date(decimal-date-time(${h_date}) + 365) |\n"
        "|          | end_group         |",
        1,
    )
)


def _published(project: Project, form_id: str) -> FormVersion:
    found = compiled(form_id)
    version = builders.published(project, found, schema.read(found.xform, found.extras))
    attachments.attach(version, expected.read(found.xform), {})
    return version


def _screen(page: Page) -> FrameLocator:
    frame = page.frame_locator("iframe.phone")
    expect(frame.locator(".odk-form")).to_be_visible()
    return frame


def test_the_forms_of_the_project_open_as_on_a_phone(desks: Desks) -> None:
    project = desks.world.project
    names = sorted(path.stem for path in FORMS.glob("*/*.xlsx"))
    shown = [_published(project, name) for name in names]
    page = desks.of(Role.SUPERVISOR).page(size=PHONE)

    for version in shown:
        path = f"/du-an/{project.pk}/bieu-mau/{version.form.form_id}/xem-thu?ban={version.version}"
        page.goto(f"{desks.url}{path}")
        frame = _screen(page)
        expect(frame.get_by_role("heading", name=version.title).first).to_be_visible()
        expect(frame.get_by_role("button", name="Gửi", exact=True)).to_be_attached()

    assert len(shown) == 5
    desks.keep(page, "preview")
    assert findings(page) == []
    # Of ODK Web Forms itself: two parts of a page that are called alike, which is no hindrance.
    assert [one for one in findings(page.frames[1]) if not one.startswith("moderate")] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_draft_is_tried_without_a_phone(desks: Desks) -> None:
    project = desks.world.project
    drafts.copy(project.pk, "kt_thu", SERVER)
    page = desks.of(Role.MANAGER).page(f"/du-an/{project.pk}/bieu-mau/kt_thu")

    page.get_by_role("link", name="Xem thử, gửi thử").click()
    frame = _screen(page)
    frame.get_by_label("Số trường hợp tảo hôn").press_sequentially("3")
    frame.get_by_role("radio", name="Đã xem bản gốc").last.check()
    frame.get_by_role("button", name="Gửi", exact=True).click()

    expect(page.get_by_role("heading", name="Phiếu gửi thử")).to_be_visible()
    expect(page.locator(".condition", has_text="Tảo hôn")).to_contain_text("Không đạt")
    desks.keep(page, "trial")
    assert findings(page) == []
    assert b"<a5_child>3</a5_child>" in bytes(DraftSubmission.objects.get().xml)


def test_a_record_is_corrected_and_keeps_its_photo(desks: Desks) -> None:
    project = desks.world.project
    builders.form(project, DATED)
    answers = {**builders.GOOD, "h/h_due": "2026-06-20"}
    said = {"version": "2", "instance_id": "uuid:anh"}
    xml = builders.instance(answers, photos=["1.jpg"], **said)
    record = builders.send(project, xml, {"1.jpg": b"anh"})
    page = desks.of(Role.MANAGER).page(f"/du-an/{project.pk}/ho-so/kt_thu/uuid:anh", PHONE)

    page.get_by_role("link", name="Sửa").click()
    page.get_by_label("Lý do sửa").fill("Đếm lại theo biên bản.")
    desks.keep(page, "edit_asked")
    page.get_by_role("button", name="Mở để sửa").click()
    frame = _screen(page)
    desks.keep(page, "edit")
    assert findings(page) == []
    frame.get_by_label("Nữ lãnh đạo chủ chốt").press("Control+a")
    frame.get_by_label("Nữ lãnh đạo chủ chốt").press_sequentially("4")
    frame.get_by_role("button", name="Gửi", exact=True).click()

    expect(page.get_by_text("Đã ghi bản sửa")).to_be_visible()
    expect(page.locator("#dien-bien")).to_contain_text("Đếm lại theo biên bản.")
    record.refresh_from_db()
    current = record.current_version
    assert current is not None
    assert (current.deprecated_id, record.review_state) == ("uuid:anh", ReviewState.EDITED)
    assert b"<a3_key_f>4</a3_key_f>" in bytes(current.xml)
    assert [(f.name, f.is_carried_over) for f in current.attachments.all()] == [("1.jpg", True)]
