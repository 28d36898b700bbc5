"""What can go wrong with who is asking."""

from __future__ import annotations

from server.errors import Problem


class KeyMissing(Problem):
    """A device that gave no key at all."""

    code = "key.missing"
    status = 401
    vi = "Chưa có mã thiết bị. Quét lại mã QR mà đơn vị quản lý đã cấp."
    en = "No device key was given. Scan the QR code that your supervisor issued again."
    central = 401.2


class KeyMalformed(Problem):
    """A key that cannot be one of ours."""

    code = "key.malformed"
    status = 401
    vi = "Mã thiết bị trong địa chỉ máy chủ không đúng dạng. Quét lại mã QR, không gõ tay."
    en = "The device key in the server address is malformed. Scan the QR code, do not type it."
    central = 401.2


class KeyUnknown(Problem):
    """A well-formed key that opens nothing here: made up, or of another project."""

    code = "key.unknown"
    status = 403
    vi = "Mã thiết bị không mở được chương trình này. Quét lại mã QR mà đơn vị quản lý đã cấp."
    en = "The device key does not open this project. Scan the QR code you were issued again."
    central = 403.1


class KeyRevoked(Problem):
    """A key that was taken back."""

    code = "key.revoked"
    status = 403
    vi = "Mã thiết bị đã bị thu hồi. Liên hệ đơn vị quản lý để được cấp mã mới."
    en = "The device key was revoked. Ask your supervisor for a new one."
    central = 403.1


class KeyExpired(Problem):
    """A key past its day."""

    code = "key.expired"
    status = 403
    vi = "Mã thiết bị đã hết hạn. Liên hệ đơn vị quản lý để được cấp mã mới."
    en = "The device key has expired. Ask your supervisor for a new one."
    central = 403.1


class FormNotGranted(Problem):
    """Something filled in with a form that the device was not granted."""

    code = "key.form_not_granted"
    status = 403
    vi = (
        "Thiết bị này không được giao biểu «{form_id}». Phiếu vẫn còn trên máy; hỏi đơn vị quản lý."
    )
    en = "This device was not granted form {form_id!r}. The form stays on the phone; ask."
    central = 403.1


class TooManyTries(Problem):
    """Too many wrong keys or passwords from one address, or for one account from there."""

    code = "key.too_many_tries"
    status = 429
    vi = "Sai mã hoặc mật khẩu quá nhiều lần. Chờ {wait_s} giây, rồi quét lại mã QR hoặc thử lại."
    en = "Too many wrong keys or passwords. Wait {wait_s} seconds, then scan the code or try again."


class EmailTaken(Problem):
    """A second person with the same address."""

    code = "user.email_taken"
    status = 409
    vi = "Đã có tài khoản dùng địa chỉ {email}."
    en = "There is an account with the address {email} already."
    central = 409.3


class UserUnknown(Problem):
    """Nobody has this address."""

    code = "user.unknown"
    status = 404
    vi = "Không có tài khoản nào dùng địa chỉ {email}."
    en = "No account has the address {email}."
    central = 404.1


class AppUserUnknown(Problem):
    """No device with this number."""

    code = "app_user.unknown"
    status = 404
    vi = "Không có thiết bị số {id}."
    en = "There is no app user {id}."
    central = 404.1


class AppUserExpired(Problem):
    """A new key for a device whose time is over: it would open nothing."""

    code = "app_user.expired"
    status = 409
    vi = "Thiết bị số {id} hết hạn từ {expires_at:%d/%m/%Y}. Cho hạn mới: --expires 2027-12-31"
    en = "App user {id} expired on {expires_at:%Y-%m-%d}. Give a new day: --expires 2027-12-31"
    central = 409.3


class AppUserReissued(Problem):
    """A new key for a device that got one since the caller looked."""

    code = "app_user.reissued"
    status = 409
    vi = (
        "Thiết bị này vừa được cấp mã khác (số thẻ {serial}). Nếu không có thẻ đó, mở lại trang "
        "của thiết bị rồi cấp lại."
    )
    en = (
        "This device was just given another key (card {serial}). If you do not have that card, "
        "open the page of the device again and issue a new one."
    )
    central = 409.3


