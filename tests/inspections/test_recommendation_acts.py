"""What people at desks do to recommendations, and what a reform does."""

from __future__ import annotations

import datetime as dt
import io
import re
from pathlib import Path

import pytest
from django.core.management import call_command

from server.entities.models import SYSTEM, Entity
from server.entities.problems import EntityVersionDiffers
from server.entities.recommendation_problems import (
    NotWaiting,
    RecommendationActEmpty,
    RecommendationDueOutOfBounds,
    RecommendationPersonal,
    RecommendationReasonMissing,
    RecommendationStepRefused,
    RecommendationUnknown,
    SuccessorRefused,
)
from server.entities.recommendation_states import State
from server.errors import Problem
from server.inspections import recommendation_succession as succession
from server.inspections import recommendations, tasks
from server.inspections.recommendation_acts import Act, act
from server.projects.models import Membership, Project, Role
from tests import builders
from tests.api.conftest import _quick_passwords as _quick_passwords

ROOT = Path(__file__).resolve().parents[2]
LATER = dt.date(2027, 12, 31)
WHY = "Theo báo cáo 12/BC-UBND."


@pytest.fixture
def project(db: None) -> Project:
    return builders.project()


@pytest.fixture
def hoa(project: Project) -> Membership:
    return member(project, "hoa@example.org")


def member(project: Project, email: str, communes: tuple[str, ...] = ()) -> Membership:
    user = builders.member(project, email, Role.SUPERVISOR)
    Membership.objects.filter(user=user).update(commune_uids=list(communes))
    return Membership.objects.select_related("user").get(user=user)


def commune_of(entity: Entity) -> str:
    entity.refresh_from_db()
    return str(entity.data["xa"])


@pytest.mark.parametrize(
    ("asked", "changed"),
    [
        (Act(WHY, State.UNDER_WAY), {"trang_thai": "dang_thuc_hien"}),
        (
            Act(WHY, State.DONE, evidence="30/BC-UBND"),
            {"trang_thai": "hoan_thanh", "bang_chung": "30/BC-UBND"},
        ),
        (Act(WHY, State.CARRIED_OVER, LATER), {"trang_thai": "chuyen_ky", "han": "2027-12-31"}),
        (Act(WHY, owner="so_nganh"), {"chu_the": "so_nganh"}),
    ],
)
def test_an_act_is_a_version_with_who_and_why(
    project: Project, hoa: Membership, asked: Act, changed: dict[str, str]
) -> None:
    made = builders.recommendation(project)

    after = act(hoa, made.uuid, asked)

    assert after.data == {**made.data, **changed}
    last = after.versions.get(number=2)
    assert (last.by, last.person_id, last.reason) == ("Lan", hoa.user_id, WHY)


def test_an_overdue_one_with_a_new_deadline_is_under_way(project: Project, hoa: Membership) -> None:
    made = builders.recommendation(project, han="2020-01-01", trang_thai="qua_han")

    assert act(hoa, made.uuid, Act(WHY, due=LATER)).data["trang_thai"] == "dang_thuc_hien"


def test_an_act_repeated_makes_no_version(project: Project, hoa: Membership) -> None:
    made = builders.recommendation(project)
    asked = Act(WHY, State.UNDER_WAY, seen_version=1)

    versions = [act(hoa, made.uuid, asked).version for _ in range(2)]

    assert versions == [2, 2]


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        (Act("  ", State.UNDER_WAY), RecommendationReasonMissing),
        (Act(WHY), RecommendationActEmpty),
        (Act(WHY, State.OVERDUE), RecommendationStepRefused),
        (Act("Gọi số 0912 345 678.", State.UNDER_WAY), RecommendationPersonal),
        (Act(WHY, State.UNDER_WAY, seen_version=7), EntityVersionDiffers),
    ],
)
def test_an_act_that_cannot_be_is_refused(
    project: Project, hoa: Membership, asked: Act, problem: type[Problem]
) -> None:
    made = builders.recommendation(project)

    with pytest.raises(problem):
        act(hoa, made.uuid, asked)

    assert made.versions.count() == 1


def test_a_supervisor_acts_in_their_own_communes_only(project: Project) -> None:
    made = builders.recommendation(project)
    mai = member(project, "mai@example.org", ("05500@2025-07-01",))

    with pytest.raises(RecommendationUnknown):
        act(mai, made.uuid, Act(WHY, State.UNDER_WAY))


def test_the_owners_are_those_of_the_forms() -> None:
    told = [
        re.findall(r"- `(\w+)`", text.split("### `owner`")[1].split("###")[0])
        for path in sorted((ROOT / "docs/forms").glob("kt_*.md"))
        if "### `owner`" in (text := path.read_text())
    ]

    assert len(told) == 4
    assert {owner for owners in told for owner in owners} == set(recommendations.OWNERS)


