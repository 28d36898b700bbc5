"""The entities of a list are found, at any depth, as reading all of them finds them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

import pytest
from django.utils import timezone

from server import lengths
from server.entities.models import Entity, EntityList, EntityListLength
from server.inspections import entity_review
from server.inspections.entity_part import EntityPart, named_part
from server.projects.models import Membership, Role
from tests import builders

OURS, THEIRS = "05665@2025-07-01", "05500@2025-07-01"
ALL, ONE = 1 << EntityListLength.OF_ALL, 1 << EntityListLength.OF_ONE
# In several blocks of both kinds: what entities say, by number.
SAID: Mapping[int, Mapping[str, str]] = {
    1: {"xa": OURS, "bieu": "kt_thu"},
    2: {"xa": THEIRS, "bieu": "kt_thu"},
    ALL - 1: {"xa": OURS, "bieu": "other"},
    ALL: {"xa": "", "bieu": "kt_thu"},
    ALL + 1: {"bieu": "kt_thu"},
    ONE - 1: {"xa": OURS, "bieu": "kt_thu"},
    ONE: {"xa": "05665@start", "bieu": "kt_thu"},
    ONE + 1: {"xa": OURS, "bieu": "kt_thu"},
    ONE + 2: {"xa": OURS},
}
GONE = ONE + 1


@pytest.fixture
def member(db: None) -> Membership:
    project = builders.project()
    for name in ("kien_nghi", "other"):
        entity_list = EntityList.objects.create(project=project, name=name)
        now = timezone.now()
        Entity.objects.bulk_create(
            Entity(
                pk=number + (0 if name == "kien_nghi" else 10),
                entity_list=entity_list,
                uuid=uuid.uuid4(),
                label="",
                data=said,
                created_at=now,
                updated_at=now,
                deleted_at=now if number == GONE else None,
            )
            for number, said in SAID.items()
        )
    return Membership(project=project, role=Role.SUPERVISOR)


def read(member: Membership, form: str) -> list[int]:
    """Return the numbers of all of them, found by reading."""
    found = entity_review.within_scope(member).filter(entity_list__name="kien_nghi")
    found = found.filter(data__bieu=form) if form else found
    return list(found.order_by("-pk").values_list("pk", flat=True))


def part(member: Membership, form: str) -> EntityPart:
    found = named_part(member, "kien_nghi", form)
    assert found is not None
    return found


@pytest.mark.parametrize("most_merged", [40, 0])
@pytest.mark.parametrize("form", ["", "kt_thu"])
@pytest.mark.parametrize("communes", [[], [OURS, THEIRS]])
def test_any_part_is_found(
    communes: list[str],
    form: str,
    most_merged: int,
    member: Membership,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("server.inspections.entity_part.MOST_MERGED", most_merged)
    member.commune_uids = communes
    expected, found = read(member, form), part(member, form)

    assert found.count() == len(expected) > 2
    for skip in range(len(expected) + 2):
        got = [row.pk for row in found.part(2, skip=skip)]
        assert got == expected[skip : skip + 2]
    below = expected[0]
    assert [row.pk for row in found.part(99, below=below)] == expected[1:]
    assert [row.pk for row in found.part(1, skip=1, below=below)] == expected[2:3]


def test_notes_follow_what_entities_say(member: Membership) -> None:
    member.commune_uids = [THEIRS]
    Entity.objects.filter(pk=1).update(data={"xa": THEIRS, "bieu": "other"})
    Entity.objects.filter(pk=2).update(data={"xa": "", "bieu": "kt_thu"})
    Entity.objects.filter(pk=ALL + 1).update(deleted_at=timezone.now())
    Entity.objects.filter(pk=ONE + 2).delete()

    assert lengths.mend(EntityListLength) == 0
    lengths.fold(EntityListLength)
    assert part(member, "other").count() == len(read(member, "other")) == 1
    assert part(member, "kt_thu").count() == 0
    lists = EntityList.objects.filter(name="kien_nghi")
    member.commune_uids = []
    assert entity_review.count(member, lists) == len(read(member, ""))


def test_a_list_of_one_device_has_no_part_for_whoever_only_reads(member: Membership) -> None:
    EntityList.objects.filter(name="kien_nghi").update(owner_property="app_user")
    member.role = Role.VIEWER

    assert named_part(member, "kien_nghi") is None
    assert named_part(member, "missing") is None
