"""Why what an operator says was done is not recorded."""

from __future__ import annotations

from server.errors import Problem


class BackupEmpty(Problem):
    """A backup of no bytes: most likely the command before it failed."""

    code = "upkeep.backup_empty"
    vi = "Bản sao lưu {name} không có byte nào. Xem lại lệnh sao lưu, ghi tên tệp rồi chạy lại."
    en = "The backup {name} is empty. Name its files or --size, look at what made it, run it again."


class BackupMissing(Problem):
    """A file that was said to be a backup and is not there."""

    code = "upkeep.backup_missing"
    vi = "Không đọc được tệp sao lưu «{name}». Kiểm tra tên tệp rồi chạy lại."
    en = "The backup file {name!r} cannot be read. Check its name, then run this again."


class BackupTooLarge(Problem):
    """A backup of more bytes than there are disks: most likely a figure too many was typed."""

    code = "upkeep.backup_too_large"
    vi = "Số byte của bản sao lưu lớn hơn {most}. Kiểm tra --size rồi chạy lại."
    en = "The backup would have more than {most} bytes. Check --size, then run this again."


class MomentWrong(Problem):
    """A moment that cannot be read, or that is still to come."""

    code = "upkeep.moment_wrong"
    vi = "Thời điểm «{text}» không đọc được hoặc chưa đến. Viết như 2026-11-30T02:00+07:00."
    en = "The moment {text!r} cannot be read, or is still to come. Write 2026-11-30T02:00+07:00."
