"""How many recommendations and entities a person sees is what reading them would find."""

from __future__ import annotations

import pytest
from django.utils import timezone

from server.entities.models import Entity, EntityList
from server.inspections import entity_review
from server.inspections import recommendation_register as register
from server.inspections.recommendation_count import Wanted
from server.projects.models import Membership, Role
from tests import builders

OURS, THEIRS = "05665@2025-07-01", "05500@2025-07-01"


@pytest.mark.parametrize("owner", ["", "app_user"])
@pytest.mark.parametrize("communes", [[], [OURS]])
@pytest.mark.parametrize("role", [Role.MANAGER, Role.SUPERVISOR, Role.VIEWER])
@pytest.mark.django_db
def test_they_are_counted_as_they_are_shown(role: Role, communes: list[str], owner: str) -> None:
    project, other = builders.project(), builders.project("Bắc Kạn")
    for uid in (OURS, OURS, THEIRS):
        builders.recommendation(project, uid)
    builders.recommendation(other)
    Entity.objects.filter(pk=Entity.objects.order_by("pk")[0].pk).update(deleted_at=timezone.now())
    EntityList.objects.update(owner_property=owner)
    membership = Membership(project=project, role=role, commune_uids=communes)
    shown = register.matching(membership, Wanted())

    counted = register.count(membership, Wanted(), shown)

    sees_all = role == Role.MANAGER or not communes
    is_hidden = role == Role.VIEWER and bool(owner)
    assert counted == shown.count() == (0 if is_hidden else 2 if sees_all else 1)
    lists = EntityList.objects.filter(project=project)
    assert entity_review.count(membership, lists) == counted
    late = Wanted(is_overdue=True)
    assert register.count(membership, late, register.matching(membership, late)) == 0
