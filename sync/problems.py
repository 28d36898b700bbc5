"""What can go wrong between a device and the server, before anything is understood."""

from __future__ import annotations

from server.errors import Problem


class VersionHeader(Problem):
    """A client that does not say it speaks OpenRosa 1.0."""

    code = "openrosa.version_header"
    vi = "Yêu cầu thiếu tiêu đề X-OpenRosa-Version: 1.0. Hãy dùng ứng dụng ODK Collect."
    en = "The request lacks the header X-OpenRosa-Version: 1.0. Use ODK Collect."
    central = 400.6


class AddressUnknown(Problem):
    """No such address under a device's key."""

    code = "openrosa.address_unknown"
    status = 404
    vi = "Địa chỉ này không có trên máy chủ. Quét lại mã QR để lấy đúng địa chỉ máy chủ."
    en = "There is nothing at this address. Scan the QR code again to get the right one."
    central = 404.1


class RequestRefused(Problem):
    """A request under another host's name, or with more parameters than anyone needs."""

    code = "openrosa.request_refused"
    vi = "Máy chủ không nhận yêu cầu gửi theo địa chỉ này. Quét lại mã QR để lấy đúng địa chỉ."
    en = "The server does not take requests like this. Scan the QR code to get the right address."
    central = 400.1


class MethodNotAllowed(Problem):
    """GET where only POST makes sense, and the like."""

    code = "openrosa.method_not_allowed"
    status = 405
    vi = "Địa chỉ này không nhận lệnh {method}. Hãy dùng ứng dụng ODK Collect."
    en = "This address does not take {method}. Use ODK Collect."


class CredentialsMalformed(Problem):
    """An `Authorization` that cannot be read, or of a kind that was not offered."""

    code = "device.credentials_malformed"
    status = 401
    vi = "Máy chủ không đọc được tên và mật khẩu mà ứng dụng gửi. Nhập lại trong phần cài đặt."
    en = "The user name and password could not be read. Type them into the settings again."
    central = 401.2


class CredentialsWrong(Problem):
    """A user name and password that do not belong together, or not to this project."""

    code = "device.credentials_wrong"
    status = 401
    vi = "Tên người dùng hoặc mật khẩu không đúng. Nhập lại, hoặc xin đơn vị quản lý cấp lại."
    en = "The user name or password is wrong. Type them again, or ask your supervisor for new ones."
    central = 401.2


class NonceStale(Problem):
    """A right password, with a nonce that is too old or a count that was used before."""

    code = "device.nonce_stale"
    status = 401
    vi = "Phiên đăng nhập của ứng dụng đã cũ. Hãy thử lại."
    en = "What the app signed in with is out of date. Try again."
    central = 401.2


class DevicePasswordInClear(Problem):
    """Basic, which carries the password itself, on a line that others can read."""

    code = "device.password_in_clear"
    status = 401
    vi = "Không gửi mật khẩu qua http. Đổi địa chỉ máy chủ thành https:// trong phần cài đặt."
    en = "Passwords are not taken over http. Change the server address to https:// in the settings."
    central = 401.3


class CommuneUnknown(Problem):
    """A commune to be granted that there is not, or not any more."""

    code = "app_user.commune_unknown"
    status = 404
    vi = "Không có xã {code} đang hiệu lực. Ghi mã xã hiện hành, hoặc mã@ngày hiệu lực."
    en = "No commune {code} is in force. Give its present code, or code@date."
    central = 404.1


class CardListInvalid(Problem):
    """A list of inspectors to print cards for that cannot be read."""

    code = "cards.list_invalid"
    vi = "Danh sách in thẻ sai ở dòng {row}: {reason}. Cần CSV (UTF-8) có cột name, team, expires."
    en = "The list of cards is wrong in row {row}: {reason}. Columns: name, team, expires."


class FormNotHere(Problem):
    """A form that this project does not have."""

    code = "download.form_unknown"
    status = 404
    vi = "Chương trình này không có biểu «{form_id}». Vào «Lấy biểu mẫu trống» để cập nhật."
    en = "This project has no form {form_id!r}. Refresh the list of blank forms."
    central = 404.1


