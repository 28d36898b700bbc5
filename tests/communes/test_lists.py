from __future__ import annotations

import pytest

from server.communes.areas import AREAS, area_of_merged
from server.communes.lists import CommuneRow, commune_rows


@pytest.mark.usefixtures("units")
def test_the_list_holds_every_version_since_2023() -> None:
    rows = list(commune_rows())

    # 285 of the start of 2023 and 1 that ended in April; 3 + 6 later versions; 92 of today.
    assert len(rows) == 387
    assert min(row.valid_to for row in rows if row.valid_to) == "20230410"


@pytest.mark.usefixtures("units")
def test_a_row_is_a_version_with_its_days() -> None:
    rows = {row.name: row for row in commune_rows()}

    assert rows["05443@start"] == CommuneRow(
        "05443@start", "Phường Trưng Vương", "phuong", "thai_nguyen", "", "20250701"
    )
    assert rows["05443@2025-07-01"] == CommuneRow(
        "05443@2025-07-01", "Phường Phan Đình Phùng", "phuong", "thai_nguyen", "20250701", ""
    )


@pytest.mark.usefixtures("units")
def test_every_version_has_one_of_the_seventeen_areas() -> None:
    assert {row.area for row in commune_rows()} == {area.key for area in AREAS}


@pytest.mark.usefixtures("units")
@pytest.mark.parametrize(
    ("uid", "area"),
    [
        ("01849@2025-07-01", "bac_kan"),  # Phong Quang, 1 to 1: the code was Dương Quang's
        ("01933@2025-07-01", "ba_be"),  # Đồng Phúc, 3 of 4
        ("02014@2025-07-01", "bach_thong"),  # Bạch Thông, 2 of 3
        ("05488@2025-07-01", "thai_nguyen"),  # Đại Phúc, 2 to 2 to 1: Phúc Xuân's code
        ("05503@2025-07-01", "thai_nguyen"),  # Tân Cương, 2 of 3
    ],
)
def test_a_commune_of_several_districts_stands_where_most_of_it_was(uid: str, area: str) -> None:
    rows = {row.name: row for row in commune_rows()}

    assert rows[uid].area == area


@pytest.mark.usefixtures("units")
def test_the_list_is_the_same_every_time() -> None:
    assert list(commune_rows()) == list(commune_rows())


def test_a_tie_without_the_code_goes_to_the_first_area() -> None:
    assert area_of_merged([("1", "vo_nhai"), ("2", "dong_hy")], "3") == "dong_hy"


def test_a_commune_of_unknown_districts_has_no_area() -> None:
    assert area_of_merged([("1", "")], "1") == ""
