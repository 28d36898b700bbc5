"""Biểu mẫu: a workbook on its way to the phones, and who holds which version."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from playwright.sync_api import expect
from pytest_django import DjangoAssertNumQueries

from server.forms import drafts
from server.forms.models import Draft, DraftAttachment, FormVersion
from server.forms.problems import DraftUnknown
from server.projects import accounts
from server.projects.audit import SERVER
from server.projects.models import Role
from tests import builders
from tests.console.axe import findings
from tests.console.conftest import Desks, reader, text
from tests.console.world import HOSTILE, World
from tests.forms import tables


def _file(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("biểu.xlsx", content)


def test_a_workbook_is_tried_published_with_a_note_and_compared(desks: Desks) -> None:
    base = f"/du-an/{desks.world.project.pk}"
    first = tables.form(settings=tables.version("1"))
    second = tables.form(settings=tables.version("2", "Tên mới"))
    page = desks.of(Role.MANAGER).page(f"{base}/bieu-mau")

    page.get_by_role("link", name="Tải bảng tính lên").click()
    page.locator("#workbook").set_input_files(
        {"name": "biểu.xlsx", "mimeType": "application/zip", "buffer": first}
    )
    page.get_by_role("button", name="Kiểm tra").click()
    expect(page.locator(".device-code svg")).to_be_visible()
    assert findings(page) == []
    page.get_by_role("link", name="Xem thay đổi và phát hành").click()
    page.get_by_label("Điều mới trong phiên bản này").fill(HOSTILE)
    page.get_by_role("button", name="Phát hành cho các máy").click()
    expect(page.get_by_text("Đã phát hành phiên bản 1.")).to_be_visible()
    expect(page.locator("table").get_by_text(HOSTILE)).to_be_visible()
    client = reader(desks.world.people[Role.MANAGER])
    client.post(f"{base}/tai-bieu-len", {"workbook": _file(second)})
    unsaid = client.post(f"{base}/bieu-mau/thu/phat-hanh", {"note": " ", "version": "2"})
    compared = text(client.get(f"{base}/bieu-mau/thu/so-sanh?tu=1&den=ban-thu"))

    assert FormVersion.objects.get(form__form_id="thu").note == HOSTILE
    assert unsaid.status_code == 422
    assert '<ins class="form-text">Tên mới</ins>' in compared


@pytest.mark.django_db(transaction=True)
def test_a_workbook_with_faults_shows_each_beside_its_cell(live_world: World) -> None:
    client = reader(live_world.people[Role.MANAGER])
    address = f"/du-an/{live_world.project.pk}/tai-bieu-len"
    survey = tables.with_rows(tables.SURVEY, ("integr", "moi", "Họ tên <b>nạn nhân</b>"))
    bad = tables.form(survey, settings=tables.version("1"))

    page = text(client.post(address, {"workbook": _file(bad)}))
    answers = [
        client.post(address, given).status_code
        for given in ({}, {"workbook": _file(b"khong phai")}, {"workbook": _file(b"PK\x03\x04")})
    ]

    assert "integr" in page
    assert "Họ tên &lt;b&gt;nạn nhân&lt;/b&gt;" in page
    assert answers == [422, 400, 400]
    assert not Draft.objects.exists()


def test_phones_on_an_old_version_stand_first_in_as_few_questions(
    world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = reader(world.people[Role.MANAGER])
    address = f"/du-an/{world.project.pk}/bieu-mau"
    for number in range(5):
        accounts.create_app_user(world.project, f"Máy {number}")
    with django_assert_max_num_queries(8):
        listed = text(client.get(address))
    with django_assert_max_num_queries(13):
        page = text(client.get(f"{address}/kt_thu"))

    assert "kt_thu" in listed
    assert "chưa kết nối lại" in page
    assert HOSTILE not in page


def test_only_managers_of_the_project_find_it(world: World) -> None:
    for user in (world.people[Role.VIEWER], world.people[Role.SUPERVISOR]):
        client = reader(user)
        for path in ("bieu-mau", "bieu-mau/kt_thu", "tai-bieu-len", "bieu-mau/kt_thu/bang-tinh"):
            assert client.get(f"/du-an/{world.project.pk}/{path}").status_code == 404
        answer = client.post(f"/du-an/{world.project.pk}/bieu-mau/kt_thu/trang-thai")
        assert answer.status_code == 404
    manager = reader(world.people[Role.MANAGER])
    assert manager.get(f"/du-an/{world.foreign.pk}/bieu-mau").status_code == 404
    assert manager.get(f"/du-an/{world.project.pk}/bieu-mau/khong_co").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_draft_with_a_new_code_leaves_the_old_one_void(live_world: World) -> None:
    version = builders.form(live_world.foreign)
    made = drafts.copy(live_world.foreign.pk, version.form.form_id, SERVER)

    again = drafts.reissue(live_world.foreign.pk, version.form.form_id, SERVER)

    assert drafts.find(again.token, live_world.foreign.pk, version.form.form_id) == made.draft
    with pytest.raises(DraftUnknown):
        drafts.find(made.token, live_world.foreign.pk, version.form.form_id)


@pytest.mark.django_db(transaction=True)
def test_a_draft_gets_the_files_that_it_refers_to_and_no_others(live_world: World) -> None:
    project, form_id = live_world.foreign, builders.form(live_world.foreign).form.form_id
    user = builders.member(project, "quan-ly@example.org", Role.MANAGER)
    draft = drafts.copy(project.pk, form_id, SERVER).draft
    DraftAttachment.objects.create(draft=draft, name="anh.png", kind="image")
    client, address = reader(user), f"/du-an/{project.pk}/bieu-mau/{form_id}"

    page = text(client.get(address))
    answers = [
        client.post(f"{address}/tep-ban-thu", given).status_code
        for given in (
            {"name": "anh.png", "file": _file(b"anh")},
            {"name": "khac.png", "file": _file(b"anh")},
            {"name": "anh.png"},
        )
    ]

    assert "anh.png" in page
    assert answers == [303, 404, 422]
    assert draft.attachments.get().size == 3
