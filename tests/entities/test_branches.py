"""Updates that one phone made without a network, one upon the other (openrosa.md ET11 to ET13)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from server.entities import apply
from server.entities.acts import UNNAMED
from server.entities.models import ConflictKind, Entity, EntityList, EntitySource, SourceState
from server.inspections.derive import derive
from server.projects.audit import SERVER
from server.projects.models import Project
from server.submissions import trash
from server.submissions.models import ReviewState, Submission
from tests.entities.test_apply import BRANCH, create, failure, state, update
from tests.entities.test_apply import project as project


def offline(base: int, trunk: int | str = 1) -> tuple[int, str]:
    return base, f"trunkVersion='{trunk}' branchId='{BRANCH}'"


@pytest.mark.row("ET11")
def test_a_branch_in_order_is_no_conflict(project: Project) -> None:
    create(project)

    update(project, 2, 1, state("dang_thuc_hien"), offline(1)[1])
    update(project, 3, 2, state("hoan_thanh"), offline(2)[1])

    entity = Entity.objects.get()
    assert (entity.version, entity.data["trang_thai"]) == (3, "hoan_thanh")
    assert {version.conflict for version in entity.versions.all()} == {ConflictKind.NONE}


@pytest.mark.row("ET12")
def test_a_later_update_of_a_branch_waits_for_the_earlier(project: Project) -> None:
    create(project)
    later = update(project, 2, 2, state("hoan_thanh"), offline(2)[1])
    held = EntitySource.objects.get(submission_id=later.pk).state

    update(project, 3, 1, state("dang_thuc_hien"), offline(1)[1])

    entity = Entity.objects.get()
    assert held == SourceState.HELD
    assert (entity.version, entity.data["trang_thai"]) == (3, "hoan_thanh")


@pytest.mark.row("ET12")
def test_an_update_of_what_was_made_offline_waits_for_it(project: Project) -> None:
    update(project, 2, 1, state("hoan_thanh"), offline(1, trunk="")[1])

    create(project, number=1)

    assert Entity.objects.get().data["trang_thai"] == "hoan_thanh"


@pytest.mark.row("ET12")
@pytest.mark.parametrize(("days", "version"), [(4, 1), (6, 2)])
def test_what_waits_is_carried_out_after_five_days(
    project: Project, transactional_db: None, days: int, version: int
) -> None:
    create(project)
    update(project, 2, 2, state("hoan_thanh"), offline(2)[1])

    apply.force_held(timezone.now() + dt.timedelta(days=days))

    assert Entity.objects.get().version == version


@pytest.mark.row("ET12")
def test_what_waits_for_an_entity_that_never_comes_makes_it_after_five_days(
    project: Project, transactional_db: None
) -> None:
    update(project, 2, 1, "<viec>Tập huấn</viec>", offline(1, trunk="")[1])

    apply.force_held(timezone.now() + dt.timedelta(days=6))

    entity = Entity.objects.get()
    assert (entity.label, entity.data["noi_dung"]) == (UNNAMED, "Tập huấn")


@pytest.mark.row("ET12")
def test_what_comes_late_is_laid_beneath_the_updates_that_did_without_it(
    project: Project, transactional_db: None
) -> None:
    update(project, 2, 1, state("dang_thuc_hien"), offline(1, trunk="")[1])
    apply.force_held(timezone.now() + dt.timedelta(days=6))

    update(project, 3, 2, state("hoan_thanh"), offline(2, trunk="")[1])
    late = create(project)

    entity = Entity.objects.get()
    assert (failure(late), entity.version, entity.label) == ("", 3, "Tập huấn")
    assert (entity.data["noi_dung"], entity.data["trang_thai"]) == ("Tập huấn", "hoan_thanh")


@pytest.mark.row("ET12")
def test_what_was_taken_away_while_it_waits_acts_only_when_it_is_brought_back(
    project: Project, transactional_db: None
) -> None:
    create(project)
    waiting = update(project, 2, 2, state("dang_thuc_hien"), offline(2)[1])
    trash.remove(waiting.pk, SERVER)
    derive([waiting.pk], only_owed=True)
    apply.force_held(timezone.now() + dt.timedelta(days=6))
    before = Entity.objects.get().version

    trash.restore(waiting.pk, SERVER)
    derive([waiting.pk], only_owed=True)
    apply.force_held(timezone.now() + dt.timedelta(days=6))

    assert (before, Entity.objects.get().version) == (1, 2)


@pytest.mark.row("ET12")
def test_what_waits_for_an_entity_that_waits_for_approval_never_makes_it(
    project: Project, transactional_db: None
) -> None:
    EntityList.objects.create(project=project, name="kien_nghi", approval_required=True)
    made = create(project)
    update(project, 2, 1, state("dang_thuc_hien"), offline(1, trunk="")[1])

    forced = apply.force_held(timezone.now() + dt.timedelta(days=6))
    before = Entity.objects.count()
    Submission.objects.filter(pk=made.pk).update(review_state=ReviewState.APPROVED)
    derive([made.pk])

    entity = Entity.objects.get()
    assert (forced, before, entity.version, entity.label) == (0, 0, 2, "Tập huấn")
    assert entity.data["trang_thai"] == "dang_thuc_hien"


@pytest.mark.row("ET12")
def test_what_waits_for_an_approval_that_never_comes_has_failed_after_thirty_days(
    project: Project, transactional_db: None
) -> None:
    EntityList.objects.create(project=project, name="kien_nghi", approval_required=True)
    waiting = update(project, 2, 1, state("dang_thuc_hien"), offline(1, trunk="")[1])

    apply.force_held(timezone.now() + dt.timedelta(days=29))
    before = failure(waiting)
    apply.force_held(timezone.now() + dt.timedelta(days=31))

    assert (before, failure(waiting)) == ("", "entity.unknown")


@pytest.mark.row("ET13")
def test_a_trunk_without_a_branch_is_refused(project: Project) -> None:
    create(project)

    submission = update(project, 2, 1, state("hoan_thanh"), "trunkVersion='1'")

    assert failure(submission) == "entity.branch_missing"
