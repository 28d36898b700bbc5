"""Hồ sơ: one record, and what a reviewer does about it."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from server.console import filters
from server.inspections import reveals, review
from server.inspections.models import Flag, Reveal
from server.projects.models import AuditEntry, Membership, Role, User
from server.reports.beside import beside
from server.reports.listing import ORDERS
from server.reports.selection import select
from server.reports.told import names_of
from server.submissions.models import (
    Comment,
    PhotoFacts,
    ReviewState,
    Submission,
    SubmissionAttachment,
)
from tests import builders
from tests.console.conftest import reader, text
from tests.console.world import HOSTILE, UNTAGGED, World, sent

MASKED = "a/a5_child"
FLAGS = ("late", "unit_unknown", "gps_mocked", "result_differs", "same_photo")


def address(world: World, name: str = "waiting", act: str = "") -> str:
    return f"/du-an/{world.project.pk}/ho-so/kt_thu/uuid:{name}{act}"


def state(submission: Submission) -> str:
    return Submission.objects.get(pk=submission.pk).review_state


def manager(world: World) -> User:
    return world.people[Role.MANAGER]


def test_it_shows_what_was_answered_and_why_it_came_out_so(world: World) -> None:
    page = text(reader(manager(world)).get(address(world, "failing")))

    assert "Phường Phan Đình Phùng" in page
    assert "<h3>Thông tin chung</h3>" in page
    assert "6 tháng đầu năm" in page
    assert "«Nữ lãnh đạo chủ chốt» phải từ 1 trở lên; phải có căn cứ" in page
    assert "Đã xem bản gốc" in page
    assert "chưa về máy chủ" in page
    assert "đã gửi hồ sơ" in page


def test_it_waits_for_one_style_sheet_and_for_no_script(world: World) -> None:
    page = text(reader(manager(world)).get(address(world, "failing")))

    assert len(re.findall(r'rel="stylesheet"', page)) == 1
    assert re.findall(r"<script [^>]*>", page) == re.findall(r'<script type="module" [^>]*>', page)


def test_whoever_may_not_see_it_finds_nothing_there(world: World) -> None:
    viewer, scoped = reader(world.people[Role.VIEWER]), reader(world.scoped)
    client = reader(manager(world))
    for act in ("", "/quyet-dinh?to=approved", "/nhan-xet", "/mo-xem?cau=h/h_date"):
        assert viewer.get(address(world, "waiting", act)).status_code == 404
        assert scoped.get(address(world, "failing", act)).status_code == 404
        assert client.get(address(world, "none", act)).status_code == 404
    form = {"to": "approved", "reason": "Xong."}

    assert scoped.post(address(world, "failing", "/quyet-dinh"), form).status_code == 404
    assert state(world.failing) == ReviewState.RECEIVED


def test_an_approval_leads_back_within_the_filter_or_to_the_next(world: World) -> None:
    client = reader(manager(world))
    form = {"to": "approved", "seen": "received", "reason": "", "then": "next"}
    onwards = client.post(address(world, "waiting", "/quyet-dinh?sort=received"), form)
    back = client.post(
        address(world, "failing", "/quyet-dinh?sort=received"),
        {"to": "hasIssues", "reason": "Thiếu ảnh biên bản."},
        headers={"HX-Request": "true"},
    )

    assert state(world.waiting) == ReviewState.APPROVED
    assert onwards.headers["Location"] == f"{address(world, 'failing')}?sort=received"
    assert state(world.failing) == ReviewState.HAS_ISSUES
    assert f"{address(world, 'failing')}?sort=received" in back.headers["HX-Location"]


def test_the_second_reviewer_sees_the_first_decision_and_keeps_every_word(world: World) -> None:
    first, second = manager(world), world.people[Role.SUPERVISOR]
    reader(first).post(
        address(world, "waiting", "/quyet-dinh"), {"to": "hasIssues", "reason": "Thiếu <dấu>."}
    )
    form = {"to": "rejected", "seen": "received", "reason": "Gửi trùng, đã đối chiếu."}
    client = reader(second)
    answer = client.post(address(world, "waiting", "/quyet-dinh?seen=received"), form)
    page = text(answer)
    again = {**form, "seen": re.findall(r'name="seen" value="(\w+)"', page)[0]}
    accepted = client.post(address(world, "waiting", "/quyet-dinh?seen=received"), again)

    assert answer.status_code == 409
    assert "Gửi trùng, đã đối chiếu.</textarea>" in page
    assert "Thiếu &lt;dấu&gt;." in page
    assert "Người khác vừa quyết định" in page
    assert accepted.status_code == 303
    assert state(world.waiting) == ReviewState.REJECTED


def test_a_refusal_needs_a_reason(world: World) -> None:
    client = reader(manager(world))
    for to, status in (("hasIssues", 400), ("rejected", 400), ("received", 404)):
        answer = client.post(address(world, "waiting", "/quyet-dinh"), {"to": to, "reason": " "})
        assert answer.status_code == status

    assert state(world.waiting) == ReviewState.RECEIVED


def test_a_severe_flag_stops_an_approval_until_it_is_justified(world: World) -> None:
    Flag.objects.create(
        inspection=world.waiting.inspection, code="gps_far", details={"outside_m": 15894}
    )
    client = reader(manager(world))
    page = text(client.get(address(world)))
    asked = text(client.get(address(world, "waiting", "/quyet-dinh?to=approved")))
    refused = client.post(address(world, "waiting", "/quyet-dinh"), {"to": "approved"})
    client.post(address(world, "waiting", "/canh-bao/gps_far"), {"reason": "Họp ở trụ sở cũ."})
    client.post(address(world, "waiting", "/quyet-dinh"), {"to": "approved"})

    assert "Còn 1 cảnh báo nặng" in page
    assert "15.894 m" in page
    assert "Chưa duyệt được" in asked
    assert 'class="main-act" disabled' in asked
    assert refused.status_code == 409
    assert "Tọa độ nằm xa xã đã khai." in text(refused)
    assert state(world.waiting) == ReviewState.APPROVED
    assert "Họp ở trụ sở cũ." in text(client.get(address(world)))


def test_a_restricted_answer_is_shown_for_a_reason_to_who_gave_it_for_a_while(
    world: World,
) -> None:
    sent(world.project, "uuid:cases", world.dong_hy, **{MASKED: "7431"})
    client, other = reader(manager(world)), reader(world.people[Role.SUPERVISOR])
    place, ask = address(world, "cases"), address(world, "cases", f"/mo-xem?cau={MASKED}")
    before = text(client.get(place))
    silent = client.post(ask, {"cau": MASKED, "reason": " "})
    client.post(ask, {"cau": MASKED, "reason": "Đối chiếu sổ theo dõi."})
    after, others = text(client.get(place)), text(other.get(place))
    Reveal.objects.update(at=timezone.now() - reveals.OPEN_FOR - dt.timedelta(seconds=1))
    later = text(client.get(place))
    entry = AuditEntry.objects.get(action="submission.reveal")
    read = AuditEntry.objects.filter(action="submission.read", object_name="uuid:cases")

    assert [page.count("7431") for page in (before, others, later)] == [0, 0, 0]
    assert silent.status_code == 400
    assert after.count("7431") >= 2  # among the answers, and as the figure that was judged
    assert "Đối chiếu sổ theo dõi." in others
    assert (entry.object_name, entry.details["questions"]) == ("uuid:cases", [MASKED])
    assert "sổ" not in str(entry.details)
    assert {one.actor_id for one in read} == {manager(world).pk, world.people[Role.SUPERVISOR].pk}


def test_only_restricted_questions_are_opened(world: World) -> None:
    client = reader(manager(world))
    for path, status in (("h/h_date", 404), ("a/none", 404), ("", 404)):
        answer = client.post(
            address(world, "waiting", "/mo-xem"), {"cau": path, "reason": "Đối chiếu."}
        )
        assert answer.status_code == status
    assert not Reveal.objects.exists()


def test_a_remark_stands_at_its_question_and_names_nobody_unconfirmed(world: World) -> None:
    client = reader(manager(world))
    form = {"cau": "a/a1_plan", "reason": "Gọi chị Nguyễn Thị Hằng 0912345678 để hỏi lại."}
    refused = client.post(address(world, "waiting", "/nhan-xet"), form)
    client.post(address(world, "waiting", "/nhan-xet"), {**form, "confirmed": "1"})
    client.post(address(world, "waiting", "/nhan-xet"), {"cau": "", "reason": HOSTILE})
    page = text(client.get(address(world)))

    assert "Tôi đã đọc lại" in text(refused)
    assert "0912345678 để hỏi lại.</textarea>" in text(refused)
    assert Comment.objects.count() == 2
    assert page.count("để hỏi lại.") == 2  # at the question and in the history
    assert HOSTILE not in page


def test_what_people_and_phones_write_stays_text(world: World) -> None:
    sent(
        world.project,
        "uuid:hostile",
        world.dong_hy,
        photo='"><img src=x>.jpg',
        **{"h/h_unit_type": HOSTILE, "a/a1_ev": "javascript:alert(1)"},
    )
    page = text(reader(manager(world)).get(address(world, "hostile")))

    assert "&lt;script&gt;" in page
    assert HOSTILE not in page
    assert "<img src=x>" not in page


def test_a_file_is_saved_and_never_run(world: World) -> None:
    xml = builders.instance(builders.GOOD, instance_id="uuid:file", photos=["a.html"])
    builders.send(world.project, xml, {"a.html": b"<script>alert(1)</script>"})
    answer = reader(manager(world)).get(address(world, "file", "/tep/a.html?co=goc"))

    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == "attachment"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert reader(world.scoped).get(address(world, "file", "/tep/a.html")).status_code == 404
    assert reader(manager(world)).get(address(world, "file", "/tep/b.jpg")).status_code == 404


@pytest.mark.parametrize("order", list(ORDERS))
def test_next_and_before_walk_the_list_as_it_stands(world: World, order: str) -> None:
    sent(world.project, "uuid:second", world.dong_hy)
    Submission.objects.filter(pk=world.failing.pk).update(review_state=ReviewState.APPROVED)
    sent(world.project, "uuid:undated", None, **{"h/h_date": ""})
    selection = filters.read(QueryDict("year=&state=received,edited")).selection
    membership = Membership.objects.get(project=world.project, user=manager(world))
    rows = list(select(membership, selection).order_by(*ORDERS[order]))
    walked = [rows[0]]
    while True:
        _, after = beside(membership, selection, walked[-1], order=order)
        if after is None:
            break
        walked.append(Submission.objects.get(instance_id=after.instance_id))
    back, _ = beside(membership, selection, rows[-1], order=order)

    assert walked == rows
    assert (back.instance_id if back else "") == (rows[-2].instance_id if len(rows) > 1 else "")


def test_more_of_everything_costs_no_more_queries(world: World) -> None:
    client = reader(manager(world))
    client.get(address(world, "failing"))
    with CaptureQueriesContext(connection) as few:
        client.get(address(world, "failing"))
    submission = review.find(
        Membership.objects.get(project=world.project, user=manager(world)), "kt_thu", "uuid:failing"
    )
    for number in range(5):
        review.comment(submission, manager(world), f"Nhận xét {number}", "a/a1_plan")
        Flag.objects.create(inspection=submission.inspection, code=FLAGS[number], details={})
        sent(world.project, f"uuid:more-{number}", world.dong_hy)
    with CaptureQueriesContext(connection) as many:
        client.get(address(world, "failing"))

    assert len(many) == len(few)
    assert len(few) <= 36


def test_a_photo_says_when_and_how_far_away_it_was_taken(world: World) -> None:
    # A hundredth of a degree of latitude is 1.1 km.
    answers = {**builders.GOOD, "h/h_gps": "21.60 105.85 0 12"}
    xml = builders.instance(answers, instance_id="uuid:photo", photos=["1.jpg"])
    builders.send(world.project, xml, {"1.jpg": b"not really a photo"})
    stored = SubmissionAttachment.objects.get(name="1.jpg")
    taken_at = dt.datetime(2026, 5, 18, 2, 5, tzinfo=dt.UTC)
    PhotoFacts.objects.create(blob=stored.sha256, taken_at=taken_at, lon=105.85, lat=21.61)
    page = text(reader(manager(world)).get(address(world, "photo")))

    assert "18/05/2026 09:05" in page
    photos = page[page.index('id="anh"') : page.index('id="photo-view"')]
    assert photos.count('<span class="badge doubt">') == 2  # the other day, and the distance
    assert "cách 1,1 km" in page
    assert SubmissionAttachment.objects.get(name="1.jpg").thumbnails_owed_at is not None


def test_an_edit_tells_what_it_changed_and_masks_what_is_restricted(world: World) -> None:
    edit = {**builders.GOOD, "h/h_commune": world.dong_hy.uid, "a/a1_ev": "none", MASKED: "7431"}
    builders.send(
        world.project,
        builders.instance(edit, instance_id="uuid:edit", deprecated_id="uuid:waiting"),
    )
    page = text(reader(manager(world)).get(address(world)))

    assert "<del>Đã xem bản gốc</del>" in page
    assert "<ins>Không có</ins>" in page
    assert "7431" not in page
    assert "đã gửi bản sửa" in page


def test_what_was_restricted_when_it_was_given_stays_masked_in_the_history(world: World) -> None:
    sent(world.project, "uuid:tagged", world.dong_hy, **{MASKED: "7431"})
    builders.form(world.project, UNTAGGED)
    edit = {**builders.GOOD, "h/h_commune": world.dong_hy.uid, MASKED: "8642"}
    builders.send(
        world.project,
        builders.instance(edit, version="2", instance_id="uuid:edit", deprecated_id="uuid:tagged"),
    )
    page = text(reader(manager(world)).get(address(world, "tagged")))

    assert "8642" in page  # of the version in force, which does not restrict it
    assert "7431" not in page
    assert "<ins>8642</ins>" not in page


def test_what_was_typed_when_the_session_ended_goes_where_it_was_meant_to(world: World) -> None:
    place = address(world, "waiting", "/quyet-dinh?to=hasIssues&sort=received")
    over = Client().post(place, {"to": "hasIssues", "reason": "Thiếu biên bản."})

    assert over.status_code == 401
    assert 'name="kept.reason" value="Thiếu biên bản."' in text(over)
    assert "quyet-dinh?to=hasIssues&amp;sort=received" in text(over)


def test_what_an_answer_points_to_is_called_by_its_name(world: World) -> None:
    row = builders.recommendation(world.project, label="Mở lớp tập huấn")
    phone = world.phone
    said = [phone.username, world.dong_hy.uid, str(row.uuid), "u0", "khác"]

    assert names_of(said, world.project.pk) == {
        phone.username: "Máy của chị Hạnh",
        world.dong_hy.uid: "Xã Đồng Hỷ",
        str(row.uuid): "Mở lớp tập huấn",
    }
    assert set(names_of(said, world.foreign.pk)) == {world.dong_hy.uid}
