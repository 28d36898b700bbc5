"""What time does to recommendations."""

from __future__ import annotations

import datetime as dt
import secrets
from uuid import uuid4

import pytest
from django.utils import timezone

from server.entities.models import SYSTEM, Entity, EntityList
from server.inspections import recommendations
from server.projects import accounts

TODAY = dt.date(2026, 11, 25)


def recommendation(state: str, due: str) -> Entity:
    project = accounts.create_project("Bình đẳng giới")
    entity_list = EntityList.objects.create(project=project, name="kien_nghi")
    now = timezone.now()
    made = Entity.objects.create(
        entity_list=entity_list,
        uuid=uuid4(),
        label="Tập huấn",
        data={"trang_thai": state, "han": due, "xa": "05665@2025-07-01"},
        created_at=now,
        updated_at=now,
    )
    made.versions.create(number=1, label=made.label, data=made.data, by="u1", at=now)
    return made


@pytest.mark.parametrize(
    ("state", "due", "after"),
    [
        ("moi", "2026-11-24", "qua_han"),
        ("dang_thuc_hien", "2026-11-24", "qua_han"),
        ("moi", "2026-11-25", "moi"),  # its last day
        ("moi", "", "moi"),
        ("", "2026-11-24", "qua_han"),
        ("hoan_thanh", "2026-11-24", "hoan_thanh"),
    ],
)
def test_what_is_open_past_its_deadline_is_overdue(
    transactional_db: None, state: str, due: str, after: str
) -> None:
    made = recommendation(state, due)

    recommendations.mark_overdue(TODAY)

    made.refresh_from_db()
    assert made.data["trang_thai"] == after


def test_one_that_never_said_a_state_is_new(transactional_db: None) -> None:
    made = recommendation("moi", "2026-11-24")
    Entity.objects.update(data={"han": "2026-11-24", "xa": made.data["xa"]})

    assert list(recommendations.open_for(made.data["xa"])) == [made]
    assert recommendations.mark_overdue(TODAY) == 1


def test_becoming_overdue_is_one_version_by_the_system(transactional_db: None) -> None:
    made = recommendation("moi", "2026-11-24")

    counts = [recommendations.mark_overdue(TODAY), recommendations.mark_overdue(TODAY)]

    assert counts == [1, 0]
    assert [version.by for version in made.versions.order_by("number")] == ["u1", SYSTEM]


def test_the_open_ones_of_a_commune_are_found(transactional_db: None) -> None:
    made = recommendation("qua_han", "2026-11-24")

    assert list(recommendations.open_for("05665@2025-07-01")) == [made]
    assert list(recommendations.open_for("05500@2025-07-01")) == []


@pytest.mark.parametrize("name", ["han", "xa"])
def test_a_deadline_and_a_commune_may_be_any_text_a_phone_sends(
    transactional_db: None, name: str
) -> None:
    made = recommendation("moi", "2026-11-24")
    made.data[name] = made.data[name] + secrets.token_urlsafe(9_000)  # what nothing packs
    made.save()

    assert (made in recommendations.open_for("05665@2025-07-01")) == (name == "han")
