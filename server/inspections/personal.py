"""Free text that may tell who somebody is: a reason to look before others may.

No person-level record of a victim, a child, a perpetrator or a household belongs into this system
(domain.md §5.1.1). Forms ask for none; people write it all the same. This finds the usual ways: a
telephone number, the number of an identity card, a named private person, an age or a dwelling of
somebody who suffered something. Names of places, streets, schools and firms, officials named with
their office, numbers of decisions, sums of money and hotlines are none.

It is a net with holes: docs/flags.md says how many, measured on sentences that were not written
after these patterns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from server.communes.vietnamese import composed


class Trace(StrEnum):
    """What kind of personal data a text may hold."""

    PHONE = "dien_thoai"
    IDENTITY_NUMBER = "giay_to"
    NAME = "ten_nguoi"
    AGE = "tuoi"
    DWELLING = "noi_o"


def traces(text: str) -> tuple[Trace, ...]:
    """Return the kinds of personal data that a text may hold, in a fixed order; empty for none."""
    found = {trace for trace, _ in _all_found(text)}
    return tuple(trace for trace in Trace if trace in found)


def words(text: str) -> tuple[str, ...]:
    """Return which words of a text are what `traces` found, for whoever has just written them."""
    return tuple(dict.fromkeys(" ".join(said.split()) for _, said in _all_found(text)))


def _all_found(text: str) -> Sequence[tuple[Trace, str]]:
    """Return what a text may hold, with the words that say so, in the order of the text."""
    if len(text) < _SHORTEST or _MADE_ID.fullmatch(text):
        return ()
    text = composed(text)
    may = _suspicion(text)
    if not (may.numbered or may.named or may.suffered):
        return ()  # as most answers
    return [one for sentence in _sentences(text) for one in _found(sentence, may)]


@dataclass(frozen=True, slots=True)
class _Suspicion:
    """What a text may hold, going by its words alone."""

    numbered: bool
    named: bool
    suffered: bool
    aged: bool


def _suspicion(text: str) -> _Suspicion:
    """Tell which patterns are worth trying: they cost ten times what the words do.

    Every submission is read while its device waits.
    """
    lower = text.lower()
    words = frozenset(_WORD.findall(lower))
    suffered = not words.isdisjoint(_SUFFERED_SIGNS)
    has_capital = _CAPITAL_INSIDE.search(text) is not None
    return _Suspicion(
        numbered=_LONG_NUMBER.search(text) is not None,
        named=has_capital and (suffered or not words.isdisjoint(_NAME_SIGNS)),
        suffered=suffered,
        aged=(has_capital or suffered) and any(sign in lower for sign in _AGE_SIGNS),
    )


def _sentences(text: str) -> Iterator[str]:
    begun = 0
    for end in _END.finditer(text):
        # A full stop after an abbreviation ends no sentence (TT. Đu).
        last_letters = text[max(begun, end.start() - _FEWEST_LETTERS) : end.start()]
        is_word = len(last_letters) == _FEWEST_LETTERS and last_letters.isalpha()
        if is_word or "\n" in end.group():
            yield text[begun : end.start()]
            begun = end.end()
    yield text[begun:]


def _found(sentence: str, may: _Suspicion) -> Iterator[tuple[Trace, str]]:
    """Give what a sentence may hold, with the words that say so."""
    if may.numbered:
        yield from _numbers(sentence)
    suffered = may.suffered and _SUFFERED.search(sentence.lower()) is not None
    if (
        may.named
        and _may_name(sentence, suffered=suffered)
        and (name := _names_somebody(sentence, suffered=suffered))
    ):
        yield Trace.NAME, name.group()
    if may.aged:
        aged = (suffered and _AGE.search(sentence)) or _AGED_PERSON.search(sentence)
        if aged:
            yield Trace.AGE, aged.group()
    if suffered and _ONE_PERSON.search(sentence) and (dwelling := _DWELLING.search(sentence)):
        yield Trace.DWELLING, dwelling.group()


def _numbers(sentence: str) -> Iterator[tuple[Trace, str]]:
    numbers = _MONEY.sub(" ", _REFERENCE.sub(" ", sentence))
    if phone := _PHONE.search(_HOTLINE.sub(" ", numbers)):
        yield Trace.PHONE, phone.group()
    if identity := _IDENTITY.search(_PHONE.sub(" ", numbers)):
        yield Trace.IDENTITY_NUMBER, identity.group()


def _may_name(sentence: str, *, suffered: bool) -> re.Match[str] | None:
    """Return anything that would be a name, if it is not that of a place."""
    found = _ADDRESSED.search(sentence) or _MIDDLE_NAME.search(sentence)
    return found or (_FULL_NAME.search(sentence) if suffered else None)


def _names_somebody(sentence: str, *, suffered: bool) -> re.Match[str] | None:
    return _may_name(_OFFICIAL.sub(" ", _PLACE.sub(" ", sentence)), suffered=suffered)


def _any(words: str) -> str:
    """Return a pattern of any of some words, that stand between commas."""
    return "(?:" + "|".join(word.strip() for word in words.split(",")) + ")"


# --- numbers ---------------------------------------------------------------------------------

_GAP = r"[ .\-–]?"
_LONG_NUMBER = re.compile(rf"[0-9](?:{_GAP}[0-9]){{8}}")  # of a telephone or an identity card
_UNITS = _any(
    "đồng, đ\\b, vnđ, vnd, triệu, tr\\b, nghìn, ngàn, tỷ, tỉ, %, lượt, người, hộ, km, ha, m2"
)
# Bounded, and below from the first digit on: of a long row of digits each would be a beginning.
_MONEY = re.compile(rf"\d[\d., ]{{0,40}}\s{{0,4}}{_UNITS}", re.IGNORECASE)
# 59/KH-UBND, số 1234567890/QĐ: what is numbered so is a document.
_REFERENCE = re.compile(r"(?<!\d)\d+\s*/\s*(?:\d+\s*/\s*)?[A-ZĐ][\w\-]*")
_HOTLINE = re.compile(rf"\b1[89]00{_GAP}\d{{2}}{_GAP}\d{{2}}(?:{_GAP}\d{{2}})?\b")
_PHONE = re.compile(
    rf"(?<![\d/])(?:\+?84{_GAP}|0)(?:[35789]\d|2\d\d)(?:{_GAP}\d){{7}}(?![\d/])", re.ASCII
)
# Twelve digits of a citizen's card, nine of the card before it.
_IDENTITY = re.compile(
    r"(?<![\d/.,])(?:0\d{2}(?:[ .]?\d{3}){3}|\d{3}(?:[ .]?\d{3}){2})(?![\d/.,]\d|\d)", re.ASCII
)

# --- people ----------------------------------------------------------------------------------

_CAPITAL = "A-ZÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬĐÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴ"
_SYLLABLE = rf"[{_CAPITAL}][^\W\d_]*"
_NAMED = rf"{_SYLLABLE}(?: {_SYLLABLE}){{0,3}}"
_SURNAME = _any(
    "Nguyễn, Trần, Lê, Phạm, Hoàng, Huỳnh, Phan, Vũ, Võ, Đặng, Bùi, Đỗ, Hồ, Ngô, Dương, Lý,"
    "Nông, Hà, Triệu, Bàn, Đàm, Ma, Lục, Chu, Hứa, Lương, Sằm, La, Vi, Lò, Giàng, Vàng,"
    "Sùng, Thào, Cháng, Hầu, Lầu, Mã, Tô, Đinh, Mai, Trương, Tạ, Trịnh, Cao, Lâm, Đào, Tống,"
    "Quách, Liêu, Đồng, Phùng, Thân, Hoa, Lưu, Tăng, Vương, Kiều, Âu, Bế, Nình, Đoàn, Lèng,"
    "Mùng, Phượng, Chẩu, Dềnh, Lừu, Lăng, Linh, Tiêu, Doanh, Đổng, Nịnh, Trạc, Trừ, Từ,"
    "Ngọc, Thạch, Mạc"
)
_FULL_NAME = re.compile(rf"\b{_SURNAME}(?: {_SYLLABLE}){{1,3}}\b")
# Thị and Văn in the middle make a person of it, whoever that is; typed without marks as well.
_MIDDLE_NAME = re.compile(rf"\b{_SYLLABLE} (?i:Thị|Văn|Thi|Van) {_SYLLABLE}")
# How one speaks of a private person; with a name after it, even a single one or an initial.
_PERSON = _any(
    "chị, anh, bà, ông, em, cháu, cô, chú, bé, nạn nhân, vợ, chồng, con gái, con trai, con dâu,"
    "con rể, mẹ, bố, người vợ, người chồng, đối tượng, bị hại, người bị hại, hộ, gia đình, nhà"
)
_ADDRESSED = re.compile(
    rf"(?<!\w)(?i:{_PERSON})(?: (?:là|tên|tên là|gái|trai|nhỏ))* (?:{_NAMED}|[{_CAPITAL}]\.)(?!\w)"
)
_OFFICE = _any(
    "chủ tịch, phó chủ tịch, bí thư, phó bí thư, trưởng xóm, trưởng thôn, trưởng bản, trưởng ban,"
    "phó ban, cán bộ, công chức, giám đốc, phó giám đốc, hiệu trưởng, hiệu phó, trưởng công an,"
    "trưởng trạm, trạm trưởng, tổ trưởng, chi hội trưởng, ủy viên, uỷ viên, chuyên viên,"
    "trưởng phòng, phó phòng, đại biểu, trưởng đoàn, thư ký, kế toán, văn thư, người có uy tín,"
    "già làng, đồng chí, đ/c"
)
_TITLE = "(?i:ông|bà|anh|chị)"
_OFFICIAL = re.compile(
    rf"(?i:đồng chí|đ/c) {_NAMED}"
    rf"|(?i:{_OFFICE})[^,.;:()]{{0,40}}?(?:{_TITLE}|là|:|-|–)?\s*(?:{_TITLE} )?{_NAMED}"
    rf"|{_TITLE} {_NAMED}\s*(?:[,\-–(]|là)\s*(?i:{_OFFICE})"
)
# A capitalised name after one of these is that of a place or a body.
_BEFORE_PLACES = _any(
    r"xã, phường, thị trấn, tt\.?, xóm, thôn, bản, tổ dân phố, tdp, khu, huyện, thị xã, thành phố,"
    r"tp\.?, tỉnh, đường, phố, ngõ, cầu, chợ, hồ, sông, suối, đèo, núi, hợp tác xã, htx,"
    r"doanh nghiệp, xí nghiệp, chùa, đình, đền, bệnh viện, trạm y tế, câu lạc bộ, clb, người,"
    r"dân tộc, tiếng, chi hội, hội, ban, sở, đội, nhóm, tổ, mô hình, quỹ"
)
_PLACE = re.compile(
    rf"(?i:{_BEFORE_PLACES}|(?:trường(?! hợp)|công ty)(?: [^\W\d_]+){{0,4}})"
    rf" {_NAMED}(?:\s*[-–,]\s*{_NAMED})?"
)

# --- what happened ---------------------------------------------------------------------------

_DONE_TO = _any(
    "chồng, vợ, bố, mẹ, con, anh, người, đánh, chửi, bạo, xâm, hiếp, cưỡng, ép, lừa, bán, mua,"
    "ngược, đuổi, dọa, đe, hành, sàm, quấy, lạm, nhốt, bóc, bắt, cha, ông, dượng"
)
_HAPPENED = _any(
    "nạn nhân, bị hại, bạo hành, gây bạo lực, hiếp dâm, dâm ô, loạn luân, tảo hôn,"
    "có thai, mang thai,"
    "bỏ học lấy (?:chồng|vợ), lấy (?:chồng|vợ) (?:sớm|khi), tự tử, tự vẫn, trốn sang,"
    "đánh (?:vợ|con|chồng), bán sang, mua bán người, thương tích, gãy, khâu, nhập viện, lánh"
)
_SUFFERED = re.compile(rf"{_HAPPENED}|bị {_DONE_TO}")  # in lower case
_BORN = r"\bsinh(?: năm| ngày)? ?(?:\d{1,2}[/.-])*(?:19|20)\d\d\b|\bSN ?(?:19|20)?\d\d\b"
_AGE = re.compile(rf"\b\d{{1,2}} ?tuổi\b|{_BORN}|\bhọc(?: sinh)? lớp \d", re.IGNORECASE)
_AGED_PERSON = re.compile(
    rf"(?<!\w)(?i:chị|anh|bà|ông|em|cháu|cô|bé) {_NAMED}[^.;]{{0,30}}?"
    r"(?:\d{1,2} ?tuổi|\bsinh năm|\bSN\b)"
)
_ONE = _any("một, 1, chị, em, cháu, bé, cô, bà, nạn nhân, người vợ, hộ, gia đình, đối tượng")
_ONE_PERSON = re.compile(rf"(?<!\w){_ONE}(?!\w)", re.IGNORECASE)
_DWELLING = re.compile(
    r"(?<!\w)(?:ở|tại|trú tại|thuộc|nhà ở|sống ở|quê ở|người)\s(?:[^\W\d_]+\s){0,2}?"
    rf"(?i:xóm|thôn|bản|tổ|số nhà|ngõ|tdp)\s(?:\d+|{_SYLLABLE})"
    r"|(?i:số nhà|ngõ) \d+|cạnh nhà|sau nhà|gần nhà"
)

# --- what is worth a look --------------------------------------------------------------------

_SHORTEST = 5  # "bé A."
# Of an entity, chosen from a list that the phone holds: its digits say nothing about anybody.
_MADE_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_WORD = re.compile(r"\w+")
_END = re.compile(r"[.!?;]+\s+|\n+")  # of a sentence, perhaps
_FEWEST_LETTERS = 3  # of the word before it
_CAPITAL_INSIDE = re.compile(rf" [{_CAPITAL}]")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# In lower case; the first words of the patterns above, none of which finds anything without.
_NAME_SIGNS = _words(
    "chị anh bà ông em cháu cô chú bé nạn vợ chồng con mẹ bố người đối bị hộ gia nhà thị văn thi"
    " van"
)
_SUFFERED_SIGNS = _words(
    "nạn bị bạo hiếp dâm loạn tảo thai lấy tự trốn đánh bán thương gãy khâu nhập lánh"
)
_AGE_SIGNS = ("tuổi", "sinh", "sn", "lớp")
