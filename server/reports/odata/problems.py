"""What a feed cannot answer, with Central's numbers (openrosa.md §6.4)."""

from __future__ import annotations

from server.errors import Problem


class FilterMalformed(Problem):
    """No filter at all."""

    code = "odata.filter_malformed"
    vi = "Không đọc được $filter từ ký tự thứ {at}: {reason}. Sửa biểu thức rồi thử lại."
    en = "$filter cannot be read from character {at} on: {reason}. Correct it and try again."
    central = 400.18


class OptionInvalid(Problem):
    """A value that an option cannot have."""

    code = "odata.option_invalid"
    vi = "Giá trị của {option} không dùng được: {reason}."
    en = "The value of {option} cannot be used: {reason}."
    central = 400.11


class PropertyUnknown(Problem):
    """A field that the table does not have."""

    code = "odata.property_unknown"
    vi = "Bảng này không có trường {property}. Xem tên các trường tại $metadata."
    en = "This table has no field {property}. $metadata lists those it has."
    central = 400.23


class PropertyNotSelectable(Problem):
    """What stands in a repeat, which has a table of its own."""

    code = "odata.property_not_selectable"
    vi = "$select không lấy được {property} vì nằm trong nhóm lặp. Đọc bảng riêng của nhóm lặp đó."
    en = "$select cannot name {property}, which is in a repeat. Read the table of that repeat."
    central = 400.24


class OptionUnsupported(Problem):
    """An option that this feed does not know, or two that do not go together."""

    code = "odata.option_unsupported"
    status = 501
    vi = "Nguồn dữ liệu OData này không hỗ trợ {feature}. Bỏ tham số đó rồi thử lại."
    en = "This OData feed does not support {feature}. Leave it out and try again."
    central = 501.1


class FilterUnsupported(Problem):
    """A right filter, but with an operator or a function that we do not have."""

    code = "odata.filter_unsupported"
    status = 501
    vi = "$filter dùng {text} (ký tự thứ {at}), là phép toán hoặc hàm máy chủ chưa hỗ trợ."
    en = "$filter uses {text} (character {at}), an operator or function that is not supported."
    central = 501.4


class FilterFieldUnsupported(Problem):
    """A field that rows cannot be filtered or sorted by."""

    code = "odata.field_unsupported"
    status = 501
    vi = "Không lọc hoặc sắp xếp được theo trường {text}. Các trường dùng được: {known}."
    en = "Rows cannot be filtered or sorted by the field {text}. Those that can: {known}."
    central = 501.5


class ExpandUnsupported(Problem):
    """Anything but all repeats."""

    code = "odata.expand_unsupported"
    status = 501
    vi = "Máy chủ chỉ hỗ trợ $expand=* (mở tất cả các nhóm lặp)."
    en = "Only $expand=* (all repeats) is supported."
    central = 501.6


class SelectWithExpand(Problem):
    """Both at once."""

    code = "odata.select_with_expand"
    status = 501
    vi = "Không dùng $select cùng với $expand. Bỏ một trong hai tham số."
    en = "$select cannot be used together with $expand. Leave one of them out."
    central = 501.11
