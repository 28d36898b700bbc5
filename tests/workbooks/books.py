"""The workbooks of forms/, read and compiled once, and the lists that a phone holds with them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from server.forms import workbook
from server.forms.compile import compile_workbook
from server.forms.compiled import CompiledForm
from server.forms.workbook import Row, Workbook

VI, EN = "::Tiếng Việt (vi)", "::English (en)"
INSPECTIONS = ("kt_18_5", "kt_da8", "kt_bdg", "kt_ldn")
EVERY = (*INSPECTIONS, "theo_doi")

XA, PHUONG, THI_TRAN = "05830@2025-07-01", "05443@2025-07-01", "05569@2024-12-01"
AREAS = [
    "ba_be",
    "bach_thong",
    "bac_kan",
    "cho_don",
    "cho_moi",
    "dai_tu",
    "dinh_hoa",
    "dong_hy",
    "na_ri",
    "ngan_son",
    "pac_nam",
    "pho_yen",
    "phu_binh",
    "phu_luong",
    "song_cong",
    "thai_nguyen",
    "vo_nhai",
]
COMMUNES = [
    "name,label,type,area,valid_from,valid_to",
    f"{XA},Xã Đại Từ,xa,dai_tu,20250701,",
    f"{PHUONG},Phường Phan Đình Phùng,phuong,thai_nguyen,20250701,",
    f"{THI_TRAN},Thị trấn Chợ Chu,thi_tran,dinh_hoa,20230101,20250701",
    *(f"{area}@2023-01-01,Xã {area},xa,{area},20230101," for area in AREAS),
]
MEDIA = {
    "communes.csv": ("\n".join(COMMUNES) + "\n").encode(),
    "inspectors.csv": "name,label,username\ncan_bo,Cán bộ,can_bo\n".encode(),
}
ROOT = Path(__file__).parents[2]


def path(name: str) -> Path:
    return ROOT / "forms" / name / f"{name}.xlsx"


@cache
def book(name: str) -> Workbook:
    return workbook.read(path(name).read_bytes())


@cache
def form(name: str) -> CompiledForm:
    return compile_workbook(path(name).read_bytes())


def survey(name: str) -> tuple[Row, ...]:
    return book(name).sheet("survey").rows


def questions(name: str) -> Iterator[Row]:
    """Return the rows that keep an answer: no groups, no notes."""
    silent = ("begin_", "end_", "note")
    return (row for row in survey(name) if not row.get("type").startswith(silent))


def named(name: str, question: str) -> Row:
    return next(row for row in survey(name) if row.get("name") == question)


def choices(name: str, choice_list: str) -> list[tuple[str, str, str]]:
    """Return the choices of a list: value, Vietnamese and English label."""
    return [
        (row.get("name"), row.get("label" + VI), row.get("label" + EN))
        for row in book(name).sheet("choices").rows
        if row.get("list_name") == choice_list
    ]
