"""What can go wrong with a form on its way from a workbook to the phones.

A `Complaint` is about one place of a workbook; `WorkbookRefused` carries all of them at once, so
that a designer mends a workbook in one round. Needs no Django: the readers raise these.
"""

from __future__ import annotations

from collections.abc import Sequence

from server.errors import Problem


class Complaint(Problem):
    """Something at one place of a workbook.

    Details: `sheet`; `row` as Excel counts it, 0 for the whole sheet; `column`, its letters, ""
    for the whole row; `header`, the title of that column; `original`, what the compiler said, "".
    """

    def __init__(self, **details: object) -> None:
        super().__init__(
            **{"sheet": "", "row": 0, "column": "", "header": "", "original": "", **details}
        )

    @property
    def place(self) -> str:
        """Return where, as Excel's own name box writes it: `survey!F12`."""
        row, sheet = self.details["row"] or "", self.details["sheet"]
        cell = f"{self.details['column']}{row}"
        return f"{sheet}!{cell}" if cell else str(sheet)


class WorkbookRefused(Problem):
    """A workbook with complaints; nothing of it was published."""

    code = "form.workbook_refused"
    vi = "Biểu chưa phát hành được: {count} lỗi. Sửa từng ô theo bảng lỗi rồi nộp lại."
    en = "The form was not published: {count} problems. Mend each cell listed, then try again."
    central = 400.15

    def __init__(self, complaints: Sequence[Complaint]) -> None:
        self.complaints = tuple(complaints)
        super().__init__(count=len(self.complaints))


# The file as a whole -----------------------------------------------------------------------------


class NotAWorkbook(Problem):
    """Bytes that are no .xlsx."""

    code = "workbook.unreadable"
    vi = "Tệp này không phải là bảng tính .xlsx đọc được ({reason}). Mở bằng Excel và lưu lại."
    en = "This is not a readable .xlsx workbook ({reason}). Open it in Excel and save it again."
    central = 400.15


class WorkbookTooBig(Problem):
    """More than a form can need: unpacking it could take all memory."""

    code = "workbook.too_big"
    status = 413
    vi = "Bảng tính quá lớn: {what} là {size}, tối đa {limit}. Bỏ ảnh và các dòng thừa."
    en = "The workbook is too big: {what_en}: {size}, at most {limit}. Remove pictures, spare rows."


class WorkbookUnsafe(Problem):
    """A workbook that holds what no form needs and an attack does."""

    code = "workbook.unsafe"
    vi = "Bảng tính chứa {what} (trong {part}). Lưu lại thành .xlsx thường, không có phần này."
    en = "The workbook contains {what_en} (in {part}). Save it as a plain .xlsx without it."


class FileMissing(Problem):
    """A file that a command was given and cannot read."""

    code = "workbook.file_missing"
    status = 404
    vi = "Không đọc được tệp {path} ({reason}). Kiểm tra lại đường dẫn."
    en = "The file {path} cannot be read ({reason}). Check the path."


class FileUnwritable(Problem):
    """A file that a command was told to write and cannot."""

    code = "workbook.file_unwritable"
    vi = "Không ghi được tệp {path} ({reason}). Chọn nơi khác hoặc đóng tệp đang mở."
    en = "The file {path} cannot be written ({reason}). Choose another place or close the file."


# The form as a whole -----------------------------------------------------------------------------


class CompilingTooDear(Problem):
    """The compiler was stopped: out of time or of memory."""

    code = "form.too_dear"
    status = 413
    vi = "Biểu quá lớn để biên dịch trong {seconds} giây và {megabytes} MB. Tách thành nhiều biểu."
    en = "The form needs more than {seconds} s or {megabytes} MB to compile. Split it."


class VersionUnchanged(Problem):
    """Other content under a version that phones already hold."""

    code = "form.version_unchanged"
    status = 409
    vi = (
        "Biểu {form_id} phiên bản «{version}» đã phát hành với nội dung khác. "
        "Tăng ô version ở trang settings (ví dụ {suggestion}) rồi phát hành lại."
    )
    en = (
        "Version “{version}” of form {form_id} was already published with other content. "
        "Raise the version in the settings sheet (for example {suggestion}) and publish again."
    )
    central = 409.6


class FormDeleted(Problem):
    """A form that was deleted does not come back by itself."""

    code = "form.deleted"
    status = 409
    vi = "Biểu {form_id} đã bị xóa. Đặt form_id khác, hoặc khôi phục biểu trước khi phát hành."
    en = "Form {form_id} was deleted. Choose another form_id, or restore it before publishing."
    central = 409.3


class FormIdDiffers(Problem):
    """A folder of `forms/` that holds another form than its name says."""

    code = "form.id_differs"
    vi = "Thư mục {folder} chứa biểu có form_id «{form_id}». Đặt hai tên giống nhau."
    en = "Folder {folder} holds a form whose form_id is “{form_id}”. Give both the same name."


