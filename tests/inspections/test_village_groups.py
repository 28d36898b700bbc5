"""Communes in groups by what inspectors wrote of their villages."""

from __future__ import annotations

from server.projects.models import Project
from tests import builders
from tests.inspections.test_summary import DONG_HY, told
from tests.inspections.test_summary_rows import PHAN_DINH_PHUNG, counted, province, summary

__all__ = ["province"]

VILLAGES = """
| survey   | type                   | name      | label::Tiếng Việt (vi) |
|          | date                   | h_date    | Ngày kiểm tra          |
|          | integer                | h_year    | Năm số liệu            |
|          | text                   | h_commune | Xã                     |
|          | integer                | b_dbkk    | Số xóm ĐBKK            |
|          | begin_repeat           | b_village | Xóm                    |
|          | begin_group            | bv_place  | Nơi                    |
|          | select_multiple ethnic | bv_eth    | Các dân tộc            |
|          | end_group              |           |                        |
|          | end_repeat             |           |                        |
| choices  | list_name | name  | label::Tiếng Việt (vi) |
|          | ethnic    | kinh  | Kinh                   |
|          | ethnic    | tay   | Tày                    |
|          | ethnic    | dao   | Dao                    |
| settings | form_id | form_title | version | default_language |
|          | kt_xom  | Xóm        | 1       | Tiếng Việt (vi)  |
"""


def visited(project: Project, commune: str, dbkk: str, *villages: str, day: str = "20") -> None:
    rows = "".join(
        f"<b_village><bv_place><bv_eth>{groups}</bv_eth></bv_place></b_village>"
        for groups in villages
    )
    xml = (
        f"<data id='kt_xom' version='1'><h_date>2026-05-{day}</h_date><h_year>2026</h_year>"
        f"<h_commune>{commune}</h_commune><b_dbkk>{dbkk}</b_dbkk>{rows}"
        f"<meta><instanceID>uuid:{commune}-{day}</instanceID></meta></data>"
    )
    builders.send(project, xml.encode())


def test_communes_are_grouped_by_what_is_known_of_their_villages(
    project: Project, province: None
) -> None:
    builders.form(project, VILLAGES)
    told(project, 1, commune=DONG_HY)
    visited(project, DONG_HY, "3", "kinh tay", "tay")
    visited(project, DONG_HY, "", day="25")  # asked nobody
    visited(project, PHAN_DINH_PHUNG, "0", "kinh")
    visited(project, "02155", "1", "tay", "kinh dao")

    assert counted(summary(project, group="disadvantaged")) == {
        "Có xóm đặc biệt khó khăn": (2, 1),
        "Không có xóm đặc biệt khó khăn": (1, 0),
        "Chưa có số liệu": (89, 0),
    }
    by_ethnicity = summary(project, group="ethnicity")
    assert counted(by_ethnicity) == {
        "Kinh": (1, 0),
        "Tày": (1, 1),
        "Nhiều dân tộc thiểu số": (1, 0),
        "Chưa có số liệu": (89, 0),
    }
    assert by_ethnicity.groups is not None
    assert by_ethnicity.groups.source == "câu bv_eth của biểu kt_xom, hồ sơ mới nhất"
