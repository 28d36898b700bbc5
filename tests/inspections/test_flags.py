"""Reasons to look twice, what people say about them, and what they stop."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from server.communes.models import AdminUnit
from server.forms.models import FormVersion
from server.inspections import derive, flag_review, review
from server.inspections.flag_kinds import KINDS
from server.inspections.flag_review import Justification
from server.inspections.models import Flag, FlagDecision
from server.inspections.problems import FlagReasonMissing, FlagsOpen, FlagUnknown
from server.projects.models import Project, Role, User
from server.reports.summary_table import FLAGS
from server.submissions.models import ReviewState, Submission, SubmissionVersion
from server.submissions.problems import ReviewVersionOutdated
from server.submissions.review import Judgement
from tests import builders
from tests.builders import GOOD

PLACED = {**GOOD, "h/h_commune": "05665"}
IN_DONG = "21.65 105.95 0 10"  # lat lon altitude accuracy
MOCKED = "21.65 105.95 0 0"
SHEET = {"1.jpg": b"\xff\xd8\xff\xe0 a photo"}
NOTE = "Chị Hoàng Thị Mai bị chồng đánh"


@pytest.fixture
def hoa(project: Project) -> User:
    return builders.member(project, "hoa@example.org", Role.SUPERVISOR)


def flags(submission: Submission) -> dict[str, Any]:
    rows = Flag.objects.filter(inspection__submission=submission)
    return dict(rows.values_list("code", "details"))


def noted(project: Project, note: str, instance_id: str = "uuid:1", deprecated: str = "") -> Any:
    xml = builders.instance(
        {**PLACED, "h/h_gps": IN_DONG},
        photos=["1.jpg"],
        instance_id=instance_id,
        deprecated_id=deprecated,
    )
    written = xml.replace(b"</zp_img>", f"</zp_img><zp_note>{note}</zp_note>".encode())
    return builders.send(project, written, SHEET)


def mocked(project: Project) -> Submission:
    return builders.send(project, builders.instance({**PLACED, "h/h_gps": MOCKED}))


def approve(submission: Submission, by: User) -> Submission:
    return review.decide(submission, Judgement(ReviewState.APPROVED, by))


def test_a_point_without_any_error_is_said_to_be_false(project: Project, squares: None) -> None:
    assert "gps_mocked" in flags(mocked(project))


def test_a_point_with_an_error_is_believed(project: Project, squares: None) -> None:
    xml = builders.instance({**PLACED, "h/h_gps": IN_DONG})

    assert flags(builders.send(project, xml)) == {}


@pytest.mark.parametrize("evidence", ["verbal", "none"])
def test_a_zero_on_somebodys_word_is_flagged(
    project: Project, squares: None, evidence: str
) -> None:
    xml = builders.instance({**PLACED, "h/h_gps": IN_DONG, "a/a5_ev": evidence})

    assert flags(builders.send(project, xml)) == {"verbal_zero": {"conditions": ["A5"]}}


def test_another_figure_on_somebodys_word_is_not(project: Project, squares: None) -> None:
    xml = builders.instance({**PLACED, "h/h_gps": IN_DONG, "a/a3_ev": "verbal"})

    assert flags(builders.send(project, xml)) == {}


def received_late_in_may(project: Project, visit_date: str) -> Submission:
    """Send an inspection that arrives on 21 May in Thái Nguyên, while it is 20 May in UTC."""
    xml = builders.instance({**PLACED, "h/h_gps": IN_DONG, "h/h_date": visit_date})
    sent = builders.send(project, xml)
    at = dt.datetime(2026, 5, 20, 17, 30, tzinfo=dt.UTC)
    SubmissionVersion.objects.filter(submission=sent).update(received_at=at)
    derive.derive([sent.pk])
    return sent


def test_a_visit_on_the_day_after_receipt_is_believed(project: Project, squares: None) -> None:
    assert flags(received_late_in_may(project, "2026-05-22")) == {}


def test_a_visit_two_days_after_receipt_is_flagged_with_both_days(
    project: Project, squares: None
) -> None:
    assert flags(received_late_in_may(project, "2026-05-23")) == {
        "visit_in_future": {"visit_date": "2026-05-23", "received_on": "2026-05-21"}
    }


def test_a_visit_of_the_future_is_approved_only_when_justified(
    project: Project, squares: None, hoa: User
) -> None:
    submission = received_late_in_may(project, "2099-01-01")

    with pytest.raises(FlagsOpen, match="visit_in_future"):
        approve(submission, hoa)

    flag_review.justify(submission.pk, "visit_in_future", Justification(hoa, "Ngày đúng."))
    assert approve(submission, hoa).review_state == ReviewState.APPROVED


def test_a_text_that_says_who_somebody_is_is_flagged_by_its_question_only(
    project: Project, squares: None
) -> None:
    submission = noted(project, NOTE)

    assert flags(submission) == {
        "personal_data": {"questions": ["z_photo/zp_note"], "traces": ["ten_nguoi"]}
    }


def test_nothing_severe_is_approved_before_somebody_justified_it(
    project: Project, squares: None, hoa: User
) -> None:
    submission = mocked(project)

    with pytest.raises(FlagsOpen, match="gps_mocked"):
        approve(submission, hoa)

    flag_review.justify(submission.pk, "gps_mocked", Justification(hoa, "Đã đối chiếu ảnh."))
    assert approve(submission, hoa).review_state == ReviewState.APPROVED


def test_a_submission_with_open_flags_can_be_sent_back(
    project: Project, squares: None, hoa: User
) -> None:
    submission = mocked(project)

    judged = review.decide(submission, Judgement(ReviewState.HAS_ISSUES, hoa, "Lấy lại tọa độ."))

    assert judged.review_state == ReviewState.HAS_ISSUES


def test_a_justification_outlives_a_rederive(project: Project, squares: None, hoa: User) -> None:
    submission = mocked(project)
    flag_review.justify(submission.pk, "gps_mocked", Justification(hoa, "Đã đối chiếu ảnh."))

    derive.derive([submission.pk])

    (standing,) = flag_review.of(submission)
    assert standing.decision is not None


def test_other_evidence_opens_a_flag_again(project: Project, squares: None, hoa: User) -> None:
    submission = mocked(project)
    flag_review.justify(submission.pk, "gps_mocked", Justification(hoa, "Đã đối chiếu ảnh."))

    Flag.objects.filter(code="gps_mocked").update(details={"points": 2})

    (standing,) = flag_review.of(submission)
    assert standing.is_in_the_way


def test_a_held_text_is_read_again_after_an_edit(
    project: Project, squares: None, hoa: User
) -> None:
    submission = noted(project, NOTE)
    flag_review.justify(submission.pk, "personal_data", Justification(hoa, "Tên hư cấu."))

    noted(project, "Chị Lê Thị Thắm bị chồng đánh", "uuid:2", "uuid:1")

    submission.refresh_from_db()
    (standing,) = flag_review.of(submission)
    assert standing.decision is None


def test_a_text_is_held_until_somebody_has_read_it(
    project: Project, squares: None, hoa: User
) -> None:
    submission = noted(project, NOTE)
    before = flag_review.held_questions(submission)

    flag_review.justify(submission.pk, "personal_data", Justification(hoa, "Tên hư cấu."))

    assert before == {"z_photo/zp_note"}
    assert flag_review.held_questions(submission) == frozenset()


def test_saying_the_same_again_changes_nothing(project: Project, squares: None, hoa: User) -> None:
    submission = mocked(project)
    said = Justification(hoa, "Đã đối chiếu ảnh.")
    flag_review.justify(submission.pk, "gps_mocked", said)

    flag_review.justify(submission.pk, "gps_mocked", said)

    assert FlagDecision.objects.count() == 1


def test_silence_justifies_nothing(project: Project, squares: None, hoa: User) -> None:
    with pytest.raises(FlagReasonMissing):
        flag_review.justify(mocked(project).pk, "gps_mocked", Justification(hoa, "  "))


def test_a_flag_that_does_not_stand_cannot_be_justified(
    project: Project, squares: None, hoa: User
) -> None:
    with pytest.raises(FlagUnknown):
        flag_review.justify(mocked(project).pk, "gps_far", Justification(hoa, "Xong."))


def test_who_looked_at_an_earlier_version_justifies_nothing(
    project: Project, squares: None, hoa: User
) -> None:
    said = Justification(hoa, "Xong.", seen_version="uuid:earlier")

    with pytest.raises(ReviewVersionOutdated):
        flag_review.justify(mocked(project).pk, "gps_mocked", said)


def test_every_flag_has_its_words_everywhere(form: FormVersion, dong: AdminUnit) -> None:
    assert KINDS.keys() == FLAGS.keys()
    assert all(set(kind.label) == set(kind.advice) == {"vi", "en"} for kind in KINDS.values())
