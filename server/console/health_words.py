"""The state of the server in words: what was looked at, what is so, and what to do about it.

Sentences are found by `code.case`, else by the code; what to do stands where something is not good.
"""

from __future__ import annotations

from collections.abc import Mapping

from server.console.words import Badge
from server.reports.checks import Level

LEVELS: Mapping[str, Badge] = {
    Level.GOOD: Badge("Tốt", "check", "good"),
    Level.WATCH: Badge("Cần xem", "alert", "doubt"),
    Level.BAD: Badge("Phải xử lý", "cross", "bad"),
}
GROUPS: Mapping[str, str] = {
    "work": "Việc chạy nền",
    "kept": "Nơi lưu dữ liệu",
    "copies": "Sao lưu",
    "clocks": "Đồng hồ",
    "versions": "Phiên bản",
}
LABELS: Mapping[str, str] = {
    "worker": "Bộ xử lý nền",
    "maker": "Bộ tạo tệp lớn",
    "derive": "Phiếu chờ tính kết quả",
    "look": "Phiếu chờ so với phiếu khác",
    "photos": "Ảnh chờ thu nhỏ",
    "exports": "Tệp chờ tạo",
    "webhooks": "Thông báo chờ gửi sang hệ thống khác",
    "failed": "Phiếu không tính được kết quả",
    "tasks": "Việc định kỳ",
    "disk": "Chỗ trống trên đĩa",
    "store": "Kho tệp",
    "spool": "Tệp chờ chuyển vào kho",
    "database": "Cơ sở dữ liệu",
    "files": "Đối chiếu tệp với cơ sở dữ liệu",
    "backup": "Bản sao lưu gần nhất",
    "restore": "Lần thử phục hồi gần nhất",
    "clock": "Giờ máy chủ và cơ sở dữ liệu",
    "phones": "Giờ trên điện thoại",
    "app": "Phần mềm",
    "migrations": "Cấu trúc cơ sở dữ liệu",
    "collect": "ODK Collect trên điện thoại",
}
SAID: Mapping[str, str] = {
    "worker": "Hoạt động lần cuối {ago} trước",
    "worker.never": "Chưa từng hoạt động",
    "maker": "Hoạt động lần cuối {ago} trước",
    "maker.never": "Chưa từng hoạt động",
    "maker.making": "Đang tạo một tệp",
    "derive": "{count} phiếu, lâu nhất {waits}",
    "derive.none": "Không có phiếu nào chờ",
    "look": "{count} phiếu, lâu nhất {waits}",
    "look.none": "Không có phiếu nào chờ",
    "photos": "{count} ảnh, lâu nhất {waits}",
    "photos.none": "Không có ảnh nào chờ",
    "exports": "{count} tệp, lâu nhất {waits}",
    "exports.none": "Không có tệp nào chờ",
    "webhooks": "{count} thông báo, quá hẹn lâu nhất {waits}",
    "webhooks.none": "Không có thông báo nào chờ",
    "failed": "{count} phiếu",
    "failed.good": "Không có phiếu nào",
    "tasks": "{count} việc chạy chậm, chưa chạy hoặc bị lỗi",
    "tasks.good": "Mọi việc chạy đúng hẹn",
    "disk": "Còn {free} ({percent}%)",
    "disk.unknown": "Chưa đo được",
    "store": "Ghi, đọc lại và xóa một tệp thử: được",
    "store.bad": "Không ghi hoặc không đọc lại được tệp thử",
    "store.full": "Hết chỗ",
    "spool": "{count} tệp, {size}, lâu nhất {waits}",
    "spool.none": "Không có tệp nào chờ",
    "database": "{size}",
    "files": "Lúc {at}: đã đọc {size}, không thiếu hoặc sai tệp nào",
    "files.bad": "Lúc {at}: có tệp thiếu hoặc sai",
    "files.old": "Lần cuối {at}",
    "files.never": "Chưa đối chiếu lần nào",
    "backup": "{ago} trước ({at}), {size}",
    "backup.never": "Chưa có bản sao lưu nào được ghi nhận",
    "restore": "{at}: phục hồi được",
    "restore.failed": "{at}: không phục hồi được",
    "restore.never": "Chưa thử lần nào",
    "clock": "Lệch nhau {apart}",
    "phones": "{count} máy gửi phiếu ghi ngày kiểm tra ở tương lai trong 30 ngày qua",
    "phones.good": "Không máy nào gửi phiếu ghi ngày kiểm tra ở tương lai trong 30 ngày qua",
    "app": "Sổ Xã {version} · Django {django} · Python {python} · PostgreSQL {postgresql}",
    "migrations": "{count} bước nâng cấp chưa chạy",
    "migrations.good": "Đã nâng cấp đủ",
    "collect.good": "Không máy nào dùng bản cũ hơn {oldest}",
    "collect": "{count} máy dùng bản cũ hơn {oldest}",
}
ADVICE: Mapping[str, str] = {
    "worker": "Phiếu vẫn được nhận và giữ nguyên, nhưng kết quả, ảnh nhỏ và cảnh báo chậm lại. "
    "Khởi động lại máy chủ (make serve, hoặc dịch vụ worker và beat), rồi mở lại trang này.",
    "maker": "Tệp tải về không được tạo. Khởi động lại máy chủ (hoặc dịch vụ exports và beat).",
    "derive": "Xem bộ xử lý nền có chạy không. Nếu chạy mà số này không giảm, xem nhật ký máy chủ.",
    "look": "Xem bộ xử lý nền có chạy không. Nếu chạy mà số này không giảm, xem nhật ký máy chủ.",
    "photos": "Xem bộ xử lý nền có chạy không. Ảnh gốc vẫn còn nguyên.",
    "exports": "Xem bộ tạo tệp lớn có chạy không. Người yêu cầu có thể hủy tệp ở «Tệp tải về».",
    "webhooks": "Hệ thống nhận không trả lời. Kiểm tra địa chỉ nhận; máy chủ sẽ tự gửi lại.",
    "failed": "Sau khi nâng cấp, chạy manage.py rederive --all; nếu vẫn còn, gửi mã lỗi trong "
    "nhật ký máy chủ cho người phát triển.",
    "tasks": "Xem bảng việc định kỳ ở dưới. Nếu nhiều việc cùng chậm, khởi động lại máy chủ.",
    "disk": "Xóa bớt bản sao lưu cũ trên máy này hoặc thêm đĩa. Khi gần hết chỗ, điện thoại bị từ "
    "chối nhận phiếu.",
    "disk.unknown": "Thư mục lưu tệp chưa được tạo; mở lại trang này sau khi nhận phiếu đầu tiên.",
    "store": "Xem kho tệp (MinIO hoặc thư mục lưu tệp) có chạy và còn quyền ghi không. Với MinIO, "
    "tệp mới tạm chờ trên đĩa máy chủ; với thư mục, điện thoại giữ phiếu và gửi lại.",
    "store.full": "Thêm chỗ cho kho tệp ngay: phiếu có ảnh sắp bị từ chối.",
    "spool": "Kho tệp không nhận tệp. Sửa kho tệp; máy chủ sẽ tự chuyển các tệp này vào.",
    "files": "Lấy tệp từ bản sao lưu đặt lại vào kho, rồi chạy lại manage.py fsck.",
    "files.old": "Chạy manage.py fsck mỗi tháng một lần, khi ít người dùng.",
    "files.never": "Chạy manage.py fsck một lần, rồi mỗi tháng một lần.",
    "backup": "Xem lịch sao lưu hằng đêm còn chạy không, rồi sao lưu ngay theo tài liệu vận hành.",
    "backup.never": "Đặt lịch sao lưu hằng đêm theo tài liệu vận hành; cuối kịch bản gọi "
    "manage.py backed_up để ghi nhận.",
    "restore": "Phục hồi thử bản sao lưu trên một máy khác, rồi ghi nhận bằng "
    "manage.py restore_tested.",
    "restore.failed": "Bản sao lưu chưa dùng được. Sửa cách sao lưu, thử lại, rồi ghi nhận bằng "
    "manage.py restore_tested.",
    "clock": "Bật đồng bộ giờ (NTP) trên máy chủ và máy cơ sở dữ liệu.",
    "phones": "Nhắc người giữ máy bật «Ngày giờ tự động»; xem các hồ sơ có cảnh báo này.",
    "migrations": "Khởi động lại máy chủ bằng make serve để chạy hết các bước nâng cấp.",
    "collect": "Cập nhật ODK Collect trên các máy này; danh sách ở trang «Thiết bị».",
}
TASKS: Mapping[str, str] = {
    "inspections.pay_debts": "Tính kết quả của phiếu",
    "plans.look_around": "So phiếu với nhau, thu nhỏ ảnh",
    "submissions.move_spooled": "Chuyển tệp vào kho",
    "inspections.tell": "Báo cho hệ thống khác",
    "reports.make_exports": "Tạo tệp lớn",
    "inspections.hide_ahead": "Tìm số nhỏ phải che",
    "inspections.follow_up": "Theo dõi hạn kiến nghị",
    "reports.expire_exports": "Xóa tệp tải về hết hạn",
    "inspections.forget_deliveries": "Xóa thông báo cũ",
    "inspections.purge_trash": "Dọn thùng rác",
    "submissions.collect_orphans": "Xóa tệp không ai dùng",
    "submissions.fold_lengths": "Gộp số đếm của các danh sách",
    "submissions.mend_lengths": "Đối chiếu số đếm với các danh sách",
}


def texts() -> list[str]:
    """Return every text of this module, for the check of their English."""
    tables = (GROUPS, LABELS, SAID, ADVICE, TASKS)
    return [text for table in tables for text in table.values()] + [
        badge.word for badge in LEVELS.values()
    ]
