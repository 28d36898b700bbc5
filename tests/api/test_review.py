"""Approving, sending back and rejecting, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from server.inspections import personal
from server.inspections.models import Inspection
from server.projects import accounts
from server.projects.models import AppUser, AuditEntry, Membership, Project, Role, User
from server.submissions.intake import Sender, receive
from server.submissions.models import ReviewEvent, ReviewState, Submission
from tests import builders
from tests.api.conftest import Answer, Program
from tests.builders import GOOD, REFORM, instance

REASON = "Thiếu ảnh quyết định kiện toàn."


def signed_in(project: Project, name: str, role: Role, communes: tuple[str, ...] = ()) -> Program:
    person = builders.member(project, f"{name}@example.org", role)
    Membership.objects.filter(user=person).update(commune_uids=list(communes))
    opened = accounts.open_session(person.email, builders.PASSWORD)
    assert opened is not None
    return Program(opened.token)


@pytest.fixture
def hoa(project: Project) -> Program:
    return signed_in(project, "hoa", Role.SUPERVISOR)


@pytest.fixture
def minh(project: Project) -> Program:
    return signed_in(project, "minh", Role.SUPERVISOR)


@pytest.fixture
def submission(project: Project) -> Submission:
    builders.form(project)
    return builders.send(project, instance(GOOD))


def address(submission: Submission, below: str = "") -> str:
    form = submission.form
    return (
        f"/v1/projects/{form.project_id}/forms/{form.form_id}"
        f"/submissions/{submission.instance_id}{below}"
    )


def decide(
    program: Program, submission: Submission, state: str, reason: str = "", **seen: str
) -> Answer:
    return program.ask(
        "PATCH",
        address(submission),
        data=json.dumps({"reviewState": state, "reason": reason, **seen}),
        content_type="application/json",
    )


def remark(program: Program, submission: Submission, **said: str) -> Answer:
    return program.ask(
        "POST",
        address(submission, "/comments"),
        data=json.dumps(said),
        content_type="application/json",
    )


def history(program: Program, submission: Submission) -> list[tuple[str, str, str, str]]:
    events: list[dict[str, Any]] = program.get(address(submission, "/review")).json
    return [(e["fromState"], e["toState"], e["reason"], e["actorName"]) for e in events]


def test_an_approval_is_kept_with_who_and_when(hoa: Program, submission: Submission) -> None:
    answer = decide(hoa, submission, "approved")

    assert (answer.status, answer.json["reviewState"]) == (200, "approved")
    assert history(hoa, submission) == [("received", "approved", "", "Lan")]


def test_who_asks_for_what_was_changed_is_told_of_decisions(
    hoa: Program, submission: Submission
) -> None:
    before = hoa.get(address(submission)).json["updatedAt"]
    decided = decide(hoa, submission, "approved").json["updatedAt"]
    feed = f"/v1/projects/{submission.form.project_id}/forms/{submission.form.form_id}.svc"

    def changed(what: str) -> list[str]:
        rows = hoa.get(f"{feed}/Submissions?$filter=__system/updatedAt {what}").json["value"]
        return [row["__system"]["updatedAt"] for row in rows]

    again = decide(hoa, submission, "approved").json["updatedAt"]
    assert (before, again) == (None, decided)
    assert (changed(f"ge {decided}"), changed("eq null")) == ([decided], [])


@pytest.mark.parametrize("state", ["hasIssues", "rejected"])
def test_a_refusal_needs_a_reason(hoa: Program, submission: Submission, state: str) -> None:
    bare = decide(hoa, submission, state, "  ")
    given = decide(hoa, submission, state, REASON)

    assert (bare.status, bare.nature) == (400, "review.reason_missing")
    assert (given.status, given.json["reviewState"]) == (200, state)


def test_a_remark_made_before_is_a_reason(hoa: Program, submission: Submission) -> None:
    remark(hoa, submission, body=REASON)

    answer = decide(hoa, submission, "hasIssues")

    assert answer.status == 200
    assert history(hoa, submission) == [("received", "hasIssues", REASON, "Lan")]


def test_a_remark_of_somebody_else_is_none(
    hoa: Program, minh: Program, submission: Submission
) -> None:
    remark(minh, submission, body=REASON)

    assert decide(hoa, submission, "hasIssues").nature == "review.reason_missing"


def test_a_remark_made_before_the_last_decision_is_none(
    hoa: Program, submission: Submission
) -> None:
    remark(hoa, submission, body=REASON)
    decide(hoa, submission, "hasIssues")

    assert decide(hoa, submission, "rejected").nature == "review.reason_missing"


def test_what_was_approved_is_opened_again_only_with_a_reason(
    hoa: Program, submission: Submission
) -> None:
    decide(hoa, submission, "rejected", REASON)

    bare = decide(hoa, submission, "approved")
    given = decide(hoa, submission, "approved", "Đã có ảnh.")

    assert bare.nature == "review.reason_missing"
    assert given.json["reviewState"] == "approved"


def test_the_same_decision_again_changes_nothing(hoa: Program, submission: Submission) -> None:
    decide(hoa, submission, "hasIssues", REASON)

    again = decide(hoa, submission, "hasIssues", REASON)

    assert again.status == 200
    assert ReviewEvent.objects.count() == 1


def test_a_refusal_for_another_reason_replaces_the_one_that_stood(
    hoa: Program, submission: Submission
) -> None:
    decide(hoa, submission, "hasIssues", REASON)

    again = decide(hoa, submission, "hasIssues", "Thiếu cả biên bản.")

    assert again.status == 200
    assert history(hoa, submission) == [
        ("hasIssues", "hasIssues", "Thiếu cả biên bản.", "Lan"),
        ("received", "hasIssues", REASON, "Lan"),
    ]


def test_the_second_of_two_who_refuse_is_told_what_the_first_wrote(
    hoa: Program, minh: Program, submission: Submission
) -> None:
    decide(hoa, submission, "hasIssues", REASON)

    answer = decide(minh, submission, "hasIssues", "Thiếu biên bản.", seenState="received")

    assert (answer.status, answer.nature) == (409, "review.decided_already")


def test_nobody_is_named_for_a_state_that_nobody_decided(
    project: Project, hoa: Program, submission: Submission
) -> None:
    decide(hoa, submission, "hasIssues", REASON)
    edit = instance(GOOD, instance_id="uuid:sửa", deprecated_id=submission.instance_id)
    builders.send(project, edit)

    answer = decide(hoa, submission, "approved", seenState="hasIssues")

    assert (answer.status, answer.nature) == (409, "review.state_outdated")
    assert "edited" in answer.json["message"]
    assert "Lan" not in answer.json["message"]


def test_the_second_of_two_reviewers_is_told_what_the_first_decided(
    hoa: Program, minh: Program, submission: Submission
) -> None:
    decide(hoa, submission, "approved")

    answer = decide(minh, submission, "rejected", REASON, seenState="received")

    assert (answer.status, answer.nature) == (409, "review.decided_already")
    assert "Lan" in answer.json["message"]
    assert Submission.objects.get().review_state == ReviewState.APPROVED


def test_a_correction_that_came_meanwhile_is_not_approved_unseen(
    project: Project, hoa: Program, submission: Submission
) -> None:
    first = submission.instance_id
    builders.send(project, instance(GOOD, instance_id="uuid:sửa", deprecated_id=first))

    answer = decide(hoa, submission, "approved", seenVersion=first)

    assert (answer.status, answer.nature) == (409, "review.version_outdated")
    assert Submission.objects.get().review_state == ReviewState.EDITED


def test_a_correction_goes_back_to_review(
    project: Project, hoa: Program, submission: Submission
) -> None:
    decide(hoa, submission, "hasIssues", REASON)
    builders.send(
        project, instance(GOOD, instance_id="uuid:sửa", deprecated_id=submission.instance_id)
    )

    answer = decide(hoa, submission, "approved", seenVersion="uuid:sửa")

    assert answer.json["reviewState"] == "approved"
    assert [event[:2] for event in history(hoa, submission)] == [
        ("edited", "approved"),
        ("received", "hasIssues"),
    ]


@pytest.mark.parametrize("state", ["received", "edited"])
def test_no_state_of_a_device_is_set_by_hand(
    hoa: Program, submission: Submission, state: str
) -> None:
    answer = decide(hoa, submission, state, REASON)

    assert (answer.status, answer.nature) == (400, "review.state_given")


def test_nobody_reviews_what_they_have_sent(project: Project, hoa: Program) -> None:
    builders.form(project)
    device = AppUser.objects.create(
        project=project,
        display_name="Máy của Hoa",
        token_sha256="0" * 64,
        person=User.objects.get(email="hoa@example.org"),
    )
    receive(instance(GOOD), [], Sender(project.pk, device, "", ""))

    answer = decide(hoa, Submission.objects.get(), "approved")

    assert (answer.status, answer.nature) == (403, "review.own")


def test_a_rejected_one_no_longer_counts(hoa: Program, submission: Submission) -> None:
    decide(hoa, submission, "rejected", REASON)

    assert not Inspection.objects.counting().exists()


def test_a_remark_may_be_about_one_answer(hoa: Program, submission: Submission) -> None:
    remark(hoa, submission, body="Khác báo cáo của Hội.", path="a/a3_key_f")

    (said,) = hoa.get(address(submission, "/comments")).json

    assert (said["body"], said["path"]) == ("Khác báo cáo của Hội.", "a/a3_key_f")
    assert said["actorName"] == "Lan"


def test_an_empty_remark_is_refused(hoa: Program, submission: Submission) -> None:
    assert remark(hoa, submission, body=" ").nature == "parameter.invalid"


@pytest.mark.parametrize("below", ["", "/comments", "/review"])
def test_those_who_only_see_totals_see_no_record(
    program: Program, submission: Submission, below: str
) -> None:
    assert program.get(address(submission, below)).status == 404


@pytest.mark.parametrize("below", ["", "/comments", "/review"])
def test_a_supervisor_of_another_project_sees_no_record(submission: Submission, below: str) -> None:
    elsewhere = signed_in(builders.project("Nơi khác"), "xa", Role.MANAGER)

    assert elsewhere.get(address(submission, below)).status == 404


class Communes:
    """An old commune that became part of a new one, and another beside it."""

    def __init__(self) -> None:
        self.old = builders.commune("05440", "Cũ", since=None, until=REFORM)
        self.new = builders.commune("05443", "Mới")
        self.other = builders.commune("05446", "Khác")
        builders.became(self.old, self.new)


@pytest.fixture
def inspected(project: Project) -> Callable[[str, str], Submission]:
    builders.form(project)

    def send(code: str, day: str) -> Submission:
        answers = {**GOOD, "h/h_commune": code, "h/h_date": day}
        return builders.send(project, instance(answers, instance_id=f"uuid:{code}-{day}"))

    return send


def test_a_supervisor_reviews_the_communes_they_answer_for(
    project: Project, inspected: Callable[[str, str], Submission]
) -> None:
    communes = Communes()
    own, foreign = inspected("05443", "2026-05-20"), inspected("05446", "2026-05-20")
    supervisor = signed_in(project, "binh", Role.SUPERVISOR, (communes.new.uid,))

    assert decide(supervisor, own, "approved").status == 200
    assert decide(supervisor, foreign, "approved").nature == "submission.unknown"


def test_what_was_inspected_before_the_reform_is_reviewed_by_who_answers_for_it_now(
    project: Project, inspected: Callable[[str, str], Submission]
) -> None:
    communes = Communes()
    before = inspected("05440", "2025-05-20")
    supervisor = signed_in(project, "binh", Role.SUPERVISOR, (communes.new.uid,))

    assert decide(supervisor, before, "approved").status == 200


@pytest.mark.parametrize(
    ("body", "field", "reason"),
    [
        ({"reviewState": "x"}, "reviewState", "Không có lựa chọn «x»."),
        ({"reviewState": "rejected", "reason": "a" * 2001}, "reason", "Nhiều nhất 2000 ký tự."),
        (["approved"], "body", "Cần một đối tượng JSON {…}."),
    ],
)
def test_what_is_wrong_with_a_field_is_said_in_vietnamese(
    hoa: Program, submission: Submission, body: object, field: str, reason: str
) -> None:
    answer = hoa.ask(
        "PATCH", address(submission), data=json.dumps(body), content_type="application/json"
    )

    assert (answer.status, answer.nature) == (400, "parameter.invalid")
    assert answer.json["details"] == {
        "field": field,
        "reason": reason,
        "nature": "parameter.invalid",
    }


PERSONAL = "Gọi lại cho chị Nông Thị Hằng, số 0912 345 678."


def test_words_that_may_say_who_somebody_is_are_refused_until_they_are_confirmed(
    hoa: Program, submission: Submission
) -> None:
    refused = [
        decide(hoa, submission, "hasIssues", PERSONAL),
        remark(hoa, submission, body=PERSONAL),
    ]
    assert [(answer.status, answer.nature) for answer in refused] == [(400, "review.personal")] * 2
    for words in ("«0912 345 678»", "«chị Nông Thị Hằng»"):
        assert words in refused[0].json["message"]
    assert (history(hoa, submission), hoa.get(address(submission, "/comments")).json) == ([], [])

    assert remark(hoa, submission, body=PERSONAL, confirmed="true").status == 200
    assert decide(hoa, submission, "hasIssues", PERSONAL, confirmed="true").status == 200
    assert decide(hoa, submission, "hasIssues", REASON).status == 200

    entries = AuditEntry.objects.filter(action__startswith="submission")
    said = [(one.action, one.details.get("confirmedWords")) for one in entries.order_by("pk")]
    assert said == [
        ("submission.comment.create", True),
        ("submission.update", True),
        ("submission.update", None),
    ]


def test_the_words_found_are_those_that_were_written() -> None:
    assert personal.words("Đồng chí Trần Văn A, Chủ tịch UBND xã, đã nộp báo cáo 30/BC-UBND.") == ()
    assert personal.words("Nạn nhân là em Lý Thị Mai, 15 tuổi, ở xóm Đồng Tâm.") == (
        "em Lý Thị Mai",
        "15 tuổi",
        "ở xóm Đồng",
    )
