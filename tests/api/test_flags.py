"""Flags and what people say about them, over HTTP."""

from __future__ import annotations

import json

import pytest

from server.communes.models import AdminUnit
from server.inspections.models import FlagDecision
from server.projects import accounts
from server.projects.models import AuditEntry, Project, Role
from server.submissions.models import Submission
from tests import builders
from tests.api.conftest import Answer, Program
from tests.builders import GOOD, instance


def signed_in(project: Project, role: Role) -> Program:
    person = builders.member(project, f"{role}@example.org", role)
    opened = accounts.open_session(person.email, builders.PASSWORD)
    assert opened is not None
    return Program(opened.token)


@pytest.fixture
def hoa(project: Project) -> Program:
    return signed_in(project, Role.SUPERVISOR)


@pytest.fixture
def dong() -> AdminUnit:
    return builders.commune("05665", "Xã Đồng Hỷ")


@pytest.fixture
def mocked(project: Project, dong: AdminUnit) -> Submission:
    """One whose point says that it has no error at all."""
    builders.form(project)
    builders.coverage({dong: (105.9, 21.6)})
    return builders.send(
        project, instance({**GOOD, "h/h_commune": "05665", "h/h_gps": "21.65 105.95 0 0"})
    )


def address(submission: Submission, below: str = "") -> str:
    form = submission.form
    return (
        f"/v1/projects/{form.project_id}/forms/{form.form_id}"
        f"/submissions/{submission.instance_id}{below}"
    )


def justify(program: Program, submission: Submission, code: str, text: str, **more: bool) -> Answer:
    return program.ask(
        "PUT",
        address(submission, f"/flags/{code}"),
        data=json.dumps({"justification": text, **more}),
        content_type="application/json",
    )


def approve(program: Program, submission: Submission) -> Answer:
    return program.ask(
        "PATCH",
        address(submission),
        data=json.dumps({"reviewState": "approved"}),
        content_type="application/json",
    )


def test_a_flag_says_what_is_the_matter_and_what_to_do(hoa: Program, mocked: Submission) -> None:
    (flag,) = hoa.get(address(mocked, "/flags")).json

    assert (flag["code"], flag["severity"], flag["decision"]) == ("gps_mocked", "nang", None)
    assert flag["label"]["vi"].startswith("Tọa độ có sai số bằng 0")
    assert flag["advice"]["en"].startswith("Ask where")


def test_a_severe_flag_stops_an_approval_until_it_is_justified(
    hoa: Program, mocked: Submission
) -> None:
    refused = approve(hoa, mocked)
    said = justify(hoa, mocked, "gps_mocked", "Đã đối chiếu ảnh.")
    approved = approve(hoa, mocked)

    assert (refused.status, refused.nature) == (409, "review.flags_open")
    assert said.json["decision"]["justification"] == "Đã đối chiếu ảnh."
    assert (approved.status, approved.json["reviewState"]) == (200, "approved")


def test_a_justification_that_may_name_somebody_is_kept_only_when_it_is_confirmed(
    hoa: Program, mocked: Submission
) -> None:
    text = "Đã gọi chị Nguyễn Thị Hoa, 0912 345 678."

    refused = justify(hoa, mocked, "gps_mocked", text)
    kept = justify(hoa, mocked, "gps_mocked", text, confirmed=True)

    assert (refused.nature, FlagDecision.objects.count()) == ("review.personal", 1)
    assert "0912 345 678" in refused.json["message"]
    assert kept.json["decision"]["justification"] == text
    last = AuditEntry.objects.filter(action="flag.justify").latest("pk")
    assert last.details == {"flag": "gps_mocked", "confirmedWords": True}


def test_a_flag_that_does_not_stand_is_not_there(hoa: Program, mocked: Submission) -> None:
    assert justify(hoa, mocked, "gps_far", "Xong.").nature == "flag.unknown"


def test_whoever_does_not_review_sees_no_flags(project: Project, mocked: Submission) -> None:
    viewer = signed_in(project, Role.VIEWER)

    assert viewer.get(address(mocked, "/flags")).status == 404
