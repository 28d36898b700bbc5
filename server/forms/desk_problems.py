"""What can go wrong when a program makes, tries, publishes or removes a form.

Needs no Django, as server.forms.problems.
"""

from __future__ import annotations

from collections.abc import Sequence

from server.errors import Problem


class DraftNotThere(Problem):
    """A form that has no draft just now."""

    code = "form.draft_missing"
    status = 404
    vi = "Biểu {form_id} không có bản thử. Tạo bản thử trước (POST …/forms/{form_id}/draft)."
    en = "Form {form_id} has no draft. Make one first (POST …/forms/{form_id}/draft)."
    central = 404.1


class DraftOnly(Problem):
    """The draft of a form that has nothing else, which is not to be ended."""

    code = "form.draft_only"
    status = 409
    vi = "Biểu {form_id} chưa phát hành nên chỉ có bản thử này. Thay bằng bản khác, hoặc xóa biểu."
    en = "Form {form_id} was never published and has only this draft. Replace it or delete it all."
    central = 409.7


class FormTaken(Problem):
    """A form that is to be new and is there already."""

    code = "form.taken"
    status = 409
    vi = "Chương trình đã có biểu {form_id}. Tạo bản thử mới của biểu đó, hoặc đặt form_id khác."
    en = "The project has a form {form_id} already. Make a new draft of it, or rename this one."
    central = 409.3


class FormIdInAddress(Problem):
    """A definition sent to the address of another form."""

    code = "form.id_in_address"
    vi = "Bản gửi lên có form_id «{found}», địa chỉ lại là của biểu «{form_id}». Sửa một trong hai."
    en = "The definition has form_id “{found}”, the address is that of “{form_id}”. Mend either."
    central = 400.8


class FormIdUnusable(Problem):
    """An id that could not stand in an address."""

    code = "form.id_unusable"
    vi = (
        "form_id «{form_id}» không dùng được. Dùng chữ không dấu, số, dấu _ . -, bắt đầu bằng chữ, "
        "không kết thúc bằng .xml, .xls, .xlsx."
    )
    en = (
        "form_id “{form_id}” cannot be used. Use letters without accents, digits, _ . -, a letter "
        "first, and none of .xml, .xls, .xlsx at its end."
    )
    central = 400.8


class MetaMissing(Problem):
    """An XForm whose submissions would have no id of their own."""

    code = "form.meta_missing"
    vi = "XForm thiếu meta/instanceID nên phiếu gửi về không phân biệt được. Thêm khối meta."
    en = "The XForm has no meta/instanceID to tell submissions apart. Add a meta block."
    central = 400.27


class WarningsGiven(Problem):
    """A workbook that compiles with warnings, which the caller has not said to ignore."""

    code = "form.warnings"
    vi = "Biểu biên dịch được, {count} cảnh báo: {warnings} Sửa, hoặc thêm ignoreWarnings=true."
    en = "The form compiles, {count} warnings: {warnings} Mend them, or add ignoreWarnings=true."
    central = 400.16

    def __init__(self, each: Sequence[str]) -> None:
        self.each = tuple(each)  # as the compiler wrote them
        super().__init__(count=len(self.each), warnings=" ".join(self.each))


class NothingToCopy(Problem):
    """A draft without a definition, of a form that was never published."""

    code = "form.nothing_to_copy"
    vi = "Biểu {form_id} chưa phát hành nên không có gì để chép. Gửi kèm bảng tính hoặc XForm."
    en = (
        "Form {form_id} was never published, so nothing can be copied. Send a workbook or an XForm."
    )
    central = 400.2


class AttachmentUnexpected(Problem):
    """A file that the draft does not refer to."""

    code = "form.attachment_unexpected"
    status = 404
    vi = "Bản thử của biểu {form_id} không nhắc đến tệp «{name}». Kiểm tra tên tệp, cả chữ hoa."
    en = "The draft of form {form_id} does not refer to a file “{name}”. Check its name and case."
    central = 404.1


class DefinitionUnreadable(Problem):
    """A body that is neither a workbook nor an XForm."""

    code = "form.definition_unreadable"
    vi = "Nội dung gửi lên không phải bảng tính .xlsx hay XForm. Tệp .xls: mở và lưu thành .xlsx."
    en = "The body is neither an .xlsx workbook nor an XForm. Save an .xls file as .xlsx first."
    central = 400.15


class XFormRefused(Problem):
    """An XForm, where nobody could check what it may not ask."""

    code = "form.xform_refused"
    vi = (
        "Máy chủ này chỉ nhận biểu dạng bảng tính .xlsx: với XForm không kiểm tra được quy định "
        "bảo mật thông tin của người được hỏi. Gửi bảng tính (hoặc hỏi quản trị: ACCEPT_XFORMS)."
    )
    en = (
        "This server takes forms as .xlsx workbooks only: an XForm cannot be checked for what may "
        "not be asked. Send the workbook (or ask the administrator: ACCEPT_XFORMS)."
    )
    central = 400.8


class AttachmentMissing(Problem):
    """A file that the form does not need, or that nobody has uploaded."""

    code = "form.attachment_missing"
    status = 404
    vi = "Biểu {form_id} không có tệp «{name}», hoặc tệp chưa được tải lên."
    en = "Form {form_id} has no file “{name}”, or it was not uploaded yet."
    central = 404.1


class EntityListSpelt(Problem):
    """An entity list whose name another form of the project writes in other letters."""

    code = "form.entity_list_spelt"
    status = 409
    vi = "Dự án đã có danh sách {known}, biểu này lại ghi {name}. Ghi đúng chữ hoa, chữ thường."
    en = "The project has an entity list {known}, and this form writes {name}. Mind the capitals."
    central = 409.16
