"""The words by which the lint knows what a question asks for, in Vietnamese and English. No Django.

Patterns are read over text in lower case and NFC, from which what the text forbids («không ghi
tên») has been taken out. They are made to refuse too much rather than too little: whoever is
stopped rewrites a label, whoever is not stopped may expose somebody.
"""

from __future__ import annotations

import re
import unicodedata

WARNING = "không ghi tên, địa chỉ, tình tiết vụ việc"

_FORBIDS = re.compile(
    r"\b(?:không|đừng|cấm|chớ) (?:\w+ ){0,2}(?:ghi|nêu|hỏi|nhập|chụp|lấy|có|lộ|chứa|định vị"
    r"|thu thập|xem|kể|đặt)\b[^.;!?()\n]*"
    r"|\b(?:do not|don't|never|without|not|no) [^.;!?()\n]*"
)

_PERSON = (
    r"(?:nạn nhân|người|trẻ|cháu|em|bé|bà|ông|anh|chị|cô|chú|phụ nữ|vợ|chồng|mẹ|cha|bố|con|cán bộ"
    r"|công chức|lãnh đạo|chủ hộ|hộ|thành viên|học sinh|nữ sinh|bị hại|đối tượng|thủ phạm|giám đốc"
    r"|nhân chứng|lao động|công nhân|trưởng xóm|trưởng thôn|bí thư|chủ tịch)\b"
)
_PERSON_EN = r"(?:victim|survivor|person|child|woman|wife|husband|witness|perpetrator|worker)"
IDENTITY = re.compile(
    r"\bhọ(?:,| và)? ?tên\b"
    rf"|\btên (?:gọi |đầy đủ |thật )?(?:của )?(?:các |những |một |từng )?{_PERSON}"
    r"|\bđiện thoại\b|\bsđt\b|\bzalo\b|\bfacebook\b|\be-?mail\b|\bthư điện tử\b"
    r"|\bđịa chỉ\b(?! tin cậy)|\bsố nhà\b|\bnơi (?:ở|cư trú)\b|\bchỗ ở\b|\bquê quán\b|\bhộ khẩu\b"
    r"|\bcccd\b|\bcmnd\b|\bcăn cước\b|\bchứng minh (?:nhân dân|thư)\b|\bđịnh danh\b|\bhộ chiếu\b"
    r"|\b(?:ngày|năm|tháng) sinh\b|\bsố tài khoản\b|\bbiển số\b|\bchữ ký\b"
    rf"|\bnames? of (?:the |each |a )?{_PERSON_EN}|\b{_PERSON_EN}(?:'s|s')? (?:full )?names?\b"
    r"|\b(?:full|first|last|family) names?\b|\b(?:tele)?phone\b"
    r"|(?<!trusted )(?<!to )\baddress(?:es)?\b"
    r"|\b(?:id|identity) (?:card|number|no)\b|\bpassport\b|\bbirth ?date\b|\bdate of birth\b"
    r"|\byear of birth\b"
)
# Of a text question only: a number of files is a count, the number of a file names a case.
CASE_NUMBER = re.compile(
    r"\b(?:số|mã) (?:hồ sơ|vụ án|vụ việc|thụ lý)\b|\b(?:case|file) (?:id|no|number)\b"
)
IDENTITY_NAME = re.compile(
    r"(?:^|_)(?:ho_?ten|sdt|dien_?thoai|cccd|cmnd|phone|tel|dob|ngay_?sinh|nam_?sinh|address"
    r"|dia_?chi(?!_?tin)|(?:victim|full|person|child)_?name|ten_?(?:nan_?nhan|nguoi|tre|chau)"
    r"|passport|email)(?:_|\d|$)"
)

SHELTER = re.compile(
    r"\btạm lánh\b|\bđịa chỉ tin cậy\b|\btạm trú an toàn\b|\btrú ẩn\b"
    r"|\bngôi nhà (?:bình yên|ánh dương)\b"
    r"|\bshelters?\b|\bsafe ?houses?\b|\btrusted address(?:es)?\b|\brefuge\b"
)
PEOPLE = re.compile(
    r"\b(?:nạn nhân|người|trẻ|phụ nữ|học sinh|cháu|gương mặt|khuôn mặt|chân dung|thương tích|vết"
    r" thương)\b|\b(?:victims?|survivors?|people|persons?|child(?:ren)?|faces?|selfie|injur\w+)\b"
)
NO_PEOPLE = re.compile(r"\bkhông (?:được )?(?:có|chụp|để lộ) (?:người|mặt người)\b")

