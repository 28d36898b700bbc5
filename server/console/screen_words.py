"""What ODK Web Forms itself says, which is English only, in Vietnamese.

TEXTS stand as whole texts in its page; `{n}` is a number. LOCALE is that of its components
(PrimeVue).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

TEXTS: Mapping[str, str] = {
    "Send": "Gửi",
    "Okay": "Đồng ý",
    "Cancel": "Thôi",
    "Delete": "Xóa",
    "Remove": "Bỏ",
    "Add": "Thêm",
    "Upload": "Tải lên",
    "Upload file": "Chọn tệp",
    "Choose image": "Chọn ảnh",
    "Take picture": "Chụp ảnh",
    "Captured image preview": "Ảnh đã chọn",
    "Get location": "Lấy vị trí",
    "Save location": "Ghi vị trí",
    "Try again": "Thử lại",
    "Finding your location": "Đang tìm vị trí",
    "Cannot access location": "Không lấy được vị trí",
    "Grant location permission in the browser settings and make sure location is turned on.": (
        "Cho phép trình duyệt lấy vị trí trong phần cài đặt, và bật định vị của máy."
    ),
    "Location unavailable. Enable GPS and browser permissions, "
    "then restart the form to try again.": (
        "Không lấy được vị trí. Bật định vị, cho phép trình duyệt, rồi mở lại biểu."
    ),
    "Accuracy: {n} m,": "Sai số {n} m;",
    "Latitude: {n},": "vĩ độ {n};",
    "Longitude: {n}.": "kinh độ {n}.",
    "Good accuracy": "Vị trí chính xác",
    "Poor accuracy": "Vị trí kém chính xác",
    "{n} m - Good accuracy": "{n} m, vị trí chính xác",
    "{n} m - Poor accuracy": "{n} m, vị trí kém chính xác",
    "Unknown accuracy": "Chưa rõ độ chính xác",
    "Time taken to capture location: {n}": "Đã tìm trong {n}",
    "Invalid date": "Ngày không hợp lệ",
    "Invalid time": "Giờ không hợp lệ",
    "No results found": "Không tìm thấy",
    "No available options": "Không có mục nào để chọn",
    "Search": "Tìm",
    "Unknown file format": "Không rõ loại tệp",
    "Powered by": "Bằng công cụ",
    "{n} question with error.": "{n} câu cần sửa.",
    "{n} questions with errors.": "{n} câu cần sửa.",
    "Condition not satisfied: required": "Câu này bắt buộc.",
    "Condition not satisfied: constraint": "Câu trả lời không hợp lệ.",
    "Technical error details": "Chi tiết kỹ thuật",
    "An error occurred while loading this form": (
        "Công cụ trên trình duyệt không mở được biểu này. Dùng điện thoại."
    ),
    "Unknown form load error": "Không mở được biểu.",
}
LOCALE: Mapping[str, str | int | Sequence[str]] = {
    "dayNames": ["Chủ nhật", "Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy"],
    "dayNamesShort": ["CN", "T2", "T3", "T4", "T5", "T6", "T7"],
    "dayNamesMin": ["CN", "T2", "T3", "T4", "T5", "T6", "T7"],
    "monthNames": [f"Tháng {number}" for number in range(1, 13)],
    "monthNamesShort": [f"Thg {number}" for number in range(1, 13)],
    "chooseYear": "Chọn năm",
    "chooseMonth": "Chọn tháng",
    "chooseDate": "Chọn ngày",
    "prevDecade": "Thập kỷ trước",
    "nextDecade": "Thập kỷ sau",
    "prevYear": "Năm trước",
    "nextYear": "Năm sau",
    "prevMonth": "Tháng trước",
    "nextMonth": "Tháng sau",
    "today": "Hôm nay",
    "clear": "Xóa",
    "firstDayOfWeek": 1,
    "dateFormat": "dd/mm/yy",  # of PrimeVue, whose yy has four digits
    "emptyFilterMessage": "Không tìm thấy",
    "emptySearchMessage": "Không tìm thấy",
    "emptySelectionMessage": "Chưa chọn mục nào",
    "emptyMessage": "Không có mục nào để chọn",
    "searchMessage": "Có {0} mục",
    "selectionMessage": "Đã chọn {0} mục",
}
