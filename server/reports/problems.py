"""What can go wrong with files that somebody takes away."""

from __future__ import annotations

from server.errors import Problem


class BulkTooWide(Problem):
    """Records of many communes and periods are to be approved at once."""

    code = "review.bulk_too_wide"
    status = 422
    vi = "Chỉ duyệt loạt trong một xã, hoặc trong một kỳ của một năm. Lọc thêm rồi thử lại."
    en = "Approve at once within one commune, or one period of a year. Filter more and try again."


class SensitivityMissing(Problem):
    """A de-identified file of a form that says not of every answer who may see it."""

    code = "export.sensitivity_missing"
    status = 409
    vi = (
        "Chưa khử nhận dạng được biểu «{form_id}»: chưa ghi mức nhạy cảm của {questions}. Ghi "
        "public, internal hoặc restricted vào cột sensitivity của bảng tính rồi phát hành lại."
    )
    en = (
        "The form {form_id!r} cannot be de-identified: nothing says who may see {questions}. Write "
        "public, internal or restricted in the column sensitivity and publish the workbook again."
    )
    central = 409.3


class ProfileRefused(Problem):
    """Records as they are, for somebody who may only have them de-identified."""

    code = "export.profile_refused"
    status = 403
    vi = "Tài khoản này chỉ được tải tệp đã khử nhận dạng. Thêm profile=deidentified vào địa chỉ."
    en = "This account may only have de-identified files. Add profile=deidentified."
    central = 403.1


class FilterTooFine(Problem):
    """A filter by which a de-identified file would tell what it hides."""

    code = "export.filter_too_fine"
    vi = "Tệp khử nhận dạng không lọc được theo {field}: {reason}"
    en = "A de-identified file cannot be filtered by {field}: {reason_en}"
    central = 400.8


class FilterUnknown(Problem):
    """A word of a filter that nothing of the project goes by."""

    code = "filter.unknown"
    vi = "Bộ lọc «{field}»: chương trình không có «{value}». Có: {known}."
    en = "The filter {field!r}: the project has no {value!r}. There are: {known}."
    central = 400.8


class ExportUnknown(Problem):
    """No export of that number, or one of somebody else."""

    code = "export.unknown"
    status = 404
    vi = "Không có tệp xuất số {id}. Xem danh sách các tệp đã yêu cầu."
    en = "There is no export {id}. See the list of those that you asked for."
    central = 404.1


class ExportNotReady(Problem):
    """An export that is asked for its file too early, or that has none."""

    code = "export.not_ready"
    status = 409
    vi = "Tệp xuất số {id} chưa tải được ({state}). Xem trạng thái của tệp rồi thử lại."
    en = "Export {id} cannot be downloaded ({state}). Look at its state and try again."
    central = 409.1


class ExportGone(Problem):
    """An export whose file was kept as long as files are kept."""

    code = "export.gone"
    status = 410
    vi = "Tệp xuất số {id} đã hết hạn lưu {days} ngày. Yêu cầu tạo lại."
    en = "Export {id} was kept for {days} days and is gone. Ask for it again."
    central = 410.1


class ExportsWaiting(Problem):
    """One person has too many files made at once."""

    code = "export.too_many_waiting"
    status = 429
    vi = "Bạn đang có {most} tệp chờ tạo. Đợi một tệp xong hoặc hủy bớt rồi yêu cầu lại."
    en = "You have {most} exports waiting. Wait for one or cancel one, then ask again."
    central = 429.1


class ExportsKept(Problem):
    """One person keeps too many files."""

    code = "export.too_many_kept"
    status = 409
    vi = "Bạn đang giữ {most} tệp đã tạo. Tải về rồi xóa bớt, sau đó yêu cầu lại."
    en = "You keep {most} exports. Download and delete some, then ask again."
    central = 409.1


class ExportWrong(Problem):
    """What was written is not what was to be written: our own fault, told and never given out."""

    code = "export.verification_failed"
    status = 500
    vi = "Tệp tạo ra không khớp số liệu ({what}). Yêu cầu lại; nếu vẫn lỗi, báo người quản trị."
    en = "The file does not agree with the data ({what}). Ask again, then tell the administrator."
    central = 500.1


