"""What can be wrong with a translator's sheet. No Django."""

from __future__ import annotations

from collections.abc import Sequence

from server.errors import Problem
from server.forms.problems import Complaint


class TranslationsRefused(Problem):
    """A translator's sheet with complaints; nothing of it was taken in."""

    code = "translations.refused"
    vi = "Chưa nhận được bản dịch nào: {count} ô có lỗi. Sửa từng ô theo bảng lỗi rồi nộp lại."
    en = "No translation was taken in: {count} cells are wrong. Mend each listed, then try again."

    def __init__(self, complaints: Sequence[Complaint]) -> None:
        self.complaints = tuple(complaints)
        super().__init__(count=len(self.complaints))


class NotATranslationSheet(Problem):
    """A workbook that did not come from `translations out`."""

    code = "translations.not_a_sheet"
    vi = "Đây không phải bảng dịch: cần trang «{sheet}» có các cột {columns} và cột dịch::…"
    en = "This is no translator's sheet: “{sheet}” must have columns {columns} and dịch::…"


class LanguageUnusable(Problem):
    """A language that no column can be named for."""

    code = "translations.language_unusable"
    vi = "Tên ngôn ngữ «{language}» không dùng được. Viết tên và mã, ví dụ Tày (tyz)."
    en = "“{language}” cannot name a language. Write its name and code, such as Tày (tyz)."


class FormulaInTranslation(Complaint):
    """A cell that a spreadsheet works out, in place of a text."""

    code = "translations.formula"
    vi = "Ô này là công thức của bảng tính. Ghi lời dịch dạng chữ; bỏ dấu = ở đầu."
    en = "This cell is a formula of the spreadsheet. Write the translation as text."


class PlaceholdersDiffer(Complaint):
    """A translation that lost, made up or bent a `${name}`."""

    code = "translations.placeholder"
    vi = "Lời dịch của «{key}» phải giữ nguyên {wanted}; đang có {found}."
    en = "The translation of “{key}” must keep {wanted} as it is; it has {found}."


class KeyRepeated(Complaint):
    """Two rows for one text."""

    code = "translations.key_repeated"
    vi = "Khóa «{key}» có ở hai dòng. Xóa một dòng."
    en = "The key “{key}” stands in two rows. Delete one."


class TranslationTooLong(Complaint):
    """More than a cell of a workbook holds."""

    code = "translations.too_long"
    vi = "Lời dịch của «{key}» dài {size} chữ, tối đa {limit}. Rút ngắn lại."
    en = "The translation of “{key}” has {size} letters, at most {limit}. Shorten it."
