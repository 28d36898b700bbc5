from __future__ import annotations

import datetime as dt

import pytest
from django.core.management import call_command

from server.communes.models import AdminUnit, Succession
from server.communes.seed import Seeded, load_units

BEFORE, AFTER = dt.date(2025, 6, 30), dt.date(2025, 7, 1)


@pytest.mark.usefixtures("units")
def test_the_seed_holds_every_unit_and_link() -> None:
    assert AdminUnit.objects.count() == 450
    assert Succession.objects.count() == 346
    assert AdminUnit.objects.communes().count() == 429
    assert AdminUnit.objects.exclude(lon=None).count() == 383


@pytest.mark.usefixtures("units")
@pytest.mark.parametrize(
    ("day", "communes"),
    [(dt.date(2023, 4, 13), 285), (dt.date(2024, 12, 1), 280), (BEFORE, 280), (AFTER, 92)],
)
def test_the_communes_of_a_day_are_as_many_as_the_law_says(day: dt.date, communes: int) -> None:
    # domain.md §4.1: 177 + 108, then 172 + 108, then 92.
    assert AdminUnit.objects.communes().in_force(day).count() == communes


@pytest.mark.usefixtures("units")
def test_a_code_names_another_commune_after_the_reform() -> None:
    versions = AdminUnit.objects.filter(code="05443")

    assert versions.in_force(BEFORE).get().name == "Phường Trưng Vương"
    assert versions.in_force(AFTER).get().name == "Phường Phan Đình Phùng"


@pytest.mark.usefixtures("units")
def test_codes_keep_their_leading_zero() -> None:
    assert AdminUnit.objects.in_force(AFTER).get(code="01840").name == "Phường Đức Xuân"


@pytest.mark.usefixtures("units")
def test_loading_again_writes_nothing() -> None:
    assert load_units() == Seeded(units=450, successions=346, written=0)


@pytest.mark.usefixtures("units")
def test_loading_again_mends_what_was_changed() -> None:
    AdminUnit.objects.filter(uid="05443@start").update(name="Phường Nhầm")
    Succession.objects.filter(old="05443@start").delete()

    seeded = load_units()

    assert seeded.written == 2
    assert AdminUnit.objects.get(uid="05443@start").name == "Phường Trưng Vương"


@pytest.mark.usefixtures("units")
def test_the_92_communes_stand_in_vietnamese_order() -> None:
    names = [u.name for u in AdminUnit.objects.communes().in_force(AFTER).in_vietnamese_order()]

    assert names[:4] == ["Xã An Khánh", "Xã Ba Bể", "Phường Bá Xuyên", "Phường Bách Quang"]
    assert names.index("Xã Dân Tiến") < names.index("Xã Đại Phúc") < names.index("Xã Hiệp Lực")


@pytest.mark.django_db
def test_one_command_loads_the_units_and_draws_the_schema(
    capsys: pytest.CaptureFixture[str],
) -> None:
    call_command("load_units")
    call_command("load_units")

    first, second = capsys.readouterr().out.splitlines()
    assert "(796 dòng mới hoặc thay đổi); sơ đồ vẽ lại: 7." in first
    assert "(0 dòng mới hoặc thay đổi); sơ đồ vẽ lại: 0." in second
