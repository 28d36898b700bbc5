"""What can go wrong between a program and the API, before any part of the domain is asked."""

from __future__ import annotations

from server.errors import Problem


class NotFound(Problem):
    """Nothing here that the caller may see."""

    code = "not_found"
    status = 404
    vi = "Không tìm thấy nội dung này. Kiểm tra lại địa chỉ và quyền của tài khoản."
    en = "Nothing was found here. Check the address and what the account may see."
    central = 404.1


class AddressUnknown(Problem):
    """No route at all."""

    code = "address.unknown"
    status = 404
    vi = "Máy chủ không có địa chỉ này. Xem danh sách địa chỉ tại /v1/schema."
    en = "The server has no such address. See /v1/schema for those it has."
    central = 404.1


class Unauthenticated(Problem):
    """No credentials, or wrong ones."""

    code = "auth.failed"
    status = 401
    vi = "Chưa đăng nhập, hoặc tên đăng nhập, mật khẩu, mã phiên không đúng. Đăng nhập lại."
    en = "Not logged in, or the user name, password or session token is wrong. Log in again."
    central = 401.2


class OldPasswordWrong(Problem):
    """Somebody who would change their password and does not know the present one."""

    code = "auth.old_password"
    status = 401
    vi = "Mật khẩu hiện nay («old») không đúng nên mật khẩu không đổi."
    en = "The present password («old») is wrong, so the password was not changed."
    central = 401.2


class PasswordInClear(Problem):
    """A password over plain HTTP."""

    code = "auth.password_in_clear"
    status = 401
    vi = "Mật khẩu chỉ được gửi qua https. Đổi địa chỉ máy chủ thành https:// rồi thử lại."
    en = "Passwords are taken over https only. Use the https:// address of this server."
    central = 401.3


class ParameterInvalid(Problem):
    """A query parameter or a field of the body cannot be used."""

    code = "parameter.invalid"
    vi = "Tham số «{field}» không dùng được: {reason}"
    en = "The parameter {field!r} cannot be used: {reason}"
    central = 400.8


class RangeUnsatisfiable(Problem):
    """A part of a file that begins where the file has ended."""

    code = "range.unsatisfiable"
    status = 416
    vi = "Tệp chỉ có {size} byte nên không có phần được yêu cầu. Tải lại từ đầu."
    en = "The file has {size} bytes and no such part. Fetch it again from the start."


class FileLost(Problem):
    """A row names a file that the store does not have."""

    code = "storage.lost"
    status = 404
    vi = "Nội dung tệp không còn trong kho của máy chủ. Báo người quản trị chạy lệnh fsck."
    en = "The server's store has lost this file. Ask the administrator to run fsck."


class BodyMalformed(Problem):
    """Not JSON."""

    code = "body.malformed"
    vi = "Nội dung gửi lên không phải JSON đúng cú pháp. Sửa lại rồi gửi lại."
    en = "The body is not well-formed JSON. Mend it and send it again."
    central = 400.1


class BodyTooLarge(Problem):
    """More JSON than any address takes (Central's figure)."""

    code = "body.too_large"
    vi = "Nội dung JSON lớn hơn {most_bytes} byte. Chia nhỏ rồi gửi lại."
    en = "The JSON body is larger than {most_bytes} bytes. Send it in parts."
    central = 400.36


class RawBodyTooLarge(Problem):
    """A file or an XML with more bytes than any address takes."""

    code = "body.file_too_large"
    status = 413
    vi = "Nội dung gửi lên lớn hơn {most_bytes} byte. Giảm kích thước tệp rồi gửi lại."
    en = "The body is larger than {most_bytes} bytes. Make the file smaller and send it again."
    central = 413.1


class BodyCut(Problem):
    """Less arrived than was promised."""

    code = "body.cut"
    vi = "Nội dung gửi lên bị cắt giữa chừng nên không được lưu. Gửi lại từ đầu."
    en = "The body was cut short on the way, and nothing was stored. Send it again."
    central = 400.1


class BodyEmpty(Problem):
    """No bytes where a file should be."""

    code = "body.empty"
    vi = "Không nhận được byte nào. Kiểm tra tệp rồi gửi lại."
    en = "No bytes came. Check the file and send it again."
    central = 400.2


class BodyEncoding(Problem):
    """A Content-Encoding that we do not know, or that the bytes do not have."""

    code = "body.encoding"
    vi = "Không giải nén được nội dung (Content-Encoding: {encoding}). Gửi nguyên dạng hoặc gzip."
    en = "The body cannot be unpacked (Content-Encoding: {encoding}). Send it plain, or as gzip."
    central = 400.37


class RequestInvalid(Problem):
    """A request that the framework refuses to read: a host that is not ours, a bad header."""

    code = "request.invalid"
    vi = "Yêu cầu không hợp lệ. Kiểm tra lại địa chỉ máy chủ và các tiêu đề HTTP."
    en = "The request is not valid. Check the server's address and the HTTP headers."
    central = 400.6


class MethodNotAllowed(Problem):
    """A method that this address does not have."""

    code = "method.not_allowed"
    status = 405
    vi = "Địa chỉ này không nhận phương thức đó; tiêu đề Allow cho biết các phương thức nhận được."
    en = "This address does not take that method; the Allow header names those it takes."
    central = 405.1


class NotAcceptable(Problem):
    """A format that this address does not have."""

    code = "accept.unsupported"
    status = 406
    vi = "Địa chỉ này không có định dạng được yêu cầu. Bỏ tiêu đề Accept và ?format= để nhận JSON."
    en = "This address has no such format. Leave out Accept and ?format= to get JSON."
    central = 406.1


class MediaTypeUnsupported(Problem):
    """A body that is declared to be anything but JSON."""

    code = "body.media_type"
    status = 415
    vi = "Địa chỉ này chỉ nhận JSON. Gửi với Content-Type: application/json."
    en = "This address takes JSON only. Send it with Content-Type: application/json."
    central = 415.1


class Throttled(Problem):
    """Too many requests."""

    code = "throttled"
    status = 429
    vi = "Gửi quá nhiều yêu cầu. Chờ một phút rồi thử lại."
    en = "Too many requests. Wait a minute and try again."
    central = 429.1


class InternalError(Problem):
    """Our own fault."""

    code = "internal"
    status = 500
    vi = "Máy chủ gặp lỗi khi xử lý yêu cầu này. Thử lại; nếu vẫn lỗi, báo người quản trị."
    en = "The server failed on this request. Try again; if it goes on, tell the administrator."
    central = 500.1
