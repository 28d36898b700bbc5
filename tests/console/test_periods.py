"""Kỳ báo cáo: the checklist, the lock, and what was frozen."""

from __future__ import annotations

import hashlib
import re

from django.db import connection
from django.test.utils import CaptureQueriesContext

from server.inspections.expected import local_day
from server.plans.models import Snapshot
from server.projects.models import AuditEntry, Role
from server.submissions.models import Submission
from tests import builders
from tests.console.conftest import reader, text
from tests.console.world import World, sent

YEAR = local_day().year


def here(world: World) -> str:
    return f"/du-an/{world.project.pk}/ky-bao-cao/{YEAR}-h1"


def approve(*submissions: Submission) -> None:
    keys = [one.pk for one in submissions]
    Submission.objects.filter(pk__in=keys).update(review_state="approved")


def numbers(page: str) -> list[str]:
    return [part.split("<")[0] for part in page.split('figure-number">')[1:]]


def test_the_checklist_counts_what_waits(world: World) -> None:
    approve(world.waiting)
    page = text(reader(world.people[Role.MANAGER]).get(here(world)))

    assert numbers(page) == ["1", "2", "0", "0", "0"]
    assert "Còn hồ sơ chờ quyết định: 2 chờ duyệt" in page
    scoped = text(reader(world.scoped).get(here(world)))
    assert numbers(scoped)[:2] == ["1", "0"]
    assert "Người quản lý chương trình khóa kỳ." in scoped


def test_the_checklist_asks_as_often_for_many_records(world: World) -> None:
    client = reader(world.people[Role.MANAGER])
    counts = []
    for number in range(2):
        with CaptureQueriesContext(connection) as asked:
            client.get(here(world))
        counts.append(len(asked))
        sent(world.project, f"uuid:more{number}", world.dong_hy)

    assert counts[0] == counts[1]


def test_a_period_is_locked_once_and_only_when_somebody_means_it(world: World) -> None:
    approve(world.waiting)
    client = reader(world.people[Role.MANAGER])

    assert "Đánh dấu vào ô xác nhận" in text(client.post(f"{here(world)}/khoa"))
    assert not Snapshot.objects.exists()
    assert client.post(f"{here(world)}/khoa", {"confirmed": "1"}).status_code == 303
    again = client.post(f"{here(world)}/khoa", {"confirmed": "1"})
    assert again.status_code == 409
    made = Snapshot.objects.get()
    page = text(client.get(here(world)))
    assert made.sha256 in page
    file = client.get(f"{here(world)}/ban-chot/1")
    assert hashlib.sha256(bytes(file.content)).hexdigest() == made.sha256
    assert "attachment" in file["Content-Disposition"]


def test_a_correction_keeps_what_was_frozen_and_says_why(world: World) -> None:
    approve(world.waiting)
    client = reader(world.people[Role.MANAGER])
    client.post(f"{here(world)}/khoa", {"confirmed": "1"})

    assert "Ghi lý do đính chính" in text(client.post(f"{here(world)}/dinh-chinh"))
    asked = {"reason": "Bổ sung <b>Phan Đình Phùng</b>."}
    named = {"reason": "Theo chị Nguyễn Thị Hoa, 0912 345 678."}
    refused = text(client.post(f"{here(world)}/dinh-chinh", named))
    assert "có thể nêu thông tin cá nhân" in refused
    assert 'name="confirmed"' in refused
    assert client.post(f"{here(world)}/dinh-chinh", asked).status_code == 303
    page = text(client.get(here(world)))
    assert "Bản số 2" in page
    assert "Bản số 1" in page
    assert "Bổ sung &lt;b&gt;" in page
    assert "số 2" in text(client.get(f"/du-an/{world.project.pk}/ky-bao-cao"))


def test_an_empty_period_and_an_open_one_say_what_to_do(world: World) -> None:
    client = reader(world.people[Role.MANAGER])

    empty = client.post(f"{here(world)}/khoa", {"confirmed": "1"})
    assert (empty.status_code, "Duyệt hồ sơ rồi khóa kỳ" in text(empty)) == (409, True)
    still_open = client.post(f"{here(world)}/dinh-chinh", {"reason": "Sai số."})
    assert (still_open.status_code, "Sai số." in text(client.get(here(world)))) == (409, False)


def test_what_is_no_period_is_not_there(world: World) -> None:
    client = reader(world.people[Role.MANAGER])

    for name in ("2026-q1", "abc", "9999-h1"):
        assert client.get(f"/du-an/{world.project.pk}/ky-bao-cao/{name}").status_code == 404


def test_only_a_manager_locks_and_a_viewer_sees_nothing(world: World) -> None:
    approve(world.waiting)
    for user in (world.people[Role.SUPERVISOR], world.scoped, world.people[Role.VIEWER]):
        locked = reader(user).post(f"{here(world)}/khoa", {"confirmed": "1"})
        assert locked.status_code == 404
    assert reader(world.people[Role.VIEWER]).get(here(world)).status_code == 404
    assert not Snapshot.objects.exists()
    assert AuditEntry.objects.filter(action="access.denied").exists()


def _of_other_period(instance_id: str) -> bytes:
    """Return the correction of a record that says its data are of another year."""
    there = {**builders.GOOD, "h/h_commune": "05443@2025-07-01", "h/h_year": "2025"}
    return builders.instance(there, instance_id=f"{instance_id}-2", deprecated_id=instance_id)


def test_what_changes_after_the_lock_is_told_on_the_period_and_on_the_record(world: World) -> None:
    approve(world.waiting)
    client = reader(world.people[Role.MANAGER])
    record = f"/du-an/{world.project.pk}/ho-so/kt_thu/{world.waiting.instance_id}"
    before = text(client.get(record))
    client.post(f"{here(world)}/khoa", {"confirmed": "1"})
    quiet = text(client.get(here(world)))
    for state, seen in (("hasIssues", "approved"), ("approved", "hasIssues")):
        client.post(
            f"{record}/quyet-dinh", {"to": state, "seen": seen, "reason": "Thiếu, rồi đủ căn cứ."}
        )
    sent(world.project, "uuid:late", world.dong_hy)
    builders.send(world.project, _of_other_period("uuid:failing"))
    told = text(client.get(here(world)))
    frozen = bytes(Snapshot.objects.get().content)
    client.post(f"{here(world)}/dinh-chinh", {"reason": "Đưa thay đổi vào."})

    assert "Kỳ đã khóa" not in before
    for path in (record, f"{record}/sua"):
        assert "Kỳ đã khóa</a>: số liệu đã chốt ngày" in text(client.get(path))
    assert "Không hồ sơ nào của kỳ thay đổi" in quiet
    assert "3 hồ sơ</span>" in told
    words = r"Có quyết định mới|Mới nhận|Sửa câu trả lời|Đã xóa|Chuyển sang kỳ khác"
    assert re.findall(words, told) == [
        *("Sửa câu trả lời", "Chuyển sang kỳ khác"),
        "Mới nhận",
        "Có quyết định mới",
    ]
    assert bytes(Snapshot.objects.get(number=1).content) == frozen
    assert "Không hồ sơ nào của kỳ thay đổi" in text(client.get(here(world)))
