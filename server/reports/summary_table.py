"""The summary as a table for people: a line a commune, groups, and the province last."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from server.forms.eras import UNVERIFIED_NOTE
from server.forms.findings import Condition
from server.inspections import outstanding
from server.inspections.commune_rows import LABELS, NOT_INSPECTED, CommuneRow
from server.inspections.expected import (
    COVERED_WORDS,
    NO_DUE_DATE,
    REPORTED_WORDS,
    reported_word,
)
from server.inspections.subjects import Subjects
from server.inspections.summary import PERIODS, Summary
from server.inspections.totals import Counts
from server.reports.cells import is_formula

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
    "visit_in_future": "ngày kiểm tra sau ngày nhận phiếu",
    "verbal_zero": "số 0 không có văn bản",
    "personal_data": "có thể có dữ liệu cá nhân",
    "impossible_speed": "di chuyển nhanh bất thường",
    "same_photo": "ảnh trùng phiếu khác",
    "duplicate_visit": "có thể trùng phiếu khác",
    "many_at_one_point": "nhiều xã tại một điểm",
    "photo_far": "ảnh chụp nơi khác hoặc ngày khác",
    "late": "gửi sau hạn",
}
NO_DATA = "chưa có số liệu"
SUBJECTS = "Cơ quan, doanh nghiệp đã kiểm tra"


def as_csv(table: Summary) -> str:
    """Return the table as CSV text, without byte order mark."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([safe(cell) for cell in line] for line in lines(table))
    return out.getvalue()


def lines(table: Summary) -> Iterator[list[str]]:
    """Yield the heading, a line a commune, groups, and the province; each as long as the others.

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
        "Căn cứ theo điều kiện",
        "Lượt có tọa độ hợp lệ (%)",
        "Kiến nghị chưa xong",
        "Kiến nghị quá hạn",
        *(f"Báo cáo: {PERIOD[period]}" for period in _periods(table)),
        "Bao phủ",
        "Đơn vị cũ đã kiểm tra",
        "Bộ tiêu chí",
        *([SUBJECTS] if table.totals.subjects else []),
    ]
    for number, row in enumerate(table.rows, start=1):
        yield _line(number, row, table)
    for group in table.groups.groups if table.groups else ():
        yield _counted(group.label, group.counts, table, "")
    yield _province(table)


def judged_by(criteria_set: str, note: str) -> str:
    """Return which criteria set gave a result, and that it did so only for now."""
    return f"{criteria_set} ({note})" if note else criteria_set


def standing_notes(rows: Iterable[CommuneRow]) -> list[str]:
    """Return why results of a table are only for now, each with how many communes."""
    notes = Counter(row.latest.note for row in rows if row.latest and row.latest.note)
    return [f"{count} xã, phường: {note}" for note, count in sorted(notes.items())]


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
        "; ".join(f"{code}: {'có' if has else 'không'}" for code, has in row.documented.items()),
        percent(row.gps.share) if row.inspections else LABELS[NOT_INSPECTED].lower(),
        *_outstanding(row),
        *(reported_word(row.reports[period]) for period in _periods(table)),
        COVERED_WORDS[row.coverage],
        "; ".join(_former(row)),
        judged_by(latest.criteria_set, latest.note) if latest else "",
        *([subjects(row.subjects)] if table.totals.subjects else []),
    ]


def _periods(table: Summary) -> tuple[str, ...]:
    return (table.period,) if table.period else PERIODS


def _outstanding(row: CommuneRow) -> tuple[str, str]:
    """Return how many are open and overdue; a word where nobody knows, never a zero."""
    count = row.recommendations
    if count is None:
        word = outstanding.note(count, is_inspected=row.inspections > 0)
        return word, word
    return str(count.open), str(count.overdue)


def _former(row: CommuneRow) -> Iterator[str]:
    for unit in row.former_units:
        doubt = "" if unit.is_certain else " (tách địa giới, không chắc chắn)"
        note = f" ({unit.note})" if unit.note else ""
        yield f"{unit.name}: {LABELS.get(unit.status, unit.status)}{doubt}{note}"


def _province(table: Summary) -> list[str]:
    former = table.totals.of_former_units
    note = f"{former} lượt ở đơn vị cũ" if former else ""
    return _counted("Toàn tỉnh", table.totals, table, note)


def _counted(name: str, counts: Counts, table: Summary, note: str) -> list[str]:
    """Return the line of the province, or of a group of communes."""
    open_ = counts.recommendations
    return [
        "",
        "",
        name,
        _counts(counts.by_status),
        "",
        PERIOD.get(table.period or "", "Cả năm, mọi kỳ"),
        *(_counts(counts.by_condition.get(c.code, {})) for c in table.conditions),
        "",
        f"{counts.with_valid_gps} xã có tọa độ hợp lệ",
        "",
        str(counts.inspections),
        "; ".join(f"{code}: {share.count}/{share.of}" for code, share in counts.documented.items()),
        percent(counts.gps.share) or NO_DATA,
        str(open_.open) if open_ else NO_DATA,
        str(open_.overdue) if open_ else NO_DATA,
        *(
            _counts(counts.by_report.get(period, {}), REPORTED_WORDS) or NO_DUE_DATE
            for period in _periods(table)
        ),
        _counts(counts.by_coverage, COVERED_WORDS),
        note,
        "; ".join(standing_notes(table.rows)) if counts is table.totals else "",
        *([subjects(counts.subjects)] if table.totals.subjects else []),
    ]


def _counts(by_status: Mapping[str, int], words: Mapping[str, str] = LABELS) -> str:
    return "; ".join(f"{words[s].lower()}: {n}" for s, n in by_status.items() if n)


def subjects(of: Subjects | None) -> str:
    """Return how many workplaces or bodies, and with which result."""
    if of is None:
        return ""
    statuses = _counts(of.by_status or {})
    return f"{of.inspected} ({statuses})" if statuses else str(of.inspected)


def _gps(status: str, *, is_schematic: bool) -> str:
    label = GPS.get(status, status)
    return f"{label} (theo sơ đồ, không phải ranh giới)" if is_schematic else label


def day(date: dt.date | None) -> str:
    """Return a date as Vietnamese readers write it: 13/04/2023."""
    return date.strftime("%d/%m/%Y") if date else ""


def percent(share: float | None) -> str:
    """Return a share (0..1) as whole percent."""
    return "" if share is None else str(round(share * 100))


def safe(cell: str) -> str:
    """Return a cell as text that no spreadsheet runs."""
    # A spreadsheet runs a cell that begins like a formula; no cell of ours does on purpose.
    # An apostrophe in front makes it text (features.md §4.4, T12).
    return f"'{cell}" if is_formula(cell) else cell
