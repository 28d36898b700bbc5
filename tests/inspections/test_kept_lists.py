"""Entity lists are rendered once for each who gets them, until something changes them."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from server.entities.models import EntityList
from server.entities.rendering import Scope
from server.inspections import lists
from server.inspections.kept_lists import Kept, Rendered
from server.projects.models import Project
from tests import builders

FORM = """
| survey   | type      | name  | label | save_to |
|          | text      | xa    | Xã    | xa |
|          | text      | owner | Chủ   | chu |
| entities | list_name | label |
|          | kien_nghi | ${xa} |
| settings | form_title | form_id | version |
|          | Kiến nghị | kn | 1 |
"""
DONG_HY, DAN_TIEN = "05665@2025-07-01", "05500@2025-07-01"


@pytest.fixture
def project(db: None) -> Project:
    return builders.project()


@pytest.fixture
def kien_nghi(project: Project) -> Iterator[EntityList]:
    builders.form(project, FORM)
    made = EntityList.objects.create(project=project, name="kien_nghi", changes=1)
    now = timezone.now()
    for xa, owner in ((DONG_HY, "u1"), (DAN_TIEN, "u2")):
        made.entities.create(
            uuid=uuid4(), label=xa, data={"xa": xa, "chu": owner}, created_at=now, updated_at=now
        )
    yield made


def names(project: Project, username: str = "u1", *communes: str) -> list[str]:
    """Return the labels of the rows that a phone gets."""
    got = lists.entities_csv(project.pk, "kien_nghi", Scope(frozenset(communes), username))
    return [line.split(",")[1] for line in got.content.decode().splitlines()[1:]]


def test_a_list_is_rendered_once_until_it_changes(project: Project, kien_nghi: EntityList) -> None:
    before = names(project)

    with CaptureQueriesContext(connection) as queries:
        again = names(project)
    kien_nghi.entities.update(label="Tên mới")
    kien_nghi.changes += 1
    kien_nghi.save()

    assert again == before == [DONG_HY, DAN_TIEN]
    assert [query for query in queries if '"entities_entity"' in query["sql"]] == []
    assert len(queries) == 2
    assert names(project) == ["Tên mới", "Tên mới"]


def test_what_is_kept_for_one_phone_is_for_no_other(
    project: Project, kien_nghi: EntityList
) -> None:
    assert names(project, "u1", DONG_HY) == [DONG_HY]
    assert names(project, "u1", DAN_TIEN) == [DAN_TIEN]
    assert names(project, "u1", DONG_HY, DAN_TIEN) == [DONG_HY, DAN_TIEN]
    assert names(project, "u1") == [DONG_HY, DAN_TIEN]

    kien_nghi.owner_property = "chu"  # nothing else changes
    kien_nghi.save()

    assert names(project, "u1", DONG_HY) == [DONG_HY]
    assert names(project, "u2", DONG_HY) == [DAN_TIEN]
    assert names(project, "u3") == []


def test_a_new_version_of_a_form_with_more_properties_is_seen(
    project: Project, kien_nghi: EntityList
) -> None:
    first = lists.entities_csv(project.pk, "kien_nghi", Scope(frozenset(), "u1"))

    builders.form(project, FORM.replace("chu", "nguoi").replace("kn | 1", "kn | 2"))
    second = lists.entities_csv(project.pk, "kien_nghi", Scope(frozenset(), "u1"))

    assert first.content.splitlines()[0] == b"name,label,__version,chu,xa"
    assert second.content.splitlines()[0] == b"name,label,__version,chu,nguoi,xa"


def test_what_is_kept_is_bounded_and_what_nobody_asks_for_goes_first() -> None:
    kept = Kept(most_bytes=25)
    rendered: list[str] = []

    def ask(whose: str, size: int = 10) -> None:
        def render() -> Rendered:
            rendered.append(whose)
            return Rendered(b"x" * size, "")

        kept.get(whose, 1, render)

    for whose in ("a", "b", "a", "c", "a", "b"):  # c puts b out
        ask(whose)
    ask("too big", 26)
    ask("a")

    assert rendered == ["a", "b", "c", "b", "too big"]
    assert kept.size == 20