class AppUserSecretOutdated(Problem):
    """A card is asked for with a key that the device does not have any more."""

    code = "app_user.secret_outdated"
    status = 409
    vi = "Mã của {name} đã đổi nên không in được thẻ này. Cấp lại mã cho thiết bị rồi in thẻ mới."
    en = "The key of {name} has changed, so this card is void. Issue a new key and print that card."


class ProjectUnknown(Problem):
    """No project with this number."""

    code = "project.unknown"
    status = 404
    vi = "Không có chương trình số {id}."
    en = "There is no project {id}."
    central = 404.1


class ApiKeyUnknown(Problem):
    """An API key that is none of ours, or not of this person."""

    code = "api_key.unknown"
    status = 404
    vi = "Không có khóa API này. Xem lại danh sách khóa của chương trình."
    en = "There is no such API key. Look at the list of the project's keys."
    central = 404.1


class ApiKeyRefused(Problem):
    """A call with a key that never was one."""

    code = "api_key.refused"
    status = 401
    vi = "Khóa API không đúng. Tạo khóa mới ở /v1/projects/{{id}}/keys."
    en = "The API key is wrong. Make another at /v1/projects/{{id}}/keys."
    central = 401.2


class ApiKeyRevoked(Problem):
    """A call with a key that was taken back."""

    code = "api_key.revoked"
    status = 401
    vi = "Khóa API đã bị thu hồi. Tạo khóa mới nếu vẫn được phép."
    en = "The API key was revoked. Make another if you still may."
    central = 401.2


class ApiKeyExpired(Problem):
    """A call with a key past its day."""

    code = "api_key.expired"
    status = 401
    vi = "Khóa API đã hết hạn. Tạo khóa mới."
    en = "The API key has expired. Make another."
    central = 401.2


class ApiKeyReadOnly(Problem):
    """A write with a key that only reads."""

    code = "api_key.read_only"
    status = 403
    vi = "Khóa API này chỉ được đọc. Dùng khóa có quyền ghi."
    en = "This API key only reads. Use one that may write."
    central = 403.1


class ApiKeyByKey(Problem):
    """A script that would make or take back keys."""

    code = "api_key.by_key"
    status = 403
    vi = "Khóa API không tạo, không xem và không thu hồi được khóa khác. Đăng nhập để làm việc này."
    en = "An API key neither makes nor sees nor revokes others. Log in to do that."
    central = 403.1


class ApiKeyTooStrong(Problem):
    """A key with a role above that of who makes it."""

    code = "api_key.too_strong"
    status = 403
    vi = "Không tạo được khóa có vai trò {role}: vai trò của bạn là {own}. Chọn vai trò thấp hơn."
    en = "You cannot make a key of the role {role}: yours is {own}. Choose a lesser one."
    central = 403.1


class ApiKeyTellsOthers(Problem):
    """A viewer's key for a supervisor of some communes: the two together tell other communes'."""

    code = "api_key.tells_others"
    status = 403
    vi = (
        "Người giám sát một số xã không tạo được khóa có vai trò viewer: số liệu chung đặt cạnh số "
        "liệu của các xã mình phụ trách có thể làm lộ số của xã khác. Chọn vai trò supervisor."
    )
    en = (
        "A supervisor of some communes cannot make a viewer's key: what everybody sees, beside the "
        "exact figures of those communes, could tell those of others. Choose the role supervisor."
    )
    central = 403.1


class ApiKeyLifeRefused(Problem):
    """A key that is over already, or lives too long."""

    code = "api_key.life"
    vi = "Hạn của khóa API phải sau lúc này và trong vòng {most_days} ngày tới."
    en = "An API key must expire after now and within {most_days} days."
    central = 400.8
