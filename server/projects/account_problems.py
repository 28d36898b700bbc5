"""What can go wrong with the accounts of people: roles, passwords, codes."""

from __future__ import annotations

from server.errors import Problem


class PersonUnknown(Problem):
    """Nobody of the project has this number."""

    code = "person.unknown"
    status = 404
    vi = "Chương trình không có người số {id}."
    en = "Nobody of the project has the number {id}."
    central = 404.1


class PersonKnown(Problem):
    """Somebody who is to be added and is in the project already."""

    code = "person.known"
    status = 409
    vi = "{email} đã có trong chương trình. Mở trang của người đó để đổi vai trò."
    en = "{email} is in the project already. Open their page to change the role."
    central = 409.3


class PersonOfOthers(Problem):
    """An account that opens more than the projects of the manager who would change it."""

    code = "person.of_others"
    status = 403
    vi = (
        "Tài khoản này còn quyền ngoài các chương trình bạn quản lý nên bạn chỉ đổi được vai trò "
        "trong chương trình này. Việc khác nhờ người quản trị máy chủ."
    )
    en = (
        "This account opens more than the projects that you manage, so you can change its role in "
        "this project only. For the rest ask whoever runs the server."
    )
    central = 403.1


class PersonIsYou(Problem):
    """Something about one's own account that has its own way, with one's own password."""

    code = "person.is_you"
    status = 409
    vi = "Đây là tài khoản của bạn. Đổi mật khẩu và mã hai bước ở trang «Tài khoản của tôi»."
    en = "This is your own account. Change password and codes on the page «My account»."
    central = 409.3


class LastManager(Problem):
    """Nobody would be left who may manage a project."""

    code = "person.last_manager"
    status = 409
    vi = (
        "{name} là người quản lý duy nhất đang đăng nhập được vào chương trình. Giao vai trò quản "
        "lý cho người khác trước, và chờ người đó đặt mật khẩu."
    )
    en = (
        "{name} is the only manager of the project who can sign in. Make somebody else a manager "
        "first, and wait until they have set their password."
    )
    central = 409.3


class AssignmentByKey(Problem):
    """A script that would change what people may do."""

    code = "person.by_key"
    status = 403
    vi = "Khóa API không đổi được vai trò của ai. Đăng nhập vào trang «Tài khoản» để làm việc này."
    en = "An API key changes nobody's role. Sign in to the page «Accounts» to do that."
    central = 403.1


class AccountByKey(Problem):
    """A script that would make, change or shut out accounts."""

    code = "account.by_key"
    status = 403
    vi = (
        "Khóa API không tạo, sửa hay khóa được tài khoản. Làm việc này ở trang «Tài khoản», hoặc "
        "gọi bằng mã phiên."
    )
    en = (
        "An API key makes, changes and locks no accounts. Do that on the page «Accounts», or call "
        "with a session token."
    )
    central = 403.1


class PasswordOfAnother(Problem):
    """Somebody's password, which they alone choose."""

    code = "password.of_another"
    status = 403
    vi = (
        "Chỉ chủ tài khoản đổi được mật khẩu của mình. Người quản lý cấp liên kết để người đó đặt "
        "mật khẩu mới."
    )
    en = "People choose their own passwords. As a manager, give them a link to set a new one."
    central = 403.1


class PasswordShort(Problem):
    """A password that is soon tried."""

    code = "password.short"
    vi = "Mật khẩu phải có ít nhất {min_length} ký tự. Ghép vài từ không liên quan sẽ dễ nhớ."
    en = "A password must have {min_length} characters at least. A few unrelated words will do."
    central = 400.21


class PasswordCommon(Problem):
    """A password of those that are tried first."""

    code = "password.common"
    vi = "Mật khẩu này nhiều người dùng nên dễ bị đoán. Chọn mật khẩu khác."
    en = "This password is used by many and easily guessed. Choose another."
    central = 400.44


class PasswordNumeric(Problem):
    """A password of digits alone."""

    code = "password.numeric"
    vi = "Mật khẩu toàn chữ số dễ bị đoán. Thêm chữ cái."
    en = "A password of digits alone is easily guessed. Add letters."
    central = 400.44


