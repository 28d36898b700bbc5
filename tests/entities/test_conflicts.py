"""Updates that met what they did not know of, or said what they may not; and what is decided."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection, transaction

from server.entities import acts, conflicts
from server.entities.blocks import Block
from server.entities.conflicts import Choice, Side, Verdict
from server.entities.models import Entity, EntityList, EntityVersion
from server.entities.problems import (
    ConflictDecided,
    ConflictReasonMissing,
    ConflictUnknown,
    EntityVersionDiffers,
    PropertyUndisputed,
)
from server.entities.recommendation_problems import RecommendationEvidenceMissing
from server.errors import Problem
from server.projects import accounts
from server.projects.models import User
from tests.api.conftest import _quick_passwords as _quick_passwords

UUID = "0b1f5a52-6d1c-4c5e-9d0a-3f2b1c4d5e6f"
Merge = dict[str, dict[str, str]]
PROOF = "Đã xem bản gốc: 30/BC-UBND"


def say(entity_list: EntityList, base: int | None, device: str, /, **data: str) -> None:
    """Carry out a block, as a submission of a device has it; without a base one that makes."""
    is_new = base is None
    label = "Tập huấn" if is_new else ""
    block = Block("", entity_list.name, UUID, is_new, not is_new, label, data, base, None, "")
    with transaction.atomic():
        acts.act(block, EntityList.objects.select_for_update().get(), 1, device, False)


@pytest.fixture
def made(db: None) -> EntityList:
    project = accounts.create_project("Bình đẳng giới")
    entity_list = EntityList.objects.create(project=project, name="kien_nghi")
    say(entity_list, None, "u1", trang_thai="moi", noi_dung="Tập huấn", han="2026-12-31")
    return entity_list


@pytest.fixture
def hoa(db: None) -> User:
    return accounts.create_user("hoa@example.org", "Hoa", "quyển sổ màu xanh")


def conflict() -> EntityVersion:
    return EntityVersion.objects.exclude(conflict="").get()


def crossing(made: EntityList) -> EntityVersion:
    """Two phones that both change version 1: the second wins, and it is a conflict."""
    say(made, 1, "u1", trang_thai="dang_thuc_hien", noi_dung="Tập huấn lại")
    say(made, 1, "u2", trang_thai="hoan_thanh", bang_chung=PROOF)
    return conflict()


def verdict(by: User, choice: Choice, seen: int = 3, more: Merge | None = None) -> Verdict:
    merge = more or {}
    take = {name: Side(side) for name, side in merge.get("take", {}).items()}
    return Verdict(choice, by, "Đã gọi điện cho xã.", seen, take, merge.get("data", {}))


def test_what_a_phone_may_not_say_is_kept_and_changes_nothing(made: EntityList) -> None:
    say(made, 1, "u2", trang_thai="hoan_thanh", noi_dung="Xong")

    entity, kept = Entity.objects.get(), conflict()
    assert (entity.version, entity.data["trang_thai"], entity.data["noi_dung"]) == (
        2,
        "moi",
        "Tập huấn",
    )
    assert (kept.conflict, kept.rule) == ("rule", "recommendation.evidence_missing")
    assert kept.held == {"trang_thai": "hoan_thanh", "noi_dung": "Xong"}


def test_what_was_closed_with_a_document_no_phone_opens_again(made: EntityList) -> None:
    say(made, 1, "u1", trang_thai="hoan_thanh", bang_chung=PROOF)
    say(made, 1, "u2", trang_thai="dang_thuc_hien")

    assert Entity.objects.get().data["trang_thai"] == "hoan_thanh"
    assert conflict().rule == "recommendation.step_refused"


def test_a_conflict_is_shown_property_by_property(made: EntityList) -> None:
    found = conflicts.differences(crossing(made))

    assert [(d.name, d.base, d.ours, d.theirs, d.is_disputed) for d in found] == [
        ("bang_chung", None, None, PROOF, True),
        ("noi_dung", "Tập huấn", "Tập huấn lại", "Tập huấn lại", False),
        ("trang_thai", "moi", "dang_thuc_hien", "hoan_thanh", True),
    ]


@pytest.mark.parametrize(
    ("choice", "more", "state", "proof"),
    [
        (Choice.OURS, {}, "dang_thuc_hien", ""),
        (Choice.THEIRS, {}, "hoan_thanh", PROOF),
        (Choice.MERGE, {"take": {"trang_thai": "ours"}}, "dang_thuc_hien", PROOF),
        (Choice.MERGE, {"data": {"bang_chung": "31/BC"}}, "hoan_thanh", "31/BC"),
    ],
)
def test_a_decision_is_one_more_version(
    made: EntityList,
    hoa: User,
    choice: Choice,
    more: Merge,
    state: str,
    proof: str,
) -> None:
    undecided = crossing(made)

    conflicts.decide(undecided.pk, verdict(hoa, choice, more=more))

    entity, last = Entity.objects.get(), EntityVersion.objects.get(number=4)
    assert (entity.data["trang_thai"], entity.data["bang_chung"]) == (state, proof)
    assert (last.by, last.person, last.reason) == ("Hoa", hoa, "Đã gọi điện cho xã.")
    assert (conflict().decided_by, conflict().decided_in) == (hoa, 4)
    assert not conflicts.found(made.project_id).exists()


def test_the_same_decision_again_makes_nothing_and_another_comes_too_late(
    made: EntityList, hoa: User
) -> None:
    undecided = crossing(made)
    conflicts.decide(undecided.pk, verdict(hoa, Choice.THEIRS))

    conflicts.decide(undecided.pk, verdict(hoa, Choice.THEIRS))

    assert Entity.objects.get().version == 4
    with pytest.raises(ConflictDecided):
        conflicts.decide(undecided.pk, verdict(hoa, Choice.OURS))


@pytest.mark.parametrize(
    ("choice", "seen", "more", "problem"),
    [
        (Choice.THEIRS, 1, {}, EntityVersionDiffers),
        (Choice.MERGE, 2, {"take": {"han": "ours"}}, PropertyUndisputed),
        (Choice.THEIRS, 2, {}, RecommendationEvidenceMissing),
    ],
)
def test_a_decision_that_cannot_be_is_refused_and_leaves_the_conflict(
    made: EntityList,
    hoa: User,
    choice: Choice,
    seen: int,
    more: Merge,
    problem: type[Problem],
) -> None:
    say(made, 1, "u2", trang_thai="hoan_thanh")

    with pytest.raises(problem):
        conflicts.decide(conflict().pk, verdict(hoa, choice, seen, more))

    assert conflict().decided_at is None
    assert Entity.objects.get().version == 2


def test_a_decision_says_why(made: EntityList, hoa: User) -> None:
    with pytest.raises(ConflictReasonMissing):
        conflicts.decide(crossing(made).pk, Verdict(Choice.OURS, hoa, " ", 3))


def test_what_is_no_conflict_cannot_be_decided(made: EntityList, hoa: User) -> None:
    with pytest.raises(ConflictUnknown):
        conflicts.decide(EntityVersion.objects.get().pk, verdict(hoa, Choice.OURS))


def test_the_desk_gives_the_document_that_the_phone_did_not(made: EntityList, hoa: User) -> None:
    say(made, 1, "u2", trang_thai="hoan_thanh")
    more: Merge = {"take": {"trang_thai": "theirs"}, "data": {"bang_chung": PROOF}}

    conflicts.decide(conflict().pk, verdict(hoa, Choice.MERGE, 2, more))

    assert Entity.objects.get().data["trang_thai"] == "hoan_thanh"


def test_of_two_people_who_decide_at_once_one_does(transactional_db: None) -> None:
    project = accounts.create_project("Bình đẳng giới")
    entity_list = EntityList.objects.create(project=project, name="kien_nghi")
    say(entity_list, None, "u1", trang_thai="moi")
    undecided = crossing(entity_list).pk
    people = [accounts.create_user(f"{uuid4()}@example.org", "A", "quyển sổ") for _ in range(2)]

    def decide(person: User) -> str:
        try:
            conflicts.decide(undecided, verdict(person, Choice.OURS))
        except Problem as problem:
            return problem.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(decide, people))

    assert told == ["conflict.decided", "done"]
    assert Entity.objects.get().version == 4
