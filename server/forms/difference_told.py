"""Tell in Vietnamese what changed between two workbooks, for whoever decides about the new one.

No Django.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from server.forms.difference import Change, Difference, Kind

SHEETS: Mapping[str, str] = {
    "settings": "Cài đặt của biểu",
    "survey": "Câu hỏi và nhóm",
    "choices": "Lựa chọn",
    "findings": "Điều kiện",
    "indicators": "Chỉ tiêu số liệu",
    "entities": "Thực thể",
}
KINDS: Mapping[Kind, str] = {
    Kind.ADDED: "thêm mới",
    Kind.REMOVED: "bỏ đi",
    Kind.MOVED: "đổi chỗ",
    Kind.CHANGED: "thay đổi",
}
_SIGNS: Mapping[Kind, str] = {
    Kind.ADDED: "+",
    Kind.REMOVED: "-",
    Kind.MOVED: "↕",
    Kind.CHANGED: "~",
}
COLUMNS: Mapping[str, str] = {
    "type": "kiểu",
    "name": "tên",
    "label": "nhãn",
    "hint": "gợi ý",
    "guidance_hint": "hướng dẫn",
    "media": "hình, tiếng",
    "required": "bắt buộc",
    "required_message": "lời nhắc khi bỏ trống",
    "relevant": "điều kiện hỏi",
    "relevance": "điều kiện hỏi",
    "constraint": "ràng buộc",
    "constraint_message": "lời nhắc khi sai ràng buộc",
    "choice_filter": "bộ lọc lựa chọn",
    "calculation": "công thức",
    "appearance": "cách hiển thị",
    "parameters": "tham số",
    "default": "giá trị mặc định",
    "repeat_count": "số lần lặp",
    "save_to": "thuộc tính thực thể",
    "sensitivity": "mức bảo vệ",
    "evidence_for": "bằng chứng cho điều kiện",
    "rule": "quy tắc",
    "value": "câu hỏi được xét",
    "of": "mẫu số",
    "threshold": "ngưỡng",
    "evidence": "câu hỏi căn cứ",
    "applies": "phạm vi áp dụng",
    "core": "là điều kiện chính",
    "verified": "đã đối chiếu văn bản",
    "legal_basis": "căn cứ pháp lý",
    "legal_from": "hiệu lực từ",
    "legal_to": "hiệu lực đến",
    "aggregate": "cách tổng hợp",
    "unit": "đơn vị tính",
    "disaggregate": "chia theo",
    "sensitive": "nhạy cảm",
    "form_title": "tên biểu",
    "form_id": "mã biểu",
    "version": "phiên bản",
    "default_language": "ngôn ngữ mặc định",
    "instance_name": "tên phiếu",
}


def told(difference: Difference) -> tuple[str, ...]:
    """Return the lines of a report; one line when nothing changed."""
    if not difference.changes:
        return ("Hai bảng tính không khác nhau.",)
    lines = [line for sheet in SHEETS for line in _sheet(difference, sheet)]
    lines.append("Kết quả có thể khác:")
    lines.append(f"  điều kiện: {', '.join(difference.conditions) or 'không có'}")
    lines.append(f"  chỉ tiêu: {', '.join(difference.indicators) or 'không có'}")
    return tuple(lines)


def _sheet(difference: Difference, sheet: str) -> Iterator[str]:
    for kind, title in KINDS.items():
        changes = [c for c in difference.changes if c.sheet == sheet and c.kind is kind]
        if changes:
            yield f"{SHEETS[sheet]} {title} ({len({change.key for change in changes})}):"
            yield from (f"  {_SIGNS[kind]} {_change(change)}" for change in changes)


def _change(change: Change) -> str:
    if change.kind is Kind.CHANGED:
        return f"{change.key}: {_column(change.column)} {_cell(change.old)} → {_cell(change.new)}"
    title = _one_line(change.new or change.old)
    return f"{change.key} «{title}»" if title else change.key


def _column(header: str) -> str:
    """Return "nhãn [Tiếng Việt (vi)]" of `label::Tiếng Việt (vi)`."""
    family, _, language = header.partition("::")
    name = COLUMNS.get(family, f"cột {family}")
    return f"{name} [{language}]" if language else name


def _cell(text: str) -> str:
    return f"«{_one_line(text)}»" if text else "(trống)"


def _one_line(text: str) -> str:
    return " ".join(text.split())