class VersionNotHere(Problem):
    """A version of a form that was never published."""

    code = "download.version_unknown"
    status = 404
    vi = "Biểu «{form_id}» không có phiên bản «{version}». Vào «Lấy biểu mẫu trống» để cập nhật."
    en = "Form {form_id!r} has no version {version!r}. Refresh the list of blank forms."
    central = 404.6


class FormNotOffered(Problem):
    """A closed form: devices may not have it any more."""

    code = "download.form_closed"
    status = 403
    vi = "Biểu «{form_id}» đã đóng, không tải được nữa. Liên hệ đơn vị quản lý."
    en = "Form {form_id!r} is closed and can no longer be downloaded. Ask your supervisor."
    central = 403.1


class FileNotHere(Problem):
    """A file that the version does not need, or that nobody has uploaded yet."""

    code = "download.file_unknown"
    status = 404
    vi = "Biểu «{form_id}» không có tệp «{name}». Vào «Lấy biểu mẫu trống» để cập nhật."
    en = "Form {form_id!r} has no file {name!r}. Refresh the list of blank forms."
    central = 404.1


class NotMultipart(Problem):
    """A post that is no multipart form."""

    code = "envelope.not_multipart"
    vi = "Phiếu phải gửi dạng multipart/form-data có boundary. Hãy gửi bằng ODK Collect."
    en = "A submission must be multipart/form-data with a boundary. Send it with ODK Collect."
    central = 400.39


class EnvelopeMalformed(Problem):
    """A multipart post with a part that cannot be read."""

    code = "envelope.malformed"
    vi = "Gói tin gửi lên bị lỗi ({reason}). Chưa lưu gì; phiếu vẫn còn trên máy, hãy gửi lại."
    en = "The post is damaged ({reason}). Nothing was stored; send it again."
    central = 400.39


class EnvelopeCut(Problem):
    """A post that ended before its last boundary."""

    code = "envelope.cut"
    vi = "Đường truyền bị ngắt giữa chừng. Chưa lưu gì; phiếu vẫn còn trên máy, hãy gửi lại."
    en = "The connection broke off. Nothing was stored; the form is still on the phone, resend it."
    central = 400.39


class EnvelopeTooLarge(Problem):
    """More bytes than we take in one post."""

    code = "envelope.too_large"
    status = 413
    vi = "Gói tin lớn hơn {most} byte, máy chủ không nhận. Giảm cỡ ảnh trong phiếu rồi gửi lại."
    en = "The post is larger than {most} bytes. Make the photos smaller and send again."


class TooManyParts(Problem):
    """More parts than Collect ever sends at once."""

    code = "envelope.too_many_parts"
    status = 413
    vi = "Gói tin có hơn {most} phần, máy chủ không nhận. Hãy gửi bằng ODK Collect."
    en = "The post has more than {most} parts. Send it with ODK Collect."


class XmlPartMissing(Problem):
    """No filled-in form in the post."""

    code = "envelope.xml_missing"
    vi = "Gói tin thiếu phần «xml_submission_file» là phiếu đã điền. Hãy gửi bằng ODK Collect."
    en = "The post lacks the part 'xml_submission_file' with the filled-in form."
    central = 400.7


class XmlPartTwice(Problem):
    """Two filled-in forms in one post: which one the files belong to cannot be known."""

    code = "envelope.xml_twice"
    vi = "Gói tin có hai phần «xml_submission_file». Chưa lưu gì; hãy gửi từng phiếu một."
    en = "The post has two parts 'xml_submission_file'. Nothing was stored; send one at a time."
    central = 400.7


class Unforeseen(Problem):
    """A fault of ours."""

    code = "server.error"
    status = 500
    vi = "Máy chủ gặp lỗi. Phiếu vẫn còn trên máy; hãy gửi lại sau và báo đơn vị quản lý."
    en = "The server failed. The form is still on the phone; try later and tell your supervisor."
