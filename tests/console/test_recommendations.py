"""Kiến nghị: the register, one of them, and the conflicts to decide."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from server.console import recommendation_filters as filters
from server.entities.acts import Author, Base, change
from server.entities.models import Entity
from server.inspections import recommendation_listing as listing
from server.inspections.expected import local_day
from server.projects.models import Membership, Role
from tests import builders
from tests.console.conftest import reader, text
from tests.console.world import HOSTILE, World

WHY = "Theo báo cáo 12/BC-UBND."
PAST = "2020-01-31"
NEXT_YEAR = f"{local_day().year + 1}-06-30"


@pytest.fixture
def advised(world: World) -> dict[str, Entity]:
    """Recommendations of two communes, and one of a commune that nobody knows."""
    made = {
        "later": ("dong_hy", NEXT_YEAR, {"muc_do": "cao", "chu_the": "so_nganh"}),
        "late": ("dong_hy", PAST, {"trang_thai": "dang_thuc_hien", "loai": "tap_huan"}),
        "done": ("dong_hy", PAST, {"trang_thai": "hoan_thanh", "bang_chung": "30/BC"}),
        "ward": ("phan_dinh_phung", NEXT_YEAR, {"noi_dung": HOSTILE}),
    }
    found = {
        name: builders.recommendation(
            world.project, getattr(world, unit).uid, f"{name} {HOSTILE}", han=due, **data
        )
        for name, (unit, due, data) in made.items()
    }
    return found | {"lost": builders.recommendation(world.project, "", "lost", han="")}


def names(world: World, asked: str, role: Role = Role.MANAGER) -> list[str]:
    membership = Membership.objects.get(project=world.project, user=world.people[role])
    page = listing.page(membership, filters.read(QueryDict(asked)).wanted)
    return [row.label.split(" ")[0] for row in page.rows]


ASKED = [
    ("", ["late", "later", "ward", "lost"]),
    ("only=overdue", ["late"]),
    ("only=open&due_to=31/1/2020", ["late"]),
    ("only=open&due_to=30/1/2020", []),
    ("only=conflict", []),
    ("only=waiting", ["lost"]),
    ("state=hoan_thanh", ["done"]),
    ("state=hoan_thanh&only=open", ["done"]),
    ("only=all&commune=05665", ["late", "later", "done"]),
    ("severity=cao", ["later"]),
    ("owner=so_nganh", ["later"]),
    ("commune=05443", ["ward"]),
]


def test_the_address_says_which_and_the_most_urgent_come_first(
    world: World, advised: dict[str, Entity]
) -> None:
    for asked, expected in ASKED:
        assert names(world, asked) == expected, asked


def test_communes_to_choose_from_stand_in_vietnamese_order(
    world: World, advised: dict[str, Entity]
) -> None:
    client = reader(world.people[Role.MANAGER])
    here = f"/du-an/{world.project.pk}/kien-nghi"

    given = client.get(f"{here}/{advised['lost'].uuid}").content.decode()
    asked = client.get(here).content.decode()

    # What kind of unit one is does not count.
    in_order = ["Xã Đồng Hỷ", "Phường Phan Đình Phùng"]
    assert re.findall(r">(Xã Đồng Hỷ|Phường Phan Đình Phùng)</option>", given) == in_order
    assert re.findall(r">(Xã Đồng Hỷ|Phường Phan Đình Phùng)</option>", asked) == in_order


def test_what_means_nothing_is_said_and_the_rest_is_shown(
    world: World, advised: dict[str, Entity]
) -> None:
    asked = "state=x&severity=1&owner=%00&due_to=31/02/2026&only=%27&commune=" + "9" * 99
    page = text(
        reader(world.people[Role.MANAGER]).get(f"/du-an/{world.project.pk}/kien-nghi?{asked}")
    )

    assert len(re.findall(r"<li>Không hiểu giá trị", page)) == 6
    assert "<script>" not in page
    assert "late" in page


def test_the_register_asks_as_often_for_many_as_for_few(
    world: World, advised: dict[str, Entity]
) -> None:
    client, path = reader(world.people[Role.MANAGER]), f"/du-an/{world.project.pk}/kien-nghi"
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get(path)
        counts.append(len(asked))
        for _ in range(5):
            builders.recommendation(world.project, world.dong_hy.uid)

    assert counts[0] == counts[1]


def test_a_supervisor_of_a_commune_meets_no_other(world: World, advised: dict[str, Entity]) -> None:
    client, here = reader(world.scoped), f"/du-an/{world.project.pk}/kien-nghi"

    assert "ward" not in text(client.get(here))
    assert client.get(f"{here}/{advised['late'].uuid}").status_code == 200
    assert client.get(f"{here}/{advised['ward'].uuid}").status_code == 404
    asked = {"state": "dang_thuc_hien", "reason": WHY}
    assert client.post(f"{here}/{advised['ward'].uuid}", asked).status_code == 404
    assert reader(world.people[Role.VIEWER]).get(here).status_code == 404
    assert client.get(f"/du-an/{world.foreign.pk}/kien-nghi").status_code == 404


def test_a_state_is_changed_with_a_reason_and_stands_in_the_history(
    world: World, advised: dict[str, Entity]
) -> None:
    client = reader(world.people[Role.SUPERVISOR])
    here = f"/du-an/{world.project.pk}/kien-nghi/{advised['late'].uuid}"
    asked = {"state": "hoan_thanh", "evidence": "30/BC-UBND", "reason": WHY, "seen": "1"}

    assert client.post(here, asked).status_code == 303

    page = text(client.get(here))
    assert "<ins>Hoàn thành</ins>" in page
    assert WHY in page


REFUSED = [
    ({"evidence": ""}, "Chỉ ghi «hoàn thành» khi có tài liệu"),
    ({"due": "31/02/2027"}, "Hạn thực hiện không phải một ngày"),
    ({"state": "bay"}, "không chuyển sang «bay» được"),
    ({"reason": " "}, "Chưa ghi lý do"),
    ({"reason": "Gọi số 0912 345 678."}, "thông tin cá nhân"),
    ({"seen": "7"}, "bản 1"),
]


def test_what_is_refused_comes_back_as_it_was_typed(
    world: World, advised: dict[str, Entity]
) -> None:
    client = reader(world.people[Role.SUPERVISOR])
    here = f"/du-an/{world.project.pk}/kien-nghi/{advised['late'].uuid}"
    for changed, said in REFUSED:
        asked = {"state": "hoan_thanh", "evidence": "30/BC", "reason": WHY, "seen": "1", **changed}

        answer = client.post(here, asked)

        page = text(answer)
        assert answer.status_code >= 400
        assert said in page
        assert asked["reason"].strip() in page
        assert asked["evidence"] in page
    assert advised["late"].versions.count() == 1


def disputed(entity: Entity) -> int:
    """Let two devices set one deadline differently; return the conflict."""
    entity_list = entity.entity_list
    change(entity, entity_list, {"han": "2027-07-01"}, Author("u1"))
    change(entity, entity_list, {"han": "2027-08-01"}, Author("u2"), base=Base(1))
    return entity.versions.get(number=3).pk


def test_a_conflict_is_decided_once(world: World, advised: dict[str, Entity]) -> None:
    client = reader(world.people[Role.SUPERVISOR])
    conflict = disputed(advised["later"])
    here = f"/du-an/{world.project.pk}/kien-nghi/xung-dot/{conflict}"

    assert names(world, "only=conflict") == ["later"]
    page = text(client.get(here))
    assert "01/07/2027" in page
    assert "01/08/2027" in page
    unchosen = client.post(here, {"reason": WHY, "seen": "3"})
    assert "Chọn một bên" in text(unchosen)
    assert WHY in text(unchosen)
    chosen = {"take.han": "ours", "reason": WHY, "seen": "3"}
    assert client.post(here, chosen).status_code == 303
    advised["later"].refresh_from_db()
    assert advised["later"].data["han"] == "2027-07-01"
    other = reader(world.people[Role.MANAGER]).post(here, {**chosen, "take.han": "theirs"})
    assert other.status_code == 409
    assert reader(world.people[Role.VIEWER]).get(here).status_code == 404


def test_one_whose_commune_is_no_more_is_given_to_another(
    world: World, advised: dict[str, Entity]
) -> None:
    client = reader(world.people[Role.MANAGER])
    here = f"/du-an/{world.project.pk}/kien-nghi/{advised['lost'].uuid}"

    assert "Chọn xã tiếp nhận" in text(client.get(here))
    refused = client.post(f"{here}/xa", {"commune": world.dong_hy.uid, "reason": ""})
    assert "Chưa ghi lý do" in text(refused)
    given = client.post(f"{here}/xa", {"commune": world.dong_hy.uid, "reason": WHY})
    assert given.status_code == 303
    assert "Xã Đồng Hỷ" in text(client.get(here))


def test_one_that_waits_is_offered_the_communes_of_the_local_day(
    world: World, advised: dict[str, Entity], settings: Settings
) -> None:
    # In one of the two it is always another day than in UTC.
    is_late = timezone.now().hour >= 12
    settings.LOCAL_TIME_ZONE = "Pacific/Kiritimati" if is_late else "Etc/GMT+12"
    here = local_day()
    builders.commune("05777", "Xã Một Ngày", since=here, until=here + dt.timedelta(days=1))
    uuid = advised["lost"].uuid

    page = text(
        reader(world.people[Role.MANAGER]).get(f"/du-an/{world.project.pk}/kien-nghi/{uuid}")
    )

    assert "Xã Một Ngày" in page
