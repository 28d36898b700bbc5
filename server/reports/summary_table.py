"""The summary as a table for people: Vietnamese headings, one line a commune, the province last."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator, Mapping

from server.forms.findings import Condition
from server.inspections.summary import LABELS, UNVERIFIED_NOTE, CommuneRow, Summary

GPS: Mapping[str, str] = {
    "inside": "trong xã",
    "near_border": "gần ranh giới",
    "outside": "ngoài mọi xã",
    "missing": "không có tọa độ",
    "no_coverage": "chưa có bản đồ",
}
PERIOD: Mapping[str, str] = {"h1": "6 tháng đầu năm", "fy": "Cả năm"}
FLAGS: Mapping[str, str] = {
    "gps_far": "tọa độ xa xã đã khai",
    "gps_missing": "thiếu tọa độ",
    "photo_missing": "thiếu tệp đính kèm",
    "file_differs": "tệp gửi lại khác bản đầu",
    "result_differs": "kết quả trên máy khác máy chủ",
    "unit_unknown": "chưa rõ xã",
    "gps_mocked": "tọa độ có thể là giả",
    "verbal_zero": "số 0 không có văn bản",
    "personal_data": "có thể có dữ liệu cá nhân",
}
# How a spreadsheet knows a formula; the full-width letters count where the locale is East Asian.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "＝", "＋", "－", "＠")


def as_csv(table: Summary) -> str:
    """Return the table as CSV text, without byte order mark."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([_safe(cell) for cell in line] for line in lines(table))
    return out.getvalue()


def lines(table: Summary) -> Iterator[list[str]]:
    """Yield the heading, a line a commune, and the province's totals; each as long as the others.

    The cells are text as it stands; `as_csv` makes them safe for a spreadsheet.
    """
    yield [
        "STT",
        "Mã",
        "Xã, phường",
        "Kết quả",
        "Ngày kiểm tra",
        "Kỳ",
        *(heading(condition) for condition in table.conditions),
        "Tỷ lệ có căn cứ (%)",
        "Tọa độ",
        "Cần xem lại",
        f"Số lượt kiểm tra ({table.data.note})",
        "Đơn vị cũ đã kiểm tra",
    ]
    for number, row in enumerate(table.rows, start=1):
        yield _line(number, row, table)
    yield _province(table)


def heading(condition: Condition) -> str:
    """Return the column heading of a condition; an unverified rule says so."""
    kind = "" if condition.is_core else ", tham khảo"
    note = "" if condition.is_verified else f" ({UNVERIFIED_NOTE}{kind})"
    return f"{condition.code}{note or kind}"


def _line(number: int, row: CommuneRow, table: Summary) -> list[str]:
    latest = row.latest
    return [
        str(number),
        row.code,
        row.name,
        LABELS.get(row.status, row.status),
        day(latest.visit_date) if latest else "",
        PERIOD.get(latest.period, latest.period) if latest else "",
        *(LABELS.get(row.conditions.get(c.code, ""), "") for c in table.conditions),
        percent(latest.evidence_share) if latest else "",
        _gps(latest.gps_status, is_schematic=latest.gps_is_schematic) if latest else "",
        "; ".join(FLAGS.get(flag, flag) for flag in latest.flags) if latest else "",
        str(row.inspections),
        "; ".join(_former(row)),
    ]


def _former(row: CommuneRow) -> Iterator[str]:
    for unit in row.former_units:
        doubt = "" if unit.is_certain else " (tách địa giới, không chắc chắn)"
        yield f"{unit.name}: {LABELS.get(unit.status, unit.status)}{doubt}"


def _province(table: Summary) -> list[str]:
    totals = table.totals
    counts = [_counts(totals.by_condition.get(c.code, {})) for c in table.conditions]
    return [
        "",
        "",
        "Toàn tỉnh",
        _counts(totals.by_status),
        "",
        PERIOD.get(table.period or "", "Cả năm, mọi kỳ"),
        *counts,
        "",
        f"{totals.with_valid_gps} xã có tọa độ hợp lệ",
        "",
        str(totals.inspections),
        f"{totals.of_former_units} lượt ở đơn vị cũ" if totals.of_former_units else "",
    ]


def _counts(by_status: Mapping[str, int]) -> str:
    return "; ".join(f"{LABELS[s].lower()}: {n}" for s, n in by_status.items() if n)


def _gps(status: str, *, is_schematic: bool) -> str:
    label = GPS.get(status, status)
    return f"{label} (theo sơ đồ, không phải ranh giới)" if is_schematic else label


def day(date: dt.date | None) -> str:
    """Return a date as Vietnamese readers write it: 13/04/2023."""
    return date.strftime("%d/%m/%Y") if date else ""


def percent(share: float | None) -> str:
    """Return a share (0..1) as whole percent."""
    return "" if share is None else str(round(share * 100))


def _safe(cell: str) -> str:
    # A spreadsheet runs a cell that begins like a formula; no cell of ours does on purpose.
    # An apostrophe in front makes it text (features.md §4.4, T12).
    is_formula = cell.startswith(_FORMULA_STARTS) or cell.lstrip().startswith(_FORMULA_STARTS)
    return f"'{cell}" if is_formula else cell