class PasswordLikeAccount(Problem):
    """A password that is nearly the name or the address."""

    code = "password.like_account"
    vi = "Mật khẩu quá giống tên hoặc địa chỉ thư của tài khoản. Chọn mật khẩu khác."
    en = "The password is too much like the name or address of the account. Choose another."
    central = 400.44


class PasswordWrong(Problem):
    """Somebody who is signed in and does not know their password."""

    code = "password.wrong"
    status = 422
    vi = "Mật khẩu hiện nay không đúng. Nhập lại."
    en = "The present password is wrong. Type it again."


class PasswordLinkVoid(Problem):
    """A link to set a password that is used up, replaced, past its time, or none."""

    code = "password.link_void"
    status = 410
    vi = "Liên kết đặt mật khẩu đã dùng, đã hết hạn hoặc đã được thay. Xin người quản lý cấp lại."
    en = "The link was used, is past its time or was replaced. Ask your manager for another."


class PasswordUnchanged(Problem):
    """Another password that is the old one."""

    code = "password.unchanged"
    status = 422
    vi = "Mật khẩu mới trùng mật khẩu đang dùng. Người khác có thể đã biết nó: chọn mật khẩu khác."
    en = "The new password is the one in use, which others may know. Choose another."


class InvitationVoid(Problem):
    """A link into a project that is used up, replaced, past its time, or none."""

    code = "person.invitation_void"
    status = 410
    vi = "Lời mời đã dùng, đã hết hạn, đã được thay hoặc đã rút. Xin người quản lý mời lại."
    en = "The invitation was used, is past its time, was replaced or taken back. Ask for another."


class PersonNeedsLink(Problem):
    """Somebody whose way in was given by others, put into a project without taking their link."""

    code = "person.needs_link"
    status = 409
    vi = (
        "Tài khoản này do người ngoài chương trình tạo hoặc cấp mật khẩu, nên phải có liên kết "
        "giao tận tay cho chủ tài khoản. Gọi lại với ?link=true để nhận liên kết."
    )
    en = (
        "Somebody of no project of yours made this account or gave it a password, so its owner has "
        "to be handed a link. Ask again with ?link=true to be told it."
    )
    central = 409.3


class NotManagerNow(Problem):
    """Somebody who lost the role while what they asked for was being done."""

    code = "person.not_manager_now"
    status = 403
    vi = "Bạn vừa thôi quản lý chương trình này nên việc vừa yêu cầu không được làm."
    en = "You have just stopped being a manager of this project, so nothing was done."
    central = 403.1


class CodeNeeded(Problem):
    """A password alone, where a code is asked for too and there is no place for it."""

    code = "account.code_needed"
    status = 401
    vi = (
        "Tài khoản này bật mã hai bước nên ở đây không vào được bằng riêng mật khẩu. Đăng nhập vào "
        "trang, mở «Tài khoản của tôi», tạo khóa API và gọi bằng khóa đó."
    )
    en = (
        "This account has two-step sign-in, so the password alone opens nothing here. Sign in to "
        "the pages, open «My account», make an API key and call with it."
    )
    central = 401.2


class CodesNeeded(Problem):
    """A password alone, of somebody whose role wants two-step sign-in and who has not set it up."""

    code = "account.codes_needed"
    status = 401
    vi = (
        "Vai trò của tài khoản này phải bật mã hai bước. Đăng nhập vào trang để bật, rồi tạo khóa "
        "API và gọi bằng khóa đó."
    )
    en = (
        "The role of this account wants two-step sign-in. Sign in to the pages to set it up, then "
        "make an API key and call with it."
    )
    central = 401.2


class CodeWrong(Problem):
    """No code of this moment, one that was taken already, or no recovery code that is left."""

    code = "account.code_wrong"
    status = 422
    vi = (
        "Mã không đúng hoặc đã dùng rồi. Chờ mã mới hiện trong ứng dụng rồi nhập lại; xem lại giờ "
        "của điện thoại."
    )
    en = (
        "The code is wrong or was used already. Wait for the next one in your app and type it; "
        "check the clock of the phone."
    )
