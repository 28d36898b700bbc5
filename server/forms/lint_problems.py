"""What a form may not ask, and what it must say (domain.md §5.1). No Django."""

from __future__ import annotations

from server.forms.problems import Complaint


class AsksIdentity(Complaint):
    """A question whose answer would name a person, or lead to one."""

    code = "lint.asks_identity"
    vi = (
        "Câu hỏi «{name}» hỏi «{found}», là thông tin của một người. Không hỏi tên, điện thoại, "
        "địa chỉ, ngày sinh, giấy tờ tùy thân; chỉ hỏi số tổng hoặc có/không."
    )
    en = (
        "Question “{name}” asks for “{found}”, which identifies a person. Never ask for names, "
        "phones, addresses, birth dates or ID numbers; ask for totals or yes/no."
    )


class PersonLevel(Complaint):
    """A row or an answer about one victim, one case, one household."""

    code = "lint.person_level"
    vi = (
        "«{name}» ghi từng người hoặc từng vụ («{found}»). Chỉ hỏi số tổng của xã trong kỳ, từ sổ "
        "tổng hợp."
    )
    en = (
        "“{name}” records single persons or cases (“{found}”). Ask only for the commune's total of "
        "the period, from a summary register."
    )


class IncidentsTooLocal(Complaint):
    """Violence counted for a village, or in the rows of a repeat."""

    code = "lint.incidents_too_local"
    vi = (
        "Câu hỏi «{name}» đếm vụ việc («{found}») theo xóm hoặc trong nhóm lặp, dễ lộ người. "
        "Chỉ hỏi số tổng toàn xã, ngoài mọi nhóm lặp."
    )
    en = (
        "Question “{name}” counts incidents (“{found}”) by village or in a repeat, where people "
        "can be recognised. Ask for the commune's total, outside repeats."
    )


class ShelterLocated(Complaint):
    """A point or a photo that would show where a shelter is."""

    code = "lint.shelter_located"
    vi = (
        "Câu hỏi «{name}» lấy tọa độ hoặc ảnh tại «{found}». Không bao giờ định vị hay chụp nơi "
        "tạm lánh; bỏ câu hỏi này."
    )
    en = (
        "Question “{name}” takes a point or a photo at “{found}”. A shelter is never located or "
        "photographed; remove the question."
    )


class PhotoOfPeople(Complaint):
    """A photo of people, or one that does not say that no people may be in it."""

    code = "lint.photo_of_people"
    vi = (
        "Câu hỏi ảnh «{name}» phải ghi ở nhãn hoặc gợi ý: «Không có người, không có tên», và không "
        "được bảo chụp người{found}."
    )
    en = (
        "Photo question “{name}” must say in its label or hint, in Vietnamese, that no people and "
        "no names may be in it, and may not ask for people{found}."
    )


class KindUnsafe(Complaint):
    """A kind of question that records people, follows the inspector, or takes anything at all."""

    code = "lint.kind_unsafe"
    vi = (
        "Kiểu «{kind}» của «{name}» ghi tiếng, hình, chữ ký, đường đi hoặc tệp bất kỳ. Bỏ dòng này."
    )
    en = "Type “{kind}” of “{name}” records voices, faces, tracks or any file. Remove it."


class WarningMissing(Complaint):
    """A free text without the sentence that keeps victims out of it; `or_other` makes one."""

    code = "lint.warning_missing"
    vi = (
        "Câu hỏi chữ «{name}» thiếu câu «Không ghi tên, địa chỉ, tình tiết vụ việc» ở gợi ý tiếng "
        "Việt. Thêm câu này vào ô «{header}»."
    )
    en = (
        "Text question “{name}” lacks the sentence «Không ghi tên, địa chỉ, tình tiết vụ việc» in "
        "its Vietnamese hint. Add it under “{header}”."
    )


class NotRestricted(Complaint):
    """A number of victims that anybody could read."""

    code = "lint.not_restricted"
    vi = "Câu hỏi «{name}» đếm vụ việc («{found}») nên ô sensitivity phải là restricted."
    en = "Question “{name}” counts incidents (“{found}”), so its sensitivity must be restricted."


class RestrictedCopied(Complaint):
    """A restricted answer that is copied to where it would be read without permission."""

    code = "lint.restricted_copied"
    vi = (
        "Ô «{header}» đưa câu trả lời hạn chế «{found}» vào chỗ ai cũng đọc được. Bỏ nó khỏi ô "
        "này, hoặc đặt sensitivity của dòng là restricted nếu là dòng calculate."
    )
    en = (
        "“{header}” copies the restricted answer “{found}” to where everybody can read it. Take it "
        "out, or make this row restricted if it is a calculate."
    )


class SensitivityMissing(Complaint):
    """A question that does not say who may see its answer."""

    code = "lint.sensitivity_missing"
    vi = "Câu hỏi «{name}» chưa nói ai được xem. Điền public, internal hoặc restricted."
    en = "Question “{name}” does not say who may see it. Write public, internal or restricted."


class Untranslated(Complaint):
    """A text that is there in one language of the form and blank in another."""

    code = "lint.untranslated"
    vi = "Ô «{header}» đang trống trong khi ngôn ngữ khác của dòng này đã có. Dịch và điền vào."
    en = "The cell “{header}” is blank although another language of this row has a text."


class LanguageMissing(Complaint):
    """A form that lacks a language which every form here has."""

    code = "lint.language_missing"
    vi = "Trang «{sheet}» không có cột nhãn tiếng {language}. Thêm cột «{header}»."
    en = "Sheet “{sheet}” has no labels in {language}. Add the column “{header}”."


class SensitiveExposed(Complaint):
    """A small count that the tables hide, and an export of records would show."""

    code = "lint.sensitive_exposed"
    vi = (
        "Câu hỏi «{name}» nằm trong chỉ số nhạy cảm «{value}» nên ô sensitivity phải là "
        "restricted; nếu không, tệp hồ sơ đã ẩn danh vẫn in con số mà bảng chỉ số che."
    )
    en = (
        "Question “{name}” is in the sensitive indicator “{value}”, so its sensitivity must be "
        "restricted: else a de-identified file would show what the tables hide."
    )


class SensitiveSplit(Complaint):
    """A sensitive figure split by groups, so that each cell is one person."""

    code = "lint.sensitive_split"
    vi = "Chỉ số nhạy cảm «{value}» không được tách nhóm. Để trống ô «{header}»."
    en = "The sensitive indicator “{value}” may not be split. Blank “{header}”."
