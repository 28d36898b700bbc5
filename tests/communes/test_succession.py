from __future__ import annotations

import datetime as dt

import pytest

from server.communes.models import AdminUnit, Succession
from server.communes.succession import Successor, successors, successors_of
from tests.communes.builders import commune

AFTER = dt.date(2025, 7, 1)


@pytest.mark.usefixtures("units")
def test_a_unit_that_went_whole_into_another_is_certain() -> None:
    assert successors("05449@start", AFTER) == (Successor("05443@2025-07-01", is_certain=True),)


@pytest.mark.usefixtures("units")
def test_a_split_unit_goes_nowhere_for_certain() -> None:
    # domain.md §4.1: Thượng Đình went to Điềm Thụy and Phú Bình.
    found = successors("05932@start", AFTER)

    assert [successor.is_certain for successor in found] == [False, False]


@pytest.mark.usefixtures("units")
def test_links_are_followed_over_several_reforms() -> None:
    # Lương Châu and Vinh Sơn became Châu Sơn in 2020; Châu Sơn went on in 2025.
    found = successors("05524@start", AFTER)

    assert [successor.uid.partition("@")[2] for successor in found] == ["2025-07-01"]


@pytest.mark.usefixtures("units")
def test_a_unit_in_force_is_its_own_successor() -> None:
    assert successors("05443@2025-07-01", AFTER) == (Successor("05443@2025-07-01", True),)


@pytest.mark.usefixtures("units")
def test_a_district_has_no_successor() -> None:
    assert successors("164@start", AFTER) == ()


@pytest.mark.usefixtures("units")
def test_every_former_commune_ends_at_one_of_today() -> None:
    former = AdminUnit.objects.communes().exclude(valid_to=None).values_list("uid", flat=True)

    found = successors_of(former, AFTER)

    assert len(found) == 337
    assert all(found.values())


@pytest.mark.usefixtures("units")
def test_only_a_split_leads_to_more_than_one_commune() -> None:
    former = AdminUnit.objects.communes().exclude(valid_to=None).values_list("uid", flat=True)

    found = successors_of(former, AFTER)

    # data/README.md of the source: these and no others.
    several = {uid.partition("@")[0] for uid, ends in found.items() if len(ends) > 1}
    assert several == {"05461", "05467", "05932", "05782", "02155"}


@pytest.mark.django_db
def test_a_ring_of_links_ends() -> None:
    one = commune("90001", start=None, end=AFTER)
    other = commune("90002", start=None, end=AFTER)
    Succession.objects.create(old=one, new=other, part="all", effective_date=AFTER)
    Succession.objects.create(old=other, new=one, part="all", effective_date=AFTER)

    assert successors(one.uid, AFTER) == ()