class FormUnusable(Problem):
    """An XForm that a phone would download and then refuse."""

    code = "form.unusable"
    vi = "Điện thoại sẽ không mở được biểu này: {reason}."
    en = "Phones could not open this form: {reason_en}."


class EntitiesVersionUnknown(Problem):
    """A form written to a version of the entities specification that we do not know (ET19)."""

    code = "form.entities_version"
    vi = (
        "Biểu dùng thực thể (entities) theo phiên bản «{version}», máy chủ không hiểu hoặc "
        "không đủ cho biểu này. Biên dịch lại bảng tính để có phiên bản {wanted}."
    )
    en = (
        "The form uses entities of version “{version}”, which is unknown here or too old for what "
        "it does. Compile the workbook again, to version {wanted}."
    )
    central = 400.25


class EntityNameInvalid(Problem):
    """A list or a property that phones and other servers could not name (ET20)."""

    code = "form.entity_name"
    vi = (
        "Tên danh sách hoặc thuộc tính thực thể «{name}» không dùng được. Chỉ dùng chữ, số, _ "
        "và -, bắt đầu bằng chữ hoặc một dấu _, không phải name hay label."
    )
    en = (
        "“{name}” cannot name an entity list or property. Use letters, digits, _ and -, begin with "
        "a letter or one _, and do not use name or label."
    )
    central = 400.25


class SearchUnreadable(Problem):
    """A `search()` appearance whose quotes do not close (openrosa.md MF27)."""

    code = "form.search_unreadable"
    vi = "Cột appearance có search() sai dấu nháy: {appearance}. Viết search('ten_tep')."
    en = "An appearance has search() with broken quotes: {appearance}. Write search('file_name')."
    central = 400.8


class FormUnknown(Problem):
    """No such form."""

    code = "form.unknown"
    status = 404
    vi = "Chương trình {project_id} không có biểu {form_id}, hoặc biểu đó không có bảng tính."
    en = "Project {project_id} has no form {form_id}, or none that was made from a workbook."
    central = 404.1


class FormVersionUnknown(Problem):
    """No such version of a form that there is."""

    code = "form.version_unknown"
    status = 404
    vi = "Biểu {form_id} không có phiên bản «{version}». Phiên bản hiện hành là «{current}»."
    en = "Form {form_id} has no version “{version}”. The current one is “{current}”."
    central = 404.1


# A place in it -----------------------------------------------------------------------------------


class SheetMissing(Complaint):
    """A sheet that every form has."""

    code = "workbook.sheet_missing"
    vi = "Thiếu trang «{sheet}». Thêm trang này (xem docs/forms.md)."
    en = "The sheet “{sheet}” is missing. Add it (see docs/forms.md)."


class ColumnMissing(Complaint):
    """A column without which a sheet cannot be read."""

    code = "workbook.column_missing"
    vi = "Trang «{sheet}» thiếu cột «{header}». Thêm cột này ở dòng 1."
    en = "Sheet “{sheet}” has no column “{header}”. Add it in row 1."


class CellMissing(Complaint):
    """A cell that must say something."""

    code = "workbook.cell_missing"
    vi = "Ô «{header}» đang trống. Điền giá trị cho ô này."
    en = "The cell “{header}” is blank. Fill it in."


class CellUnreadable(Complaint):
    """A cell that says what cannot be understood there."""

    code = "workbook.cell_unreadable"
    vi = "Ô «{header}» ghi «{value}», không hiểu được. Cần: {wanted}."
    en = "The cell “{header}” says “{value}”, which makes no sense there. Needed: {wanted_en}."


class CellUnwanted(Complaint):
    """A cell that must stay blank."""

    code = "workbook.cell_unwanted"
    vi = "Quy tắc «{rule}» không dùng ô «{header}». Xóa giá trị «{value}»."
    en = "Rule “{rule}” has no use for “{header}”. Delete “{value}”."


class SubmissionElsewhere(Complaint):
    """A form that would send its data to another server."""

    code = "form.submission_elsewhere"
    vi = "Biểu ghi địa chỉ nộp riêng, dữ liệu sẽ đi nơi khác. Xóa cột submission_url ở settings."
    en = "The form names its own address to submit to, so data would go elsewhere. Remove it."


class Uncompilable(Complaint):
    """What pyxform refuses; `explanation` says it again in Vietnamese."""

    code = "form.uncompilable"
    vi = "{explanation} ({original})"
    en = "{original}"


class EntitiesUncompilable(Uncompilable):
    """What pyxform refuses about entities: their sheet, or the column save_to."""

    code = "form.entities_uncompilable"
    central = 400.25


