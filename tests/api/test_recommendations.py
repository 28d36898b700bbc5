"""Recommendations and conflicts, over HTTP."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from server.entities import acts
from server.entities.blocks import Block
from server.entities.models import Entity, EntityList, EntityVersion
from server.inspections.models import Flag
from server.projects import accounts
from server.projects.models import Membership, Project, Role
from tests import builders
from tests.api.conftest import Answer, Program

DONG, PHAN = "05665@2025-07-01", "05443@2025-07-01"


def signed_in(project: Project, role: Role, *communes: str) -> Program:
    email = f"{role}{len(communes)}@example.org"
    person = builders.member(project, email, role)
    Membership.objects.filter(user=person).update(commune_uids=list(communes))
    opened = accounts.open_session(person.email, builders.PASSWORD)
    assert opened is not None
    return Program(opened.token)


@pytest.fixture
def hoa(project: Project) -> Program:
    builders.commune("05665", "Xã Đồng Hỷ")
    builders.commune("05443", "Phường Phan Đình Phùng")
    return signed_in(project, Role.SUPERVISOR)


def listed(program: Program, project: Project, query: str = "") -> list[str]:
    page = program.get(f"/v1/projects/{project.pk}/recommendations{query}").json
    return [row["label"] for row in page["recommendations"]]


def one(project: Project, uuid: UUID, below: str = "") -> str:
    return f"/v1/projects/{project.pk}/recommendations/{uuid}{below}"


def send(program: Program, method: str, path: str, **body: Any) -> Answer:
    return program.ask(method, path, data=json.dumps(body), content_type="application/json")


@pytest.mark.parametrize(
    ("query", "labels"),
    [
        ("", ["trễ", "Đồng Hỷ", "xong"]),
        ("?commune=05665", ["Đồng Hỷ"]),
        (f"?commune={PHAN}", ["trễ", "xong"]),
        ("?state=hoan_thanh", ["xong"]),
        ("?overdue=true", ["trễ"]),
        ("?overdue=false", ["Đồng Hỷ", "xong"]),
        ("?severity=cao&owner=so_nganh", ["trễ"]),
        ("?dueBefore=2090-01-02", ["trễ", "Đồng Hỷ"]),
        ("?limit=1&offset=1", ["Đồng Hỷ"]),
    ],
)
def test_the_register_is_filtered_and_by_deadline(
    hoa: Program, project: Project, query: str, labels: list[str]
) -> None:
    made = builders.recommendation
    made(project, PHAN, "xong", trang_thai="hoan_thanh", han="2090-01-03")
    made(project, PHAN, "trễ", han="2020-01-01", muc_do="cao", chu_the="so_nganh")
    made(project, DONG, "Đồng Hỷ", han="2090-01-01")

    assert listed(hoa, project, query) == labels


def test_a_supervisor_sees_their_own_communes(hoa: Program, project: Project) -> None:
    builders.recommendation(project, PHAN, "của Phan")
    builders.recommendation(project, DONG, "của Đồng")

    assert listed(signed_in(project, Role.SUPERVISOR, DONG), project) == ["của Đồng"]


def test_a_longer_page_asks_no_more(
    hoa: Program, project: Project, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        builders.recommendation(project, DONG)

    # Session, membership, count, page, conflicts, units.
    with django_assert_num_queries(6):
        assert len(listed(hoa, project)) == 5


def test_an_act_shows_in_the_history_with_who_and_why(hoa: Program, project: Project) -> None:
    made = builders.recommendation(project)
    body = {"state": "hoan_thanh", "evidence": "30/BC-UBND", "reason": "Đã xem.", "seenVersion": 1}

    answers = [send(hoa, "POST", one(project, made.uuid), **body) for _ in range(2)]

    assert [(a.status, a.json["version"], a.json["state"]) for a in answers] == [
        (200, 2, "hoan_thanh"),
        (200, 2, "hoan_thanh"),
    ]
    first, last = hoa.get(one(project, made.uuid)).json["history"]
    assert (first["by"], last["by"], last["reason"]) == ("u1", "Lan", "Đã xem.")
    assert last["changes"] == {"bang_chung": "30/BC-UBND", "trang_thai": "hoan_thanh"}
    assert answers[0].json["steps"] == ["dang_thuc_hien"]


@pytest.mark.parametrize(
    ("body", "nature"),
    [
        ({"state": "hoan_thanh", "reason": "Đã xem."}, "recommendation.evidence_missing"),
        ({"state": "chuyen_ky", "reason": "Hết năm."}, "recommendation.due_missing"),
        ({"state": "dang_thuc_hien", "reason": ""}, "recommendation.reason_missing"),
        ({"state": "qua_han", "reason": "Trễ."}, "parameter.invalid"),
        ({"reason": "Không đổi gì."}, "recommendation.act_empty"),
    ],
)
def test_an_act_that_cannot_be_says_what_to_do(
    hoa: Program, project: Project, body: dict[str, str], nature: str
) -> None:
    made = builders.recommendation(project)

    assert send(hoa, "POST", one(project, made.uuid), **body).nature == nature


def test_a_viewer_reads_and_does_not_act(program: Program, project: Project) -> None:
    made = builders.recommendation(project)
    body = {"state": "dang_thuc_hien", "reason": "Đã xem."}

    assert program.get(one(project, made.uuid)).json["steps"] == []
    assert send(program, "POST", one(project, made.uuid), **body).status == 404


def test_words_that_may_name_somebody_are_kept_from_viewers(
    hoa: Program, program: Program, project: Project
) -> None:
    builders.form(project)
    submission = builders.send(project, builders.instance(builders.GOOD))
    Flag.objects.create(
        inspection=submission.inspection, code="personal_data", details={"questions": ["zr_text"]}
    )
    made = builders.recommendation(project, noi_dung="Gặp chị Lan")
    EntityVersion.objects.update(submission_id=submission.pk)

    seen = program.get(one(project, made.uuid))

    assert (seen.json["withheld"], seen.json["text"], seen.json["label"]) == (True, "", "")
    assert "chị Lan" not in seen.text
    assert hoa.get(one(project, made.uuid)).json["text"] == "Gặp chị Lan"
    assert seen.json["inspection"]["instanceId"] == "uuid:1"


def test_one_of_a_split_commune_is_listed_and_given_to_a_successor(
    hoa: Program, project: Project
) -> None:
    old = builders.commune("05600", "Cũ", since=None, until=builders.REFORM)
    builders.became(old, *type(old).objects.filter(uid__in=[DONG, PHAN]))
    made = builders.recommendation(project, old.uid)
    path = f"/v1/projects/{project.pk}/recommendations/waiting"
    (waiting,) = hoa.get(path).json

    settled = send(
        hoa, "PUT", one(project, made.uuid, "/commune"), commune=DONG, reason="Thôn Đông."
    )

    assert [choice["uid"] for choice in waiting["choices"]] == [PHAN, DONG]
    assert settled.json["commune"]["name"] == "Xã Đồng Hỷ"
    assert hoa.get(path).json == []


@pytest.fixture
def crossed(project: Project) -> Entity:
    """One that a phone said was done without a document."""
    made = builders.recommendation(project, DONG)
    said = {"trang_thai": "hoan_thanh"}
    block = Block("", "kien_nghi", str(made.uuid), False, True, "", said, 1, None, "")
    with transaction.atomic():
        acts.act(block, EntityList.objects.select_for_update().get(), 1, "u2", False)
    return made


def test_a_conflict_is_listed_shown_and_decided(
    hoa: Program, project: Project, crossed: Entity
) -> None:
    path = f"/v1/projects/{project.pk}/conflicts"
    (found,) = hoa.get(f"{path}?list=kien_nghi").json
    sides = hoa.get(f"{path}/{found['id']}").json["differences"]
    body = {"decision": "ours", "reason": "Chưa có tài liệu.", "seenVersion": 2}

    decided = send(hoa, "POST", f"{path}/{found['id']}", **body)

    assert (found["kind"], found["rule"]) == ("rule", "recommendation.evidence_missing")
    assert [(side["property"], side["ours"], side["theirs"]) for side in sides] == [
        ("trang_thai", "moi", "hoan_thanh")
    ]
    assert (decided.json["decidedBy"], decided.json["decidedIn"]) == ("Lan", 3)
    assert hoa.get(path).json == []
    assert [row["id"] for row in hoa.get(f"{path}?decided=true").json] == [found["id"]]


def test_a_conflict_of_another_commune_is_not_there(project: Project, crossed: Entity) -> None:
    elsewhere = signed_in(project, Role.SUPERVISOR, PHAN)
    conflict = EntityVersion.objects.exclude(conflict="").get()

    answer = elsewhere.get(f"/v1/projects/{project.pk}/conflicts/{conflict.pk}")

    assert answer.nature == "conflict.unknown"
