"""What can go wrong at the desk, and nowhere below it."""

from __future__ import annotations

from server.errors import Problem


class PackagesMissing(Problem):
    """The set-up has not fetched what pages load."""

    code = "console.packages_missing"
    status = 503
    vi = "Chưa có tệp giao diện {file}. Chạy: .venv/bin/python -m server.console.packages"
    en = "The file {file} was not fetched yet. Run: .venv/bin/python -m server.console.packages"


class SignInWrong(Problem):
    """No such pair of address and password."""

    code = "console.sign_in_wrong"
    status = 401
    vi = "Địa chỉ thư điện tử hoặc mật khẩu không đúng. Kiểm tra chữ hoa, chữ thường rồi nhập lại."
    en = "The e-mail address or the password is wrong. Check capital letters and type it again."


class SignInInClear(Problem):
    """A password over a connection that others can read."""

    code = "console.sign_in_in_clear"
    status = 403
    vi = (
        "Không nhận mật khẩu qua kết nối không mã hóa. Mở địa chỉ bắt đầu bằng https://, hoặc đăng "
        "nhập ngay trên máy chủ."
    )
    en = (
        "No password is taken over a connection without encryption. Open the address that begins "
        "with https://, or sign in on the server itself."
    )


class SecondStepOver(Problem):
    """A code that comes too late after the password."""

    code = "console.second_step_over"
    status = 401
    vi = "Quá 5 phút từ khi nhập mật khẩu, hoặc mật khẩu đã đổi. Nhập lại mật khẩu rồi nhập mã."
    en = "More than 5 minutes since the password, or it was changed. Type it again, then the code."


class PasswordsDiffer(Problem):
    """A new password that was not typed twice alike."""

    code = "console.passwords_differ"
    status = 422
    vi = "Hai lần nhập mật khẩu mới không giống nhau. Nhập lại cả hai."
    en = "The new password was not typed twice alike. Type both again."


class AccountFormWrong(Problem):
    """Something about an account that its form does not say rightly."""

    code = "console.account_form_wrong"
    status = 422
    vi = "{reason} Chưa có gì thay đổi."
    en = "{reason} Nothing was changed."


class PageUnknown(Problem):
    """No page at this address, or none for this person."""

    code = "console.page_unknown"
    status = 404
    vi = "Không có trang này, hoặc trang không dành cho tài khoản của bạn."
    en = "There is no such page, or it is not for your account."


class FilterNotUnderstood(Problem):
    """A filter in the address that means nothing; the list is shown without it."""

    code = "console.filter_not_understood"
    vi = (
        "Không hiểu giá trị «{value}» của bộ lọc «{label}» nên đã bỏ qua bộ lọc này. Chọn lại giá "
        "trị trong danh sách."
    )
    en = "The filter «{label}» was left out: «{value}» means nothing. Choose a value from the list."


class DeviceFormWrong(Problem):
    """Something about a device that its form does not say rightly."""

    code = "console.device_form_wrong"
    status = 422
    vi = "{reason} Chưa có gì thay đổi."
    en = "{reason} Nothing was changed."


class ExportFormWrong(Problem):
    """Something about a file that its form does not say rightly."""

    code = "console.export_form_wrong"
    status = 422
    vi = "Chưa tạo tệp: {reason}"
    en = "No file was made: {reason}"


class BulkUnconfirmed(Problem):
    """The number of records to approve was not typed, or is another."""

    code = "console.bulk_unconfirmed"
    status = 422
    vi = "Gõ đúng số hồ sơ sẽ duyệt: {number}. Chưa hồ sơ nào được duyệt."
    en = "Type the number of records to approve: {number}. None was approved."


class FormOutdated(Problem):
    """A form without the mark that our own pages put in: an old page, or another site."""

    code = "console.form_outdated"
    status = 403
    vi = "Biểu mẫu trên trang đã cũ nên chưa có gì được lưu. Tải lại trang rồi gửi lại."
    en = "The form on the page is too old, and nothing was saved. Load the page and send it again."


class RequestRefused(Problem):
    """Something no browser of ours sends."""

    code = "console.request_refused"
    status = 400
    vi = "Máy chủ không đọc được yêu cầu này. Quay lại trang trước rồi thử lại."
    en = "The server cannot read this request. Go back and try again."


class PageFailed(Problem):
    """Our own fault."""

    code = "console.page_failed"
    status = 500
    vi = "Trang này gặp lỗi của máy chủ; không phải lỗi của bạn. Thử lại, hoặc báo người quản trị."
    en = "The server failed at this page; it is not your fault. Try again, or tell whoever runs it."


class Away(Problem):
    """The database does not answer."""

    code = "console.away"
    status = 503
    vi = "Máy chủ tạm thời chưa trả lời được. Chờ ít phút rồi tải lại trang."
    en = "The server cannot answer just now. Wait a few minutes and load the page again."


class WorkbookMissing(Problem):
    """An upload without a file."""

    code = "console.workbook_missing"
    status = 422
    vi = "Chưa chọn tệp. Chọn bảng tính .xlsx của biểu rồi bấm Kiểm tra."
    en = "No file was chosen. Choose the .xlsx workbook of the form, then press Check."


class FormNoteMissing(Problem):
    """A version that nobody says what is new in."""

    code = "console.form_note_missing"
    status = 422
    vi = "Ghi điều mới trong phiên bản này, để người khác biết vì sao biểu đổi."
    en = "Say what is new in this version, so that others know why the form changed."


class DraftFileMissing(Problem):
    """A file of a draft that was to be uploaded and is not there, or is empty."""

    code = "console.draft_file_missing"
    status = 422
    vi = "Chưa chọn tệp {name}, hoặc tệp rỗng. Chọn tệp rồi tải lên lại."
    en = "The file {name} was not chosen, or it is empty. Choose it, then upload again."


class ScreenPostCut(Problem):
    """A filled-in form that did not arrive whole."""

    code = "console.screen_post_cut"
    status = 400
    vi = "Phiếu không đến đủ máy chủ. Chưa có gì được lưu; bấm Gửi lại."
    en = "The form did not arrive whole. Nothing was saved; press Send again."


class EditOvertaken(Problem):
    """Somebody else's edit came first."""

    code = "console.edit_overtaken"
    status = 409
    vi = (
        "Người khác vừa sửa hồ sơ này trước bạn nên bản của bạn chưa được nhận. Những gì đã điền "
        "còn nguyên trên trang này (và ở Cách ly, nếu còn chỗ): lưu về máy, mở lại hồ sơ xem bản "
        "mới, rồi sửa tiếp trên đó."
    )
    en = (
        "Somebody else has edited this record before you, so your edit was not taken. All of it is "
        "still on this page (and in quarantine, while there is room): save it, open the record "
        "again and edit what stands there."
    )