class Invalid(Complaint):
    """What ODK Validate, the phone's own engine, refuses."""

    code = "form.invalid"
    vi = "Máy kiểm tra của ODK không chấp nhận: {original}. Sửa công thức của câu hỏi này."
    en = "ODK Validate does not accept it: {original}. Mend the formula of this question."


# A place in the findings sheet --------------------------------------------------------------------


class FieldUnknown(Complaint):
    """A rule that names no question."""

    code = "findings.field_unknown"
    vi = "Trang survey không có câu hỏi nào tên «{value}»{hint}. Sửa tên ở ô «{header}»."
    en = "The survey has no question named “{value}”{hint_en}. Mend the name under “{header}”."


class FieldUnusable(Complaint):
    """A rule that names a question it cannot judge."""

    code = "findings.field_unusable"
    vi = "Câu hỏi «{value}» không dùng được ở ô «{header}»: cần {wanted}, ngoài mọi nhóm lặp."
    en = "Question “{value}” cannot stand under “{header}”: needed is {wanted_en}, in no repeat."


class AnswerMissing(Complaint):
    """A rule that waits for an answer that the question does not offer."""

    code = "findings.answer_missing"
    vi = "Danh sách «{choice_list}» của câu hỏi «{question}» không có lựa chọn «{value}»."
    en = "The list “{choice_list}” of question “{question}” offers no “{value}”."


class RowContradicts(Complaint):
    """Two rows of one condition that say different things about it."""

    code = "findings.row_contradicts"
    vi = "Dòng này và dòng {first} cùng mã {value} nhưng ô «{header}» khác nhau. Để trống ô này."
    en = "This row and row {first} share code {value} but differ in “{header}”. Leave it blank."


class CalculationMissing(Complaint):
    """A condition, or the form's result, with no row to show it on the phone."""

    code = "findings.calculation_missing"
    vi = "Trang survey thiếu dòng calculate tên «{value}» (ô calculation để trống)."
    en = "The survey needs a calculate row named “{value}”, with a blank calculation."


class CalculationUnusable(Complaint):
    """A row for a condition that would not always show it."""

    code = "findings.calculation_unusable"
    vi = "Dòng «{value}» phải là calculate, không lặp, không có relevant (cả ở nhóm bao ngoài)."
    en = "Row “{value}” must be a calculate, in no repeat, with no relevance on it or around it."


class CalculationDiffers(Complaint):
    """A row for a condition with a formula of its own."""

    code = "findings.calculation_differs"
    vi = "Công thức của «{value}» khác quy tắc ở trang findings. Xóa trống ô này để máy tự điền."
    en = "The formula of “{value}” differs from the findings sheet. Blank it; it is filled in."


# Drafts and states ------------------------------------------------------------------------------


class DraftUnknown(Problem):
    """No such draft: a wrong address, or one that was replaced, published or withdrawn."""

    code = "form.draft_unknown"
    status = 404
    vi = (
        "Bản thử này không còn: đã được thay, đã phát hành, hoặc địa chỉ sai. "
        "Xin người soạn biểu mã QR mới."
    )
    en = (
        "This draft is gone: replaced, published, or the address is wrong. "
        "Ask the form's author for a new QR code."
    )
    central = 404.1


# Against what phones already hold -----------------------------------------------------------------


class TypeChanged(Complaint):
    """A question whose answers would no longer compare with earlier ones."""

    code = "form.type_changed"
    status = 409
    vi = "Câu hỏi «{value}» đổi kiểu từ {old} sang {new}. Giữ kiểu cũ, hoặc đặt tên câu hỏi mới."
    en = "Question “{value}” changes type from {old} to {new}. Keep the type, or rename it."


class ChoiceLost(Complaint):
    """A choice that was published: submissions, or forms still on a phone, may hold it."""

    code = "form.choice_lost"
    status = 409
    vi = (
        "Câu hỏi «{value}» mất lựa chọn «{choice}» mà phiếu đã gửi hoặc đang nằm trên điện thoại "
        "có thể dùng. Giữ lại trong danh sách; muốn ẩn thì dùng choice_filter."
    )
    en = (
        "Question “{value}” loses choice “{choice}”, which submissions or forms still on phones "
        "may hold. Keep it in the list; hide it with choice_filter."
    )


class BoundFieldLost(Complaint):
    """A question that a condition rests on, renamed, moved or removed."""

    code = "form.bound_field_lost"
    status = 409
    vi = (
        "Câu hỏi «{value}» là căn cứ của điều kiện {condition} nhưng không còn ở bản này "
        "(bị xóa, đổi tên hoặc chuyển nhóm). Trả lại tên và nhóm cũ."
    )
    en = (
        "Question “{value}” decides condition {condition} but is gone from this version (removed, "
        "renamed or moved). Give it back its name and group."
    )