def test_open_ones_of_a_merged_commune_go_on_with_what_it_became(project: Project) -> None:
    old = builders.commune("05600", "Cũ", since=None, until=builders.REFORM)
    new = builders.commune("05665", "Mới")
    builders.became(old, new)
    made = builders.recommendation(project, old.uid)
    done = builders.recommendation(project, old.uid, trang_thai="hoan_thanh")

    moved = [succession.follow(), succession.follow()]

    assert (moved, commune_of(made), commune_of(done)) == ([1, 0], new.uid, old.uid)
    first, last = made.versions.order_by("number")
    assert (first.data["xa"], last.by) == (old.uid, SYSTEM)
    assert last.reason == "xa: 05600@start → 05665@2025-07-01"


def test_the_command_moves_them_and_counts_who_waits(project: Project, split: Entity) -> None:
    old = builders.commune("05601", "Cũ", since=None, until=builders.REFORM)
    builders.became(old, builders.commune("05667", "Mới"))
    builders.recommendation(project, old.uid)
    out = io.StringIO()

    call_command("move_recommendations", stdout=out)

    assert out.getvalue() == "Đã chuyển 1 kiến nghị; 1 kiến nghị chờ chọn xã tiếp nhận.\n"


def test_the_hourly_task_looks_at_deadlines_of_those_that_wait_too(
    project: Project, split: Entity
) -> None:
    late = builders.recommendation(project, "05600@start", han="2020-01-01")

    tasks.follow_up()

    late.refresh_from_db()
    assert (late.data["trang_thai"], late.data["xa"]) == ("qua_han", "05600@start")


def test_they_stay_until_the_day(project: Project) -> None:
    old = builders.commune("05600", "Cũ", since=None, until=builders.REFORM)
    builders.became(old, builders.commune("05665", "Mới"))
    made = builders.recommendation(project, old.uid)

    moved = succession.follow(builders.REFORM - dt.timedelta(days=1))

    assert (moved, commune_of(made)) == (0, "05600@start")


@pytest.fixture
def split(project: Project) -> Entity:
    """One of a commune that went to 05665 and 05666."""
    old = builders.commune("05600", "Cũ", since=None, until=builders.REFORM)
    builders.became(old, builders.commune("05665", "Một"), builders.commune("05666", "Hai"))
    builders.commune("05500", "Ba")
    return builders.recommendation(project, old.uid)


def test_one_of_a_split_commune_waits_for_a_person(hoa: Membership, split: Entity) -> None:
    moved, found = succession.follow(), succession.gone(recommendations.today()).split

    assert (moved, commune_of(split)) == (0, "05600@start")
    assert found == {"05600@start": ("05665@2025-07-01", "05666@2025-07-01")}
    assert list(succession.waiting(hoa, found)) == [split]


def test_the_person_chooses_once(hoa: Membership, split: Entity) -> None:
    chosen = [succession.settle(hoa, split.uuid, "05666@2025-07-01", WHY) for _ in range(2)]

    assert [entity.version for entity in chosen] == [2, 2]
    assert commune_of(split) == "05666@2025-07-01"
    with pytest.raises(NotWaiting):
        succession.settle(hoa, split.uuid, "05665@2025-07-01", WHY)


def test_only_what_the_commune_became_can_be_chosen(hoa: Membership, split: Entity) -> None:
    with pytest.raises(SuccessorRefused, match="05665@2025-07-01, 05666"):
        succession.settle(hoa, split.uuid, "05500@2025-07-01", WHY)


def test_one_without_a_commune_can_be_given_to_any(
    project: Project, hoa: Membership, split: Entity
) -> None:
    lost = builders.recommendation(project, "")

    succession.settle(hoa, lost.uuid, "05500@2025-07-01", WHY)

    assert commune_of(lost) == "05500@2025-07-01"


def test_a_deadline_is_neither_before_the_recommendation_nor_a_lifetime_away(
    project: Project, hoa: Membership
) -> None:
    made = builders.recommendation(project)
    issued = recommendations.today()
    last = issued.replace(year=issued.year + 5) if (issued.month, issued.day) != (2, 29) else issued

    for due in (issued - dt.timedelta(1), dt.date(2206, 6, 30)):
        with pytest.raises(RecommendationDueOutOfBounds, match="nhiều nhất 5 năm"):
            act(hoa, made.uuid, Act(WHY, due=due))
    for due in (issued, last):
        assert act(hoa, made.uuid, Act(WHY, due=due)).data["han"] == due.isoformat()


def test_a_recommendation_is_as_old_as_the_visit_that_made_it(
    project: Project, hoa: Membership
) -> None:
    builders.form(project)
    sent = builders.send(project, builders.instance(builders.GOOD))  # on 20 May 2026
    made = builders.recommendation(project)
    made.versions.update(submission_id=sent.pk)

    with pytest.raises(RecommendationDueOutOfBounds, match="20/05/2026"):
        act(hoa, made.uuid, Act(WHY, due=dt.date(2026, 5, 19)))
    assert act(hoa, made.uuid, Act(WHY, due=dt.date(2026, 5, 20))).data["han"] == "2026-05-20"