class WorkbookTooLarge(Problem):
    """A workbook that no office computer would open, asked for at once and not as a job."""

    code = "export.workbook_too_large"
    status = 422
    vi = (
        "Tệp Excel này sẽ có hơn 20 triệu ô, máy tính văn phòng không mở được. Yêu cầu ở mục "
        "«Tệp tải về» để nhận nhiều tệp Excel đánh số, hoặc lọc theo năm, kỳ hoặc xã."
    )
    en = (
        "This workbook would have more than 20 million cells, which no office computer opens. Ask "
        "for it as an export job, which gives numbered workbooks, or filter by year or commune."
    )


class ExportAbandoned(Problem):
    """Whoever made it ended without a word, several times."""

    code = "export.abandoned"
    status = 500
    vi = "Việc tạo tệp bị ngắt {attempts} lần. Chọn ít hồ sơ hơn, hoặc báo người quản trị."
    en = "Making the file was broken off {attempts} times. Choose fewer records, or tell the admin."
    central = 500.1


class ExportForbidden(Problem):
    """Whoever asked has no longer the right to these records."""

    code = "export.right_lost"
    status = 403
    vi = "Quyền của bạn đã thay đổi, nên không còn được tải tệp này. Yêu cầu tệp mới."
    en = "Your rights have changed, and this file is no longer yours. Ask for a new one."
    central = 403.1


class ExportProfileUnavailable(Problem):
    """A kind of file that cannot be had to share."""

    code = "export.profile_unavailable"
    vi = "Dạng tệp «{format}» không có bản «{profile}». Dùng: {known}."
    en = "Files of the format {format!r} cannot be had as {profile!r}. Use: {known}."
    central = 400.8


class ViewUnknown(Problem):
    """No saved view of this number, or none that this person may change."""

    code = "saved_view.unknown"
    status = 404
    vi = "Không có bộ lọc đã lưu này, hoặc bạn không được sửa nó."
    en = "There is no such saved view, or you may not change it."
    central = 404.1


class ViewNameWrong(Problem):
    """A name that says nothing, is too long, or may be somebody's."""

    code = "saved_view.name_wrong"
    vi = (
        "Đặt tên bộ lọc từ 1 đến {most} ký tự, trên một dòng, và không ghi tên riêng hoặc số điện "
        "thoại của ai."
    )
    en = "Name the view in 1 to {most} characters, on one line, without anybody's name or number."
    central = 400.8


class ViewNameTaken(Problem):
    """Two views of one name could not be told apart."""

    code = "saved_view.name_taken"
    status = 409
    vi = "Đã có bộ lọc tên «{name}». Đặt tên khác, hoặc xóa bộ lọc cũ trước."
    en = "There is a view named {name!r} already. Choose another name, or delete the old one first."
    central = 409.1


class ViewsTooMany(Problem):
    """More views than anybody finds their way in."""

    code = "saved_view.too_many"
    status = 409
    vi = "Đã lưu đủ {most} bộ lọc. Xóa bộ lọc không dùng nữa rồi lưu lại."
    en = "There are {most} saved views already. Delete one that is no longer used, then save again."
    central = 409.1


class ViewNotShared(Problem):
    """Sharing is for those who answer for the project."""

    code = "saved_view.not_shared"
    status = 403
    vi = "Chỉ người quản lý chương trình được lưu bộ lọc dùng chung. Bỏ chọn «Dùng chung» rồi lưu."
    en = "Only managers of the project may share a view. Untick “Shared” and save it for yourself."
    central = 403.1


class ViewTooLong(Problem):
    """A filter of more words than an address should carry."""

    code = "saved_view.too_long"
    vi = "Bộ lọc này quá dài để lưu. Bỏ bớt chữ trong ô tìm hoặc bớt điều kiện rồi lưu lại."
    en = "This filter is too long to be saved. Search for fewer words, or filter by less."
    central = 400.8
