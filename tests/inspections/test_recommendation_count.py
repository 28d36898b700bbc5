"""Pages of the register, and how many there are, are what reading every recommendation finds."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping

import pytest
from django.utils import timezone

from server import lengths
from server.entities.models import Entity, EntityList, RecommendationLength
from server.inspections import recommendation_register as register
from server.inspections.recommendation_count import Wanted
from server.inspections.recommendations import today
from server.projects.models import Membership, Role
from tests import builders

OURS, FORMERLY, THEIRS = "05665@2025-07-01", "05665@start", "05500@2025-07-01"
DAY = dt.date(2026, 5, 20)


def _said(unit: str, state: str, due: str, severity: str = "cao") -> dict[str, str]:
    said = {"xa": unit, "trang_thai": state, "han": due, "muc_do": severity, "chu_the": "ubnd_xa"}
    return {name: value for name, value in said.items() if value}


LATER = "9999-12-31"
SAID = (
    _said(OURS, "moi", "2026-01-01"),
    _said(OURS, "hoan_thanh", "2026-01-01", "thap"),
    _said(THEIRS, "", "2026-05-20"),
    _said(FORMERLY, "qua_han", "2026-05-19"),
    _said("", "moi", ""),
    _said(OURS, "dang_thuc_hien", LATER, ""),
    _said(THEIRS, "hoan_thanh", LATER),
    _said(OURS, "moi", ""),
    _said(OURS, "moi", "2026-05-20"),
)
WANTED = (
    Wanted(),
    Wanted(state="moi"),
    Wanted(state="hoan_thanh"),
    Wanted(state="chuyen_ky"),
    Wanted(severity="thap"),
    Wanted(owner="ubnd_xa", is_open=True),
    Wanted(is_open=False),
    Wanted(is_overdue=True),
    Wanted(is_overdue=False),
    Wanted(is_overdue=False, due_before=DAY),
    Wanted(is_overdue=True, severity="cao"),
    Wanted(due_before=DAY),
    Wanted(commune="05665"),
    Wanted(commune=OURS, state="moi"),
    Wanted(commune="00000"),
)


@pytest.fixture
def member(db: None) -> Membership:
    project = builders.project()
    builders.commune("05665", "Xã Một", since=None, until=builders.REFORM)
    builders.commune("05665", "Xã Một")
    for made in (project, builders.project("Bắc Kạn")):
        for name in ("kien_nghi", "other"):
            entity_list = EntityList.objects.create(project=made, name=name)
            now = timezone.now()
            Entity.objects.bulk_create(
                Entity(
                    entity_list=entity_list,
                    uuid=uuid.uuid4(),
                    label="",
                    data=said,
                    created_at=now,
                    updated_at=now,
                    deleted_at=now if number == len(SAID) else None,
                )
                for number, said in enumerate((*SAID, SAID[0]))
            )
    return Membership(project=project, role=Role.SUPERVISOR)


def is_wanted(said: Mapping[str, str], wanted: Wanted, communes: list[str]) -> bool:
    state, due, unit = said.get("trang_thai") or "moi", said.get("han", ""), said.get("xa", "")
    is_late = state != "hoan_thanh" and "" < due < today().isoformat()
    asked = (
        not communes or unit in communes,
        not wanted.state or state == wanted.state,
        not wanted.severity or said.get("muc_do") == wanted.severity,
        not wanted.owner or said.get("chu_the") == wanted.owner,
        wanted.is_open is None or (state != "hoan_thanh") == wanted.is_open,
        wanted.is_overdue is None or is_late == wanted.is_overdue,
        wanted.due_before is None or "" < due < wanted.due_before.isoformat(),
        not wanted.commune or unit.startswith(wanted.commune),
    )
    return all(asked)


@pytest.mark.parametrize("communes", [[], [OURS, FORMERLY], [THEIRS]])
def test_every_page_is_found_and_counted(communes: list[str], member: Membership) -> None:
    member.commune_uids = communes
    ours = Entity.objects.filter(entity_list__project=member.project, entity_list__name="kien_nghi")
    read = [(one.data.get("han", ""), one.pk, one.data) for one in ours.filter(deleted_at=None)]

    for wanted in WANTED:
        expected = [pk for _, pk, said in sorted(read) if is_wanted(said, wanted, communes)]
        for start in range(len(expected) + 1):
            shown, total = register.page(member, wanted, start, 2)
            assert total == len(expected), wanted
            assert [row.entity.pk for row in shown] == expected[start : start + 2], wanted


def test_notes_follow_what_recommendations_say(member: Membership) -> None:
    first, second, third, *_ = Entity.objects.filter(entity_list__name="kien_nghi").order_by("pk")
    Entity.objects.filter(pk=first.pk).update(data=_said(THEIRS, "hoan_thanh", "2027-01-01"))
    Entity.objects.filter(pk=second.pk).update(deleted_at=timezone.now())
    third.delete()

    assert lengths.mend(RecommendationLength) == 0
    lengths.fold(RecommendationLength)
    assert lengths.mend(RecommendationLength) == 0
    assert register.page(member, Wanted(commune=THEIRS, state="hoan_thanh"), 0, 9)[1] == 2