_VIOLENCE = (
    r"(?:bạo lực|bạo hành|xâm hại|tảo hôn|cưỡng ép kết hôn|ép hôn|cận huyết"
    r"|(?:mua|buôn) bán (?:người|trẻ|phụ nữ)|bị mua bán|hiếp dâm|dâm ô|quấy rối|nạn nhân|bị hại"
    r"|đánh đập|tin báo|ngược đãi|child marriages?|forced marriages?|violence|abuse[ds]?|victims?"
    r"|survivors?|rapes?|trafficking|harassment)"
)
_PREVENTS = (
    r"(?:phòng(?:,| ngừa,?)?(?: và)?(?: chống| ngừa)?(?:,? ứng phó)?(?: với)?|chống|ngừa"
    r"|phó(?: với)?|về|ngăn chặn|preventing|prevention of|combating|against|about|on)"
)
_PREVENTION = re.compile(rf"\b{_PREVENTS} {_VIOLENCE}(?:(?:,| và| hoặc) {_VIOLENCE})*")
_INCIDENT = re.compile(rf"\b{_VIOLENCE}\b")
_CASES = re.compile(
    r"\btrường hợp\b|\bnạn nhân\b|\bbị \w+|\bsố vụ\b|\bvụ việc\b|\btin báo\b|\bvictims?\b"
    r"|\bsurvivors?\b|\bcases?\b|\bincidents?\b|\breports?\b"
)
_ALWAYS = re.compile(
    r"\bsố vụ\b|\bvụ việc\b|\b(?:number of )?(?:cases|incidents) (?:of|in|handled)\b"
)
_ACTIVITY = re.compile(
    r"\b(?:buổi|cuộc họp|lớp|mô hình|tuyên truyền|truyền thông|tập huấn|hội nghị|tài liệu"
    r"|câu lạc bộ|clb|tổ|nhóm|cán bộ|phụ trách|cộng tác viên|kinh phí|chi phí|triệu đồng"
    r"|chương trình|kế hoạch|quy trình|quy chế|bảng tổng hợp|sessions?|training|models?"
    r"|clubs?|budget|staff|programme|procedure|plan|register|summary)\b"
)
FOLLOWS = re.compile(r"^(?:trong đó|of which|of these)\b")

ONE_ROW_EACH = re.compile(
    r"\bnạn nhân\b|\bvụ\b|\btrường hợp\b|\b(?:người|trẻ|em|phụ nữ) bị\b|\bbị hại\b|\bthủ phạm\b"
    r"|\bđối tượng\b|\bhộ gia đình\b|\btừng (?:người|hộ|vụ)\b|\bvictims?\b|\bsurvivors?\b"
    r"|\bcases?\b|\bincidents?\b|\bperpetrators?\b|\bhouseholds?\b"
)
_DETAIL = (
    r"(?:tuổi|giới tính|dân tộc|nghề nghiệp|quan hệ|hoàn cảnh|tình trạng|sức khỏe|thương tích|diễn"
    r" biến|tình tiết|mô tả|lời (?:khai|kể)|thời gian|địa điểm|(?:nơi|ngày) xảy ra|ages?|sex|gender"
    r"|ethnicity|occupation|relationship|injur\w+|description|describe|details|account|story)"
)
_OF_ONE = (
    r"(?:nạn nhân|người bị|trẻ(?: em)? bị|em bị|bị hại|thủ phạm|người gây|vụ|victim|survivor"
    r"|perpetrator|incident|case)"
)
DETAIL_OF_ONE = re.compile(rf"\b{_DETAIL}\b[^.;]*\b{_OF_ONE}\b|\btình tiết (?:vụ|sự) việc\b")
VILLAGE = re.compile(
    r"\b(?:tại|ở|trong|của|mỗi|từng|theo|các) (?:các |từng |mỗi )?(?:xóm|thôn|bản|tổ dân phố)\b"
    r"|\bxóm (?:này|được)\b|\b(?:per|by|each|in the|this) (?:hamlet|village)\b"
)


def plain(*texts: str) -> str:
    """Return texts as the patterns want them, without what they forbid."""
    return _FORBIDS.sub(" ", raw(*texts))


def raw(*texts: str) -> str:
    """Return texts in lower case and NFC, with single blanks; one sentence each."""
    joined = ". ".join(text for text in texts if text)
    return " ".join(unicodedata.normalize("NFC", joined).lower().split())


def incident(text: str) -> str:
    """Return the words by which a text asks about incidents of violence, or "".

    text: from `plain`. What is done against violence is no incident: «buổi truyền thông về bạo
    lực», «phòng, chống xâm hại».
    """
    left = _PREVENTION.sub(" ", text)
    always, found = _ALWAYS.search(left), _INCIDENT.search(left)
    if always:
        return always[0]
    if found and (_CASES.search(left) or not _ACTIVITY.search(left)):
        return found[0]
    return ""
