"""Bộ lọc đã lưu: kept under a name, opened, renamed, deleted; one's own, or everybody's."""

from __future__ import annotations

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from server.console import filters
from server.projects.models import AuditEntry, Membership, Role
from server.reports import saved_views
from server.reports.models import SavedView
from tests.console.conftest import reader, text
from tests.console.world import HOSTILE, World


def at(world: World, rest: str = "/bo-loc") -> str:
    return f"/du-an/{world.project.pk}{rest}"


def membership(world: World, role: Role = Role.MANAGER) -> Membership:
    return Membership.objects.get(user=world.people[role], project=world.project)


def kept(world: World, query: str, *, role: Role = Role.MANAGER, **form: str) -> int:
    """Save a view at the desk; return the status of the answer."""
    client = reader(world.people[role])
    status: int = client.post(at(world, f"/bo-loc?{query}"), form).status_code
    return status


def test_a_filter_is_saved_with_its_columns_and_order_and_opened_from_the_list(
    world: World,
) -> None:
    client = reader(world.people[Role.SUPERVISOR])
    query = "state=received,edited&sort=visited&columns=result,files"

    shown = text(client.get(at(world, f"/ho-so?page=3&{query}")))
    told = client.post(at(world, f"/bo-loc?page=3&{query}"), {"name": " Chờ  duyệt "})
    view = SavedView.objects.get()
    listed = text(client.get(told["Location"]))

    assert "/bo-loc?state=received,edited&amp;sort=visited&amp;columns=result,files" in shown
    assert (view.name, view.is_shared) == ("Chờ duyệt", False)
    assert filters.read(QueryDict(view.query)) == filters.read(QueryDict(query))
    assert told["Location"] == f"{at(world, '/ho-so')}?{view.query}"
    assert 'aria-current="true">Chờ duyệt</a>' in listed
    assert "Lưu bộ lọc" not in listed  # it is


def test_what_means_nothing_is_not_saved(world: World) -> None:
    assert kept(world, "year=hai&state=received", name="Năm hai") == 303

    assert SavedView.objects.get().query == "state=received"


def test_own_views_are_nobody_elses_and_shared_ones_are_everybodys(world: World) -> None:
    kept(world, "state=received", name="Của tôi")
    kept(world, "severe=open", name="Của chung", shared="on")
    other = reader(world.people[Role.SUPERVISOR])
    page = text(other.get(at(world, "/ho-so")))
    own, shared = SavedView.objects.order_by("pk")

    assert "Của chung" in page
    assert "Của tôi" not in page
    for view in (own, shared):  # a supervisor changes neither
        assert other.post(at(world, f"/bo-loc/{view.pk}"), {"name": "Khác"}).status_code == 404
        assert other.post(at(world, f"/bo-loc/{view.pk}/xoa")).status_code == 404
    assert kept(world, "severe=open", role=Role.SUPERVISOR, name="Khác", shared="on") == 403
    assert kept(world, "severe=open", role=Role.SUPERVISOR, name="Của tôi") == 303
    assert sorted(SavedView.objects.values_list("name", flat=True)) == [
        "Của chung",
        "Của tôi",
        "Của tôi",
    ]


def test_a_view_is_renamed_and_deleted(world: World) -> None:
    client = reader(world.people[Role.MANAGER])
    kept(world, "state=received", name="Một")
    kept(world, "state=edited", name="Hai")
    one, two = SavedView.objects.order_by("pk")

    taken = client.post(at(world, f"/bo-loc/{one.pk}"), {"name": "Hai"})
    renamed = client.post(at(world, f"/bo-loc/{one.pk}"), {"name": "Ba"})
    deleted = client.post(at(world, f"/bo-loc/{two.pk}/xoa"))
    again = client.post(at(world, f"/bo-loc/{two.pk}/xoa"))

    assert taken.status_code == 409
    assert "Đã có bộ lọc tên «Hai»" in text(taken)
    assert (renamed.status_code, deleted.status_code, again.status_code) == (303, 303, 404)
    assert [view.name for view in SavedView.objects.all()] == ["Ba"]
    told = AuditEntry.objects.filter(object_kind="saved_view").order_by("pk")
    assert list(told.values_list("action", "object_name", "details")) == [
        ("saved_view.create", str(one.pk), {"shared": False}),
        ("saved_view.create", str(two.pk), {"shared": False}),
        ("saved_view.update", str(one.pk), {"shared": False}),
        ("saved_view.delete", str(two.pk), {"shared": False}),
    ]


def test_the_same_again_is_one_view_and_another_of_its_name_none(world: World) -> None:
    answers = [kept(world, query, name="Chờ") for query in ("q=an", "q=an", "q=binh")]

    assert answers == [303, 303, 409]
    assert SavedView.objects.get().query == "q=an"


@pytest.mark.parametrize("name", ["", "   ", "\0", "a" * 61, "chị Nguyễn Thị Lan 0912345678"])
def test_a_name_that_says_nothing_or_who_somebody_is_is_refused(world: World, name: str) -> None:
    client = reader(world.people[Role.MANAGER])
    page = client.post(at(world, "/bo-loc?state=received"), {"name": name})

    assert page.status_code == 400
    assert "Đặt tên bộ lọc từ 1 đến 60 ký tự" in text(page)
    assert not SavedView.objects.exists()


def test_a_filter_of_too_many_words_is_refused(world: World) -> None:
    query = QueryDict(mutable=True)
    query["q"] = "ặ" * 200
    query["team"] = "ặ" * 200

    assert kept(world, query.urlencode(), name="Dài") == 400
    assert not SavedView.objects.exists()


def test_fifty_are_enough_and_the_list_asks_no_more_often_for_them(world: World) -> None:
    client, person = reader(world.people[Role.MANAGER]), membership(world)
    client.get(at(world, "/ho-so"))
    with CaptureQueriesContext(connection) as few:
        client.get(at(world, "/ho-so"))
    SavedView.objects.bulk_create(
        SavedView(
            project=world.project, owner=person.user, name=f"{n}", query="q=a", is_shared=False
        )
        for n in range(saved_views.MOST)
    )
    with CaptureQueriesContext(connection) as many:
        page = text(client.get(at(world, "/ho-so")))

    assert len(many) == len(few)
    assert "Thêm 38 bộ lọc" in page
    assert kept(world, "q=b", name="Nữa") == 409
    assert kept(world, "q=b", name="Chung", shared="on") == 303


def test_what_was_saved_is_read_again_and_nothing_of_it_runs(world: World) -> None:
    SavedView.objects.create(
        project=world.project,
        owner=world.people[Role.MANAGER],
        name=HOSTILE,
        query='state=received&flag=gone&x="><script>',
        is_shared=True,
    )

    page = text(reader(world.people[Role.SUPERVISOR]).get(at(world, "/ho-so")))

    assert f'href="{at(world, "/ho-so")}?state=received"' in page
    assert HOSTILE not in page
