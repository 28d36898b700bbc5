"""What a form may not ask: a table of bad questions, each beside one that is nearly so and good."""

from __future__ import annotations

import unicodedata

import pytest

from server.forms.lint_problems import (
    AsksIdentity,
    IncidentsTooLocal,
    KindUnsafe,
    NotRestricted,
    PersonLevel,
    PhotoOfPeople,
    ShelterLocated,
    WarningMissing,
)
from tests.forms.linting import HINT, NO_PEOPLE, VI, WARNING, Rows, found, kinds, question

REPEAT = {"type": "begin_repeat", "name": "r", VI: "Xóm được kiểm tra"}
END = {"type": "end_repeat"}


@pytest.mark.parametrize(
    "row",
    [
        question("text", "Họ và tên người được phỏng vấn"),
        question("text", "Họ, tên"),
        question("text", "Tên nạn nhân"),
        question("text", "Tên của trẻ em được hỗ trợ"),
        question("text", "Tên chủ hộ"),
        question("text", "Tên các cán bộ tham gia"),
        question("text", "Số điện thoại liên hệ"),
        question("integer", "Điện thoại"),
        question("text", "Địa chỉ"),
        question("text", "Nơi cư trú"),
        question("text", "Số căn cước"),
        question("barcode", "Quét CCCD"),
        question("integer", "Số định danh cá nhân"),
        question("date", "Ngày sinh"),
        question("integer", "Năm sinh của mẹ"),
        question("text", "Mã hồ sơ"),
        question("text", "Số vụ án"),
        question("text", "Full name"),
        question("text", "Victim's name"),
        question("text", "Contact", "Ghi số điện thoại để gọi lại."),
        question("text", "Thông tin thêm", name="ho_ten"),
        question("text", "Thông tin thêm", name="a5_sdt_2"),
        question("phonenumber", "", sensitivity=""),
    ],
)
def test_a_question_that_would_name_a_person_is_refused(row: dict[str, str]) -> None:
    assert AsksIdentity in kinds(row)


@pytest.mark.parametrize(
    "row",
    [
        question("text", "Tên doanh nghiệp", "Như trong giấy đăng ký; không ghi tên người."),
        question("text", "Tên xóm (thôn, bản)"),
        question("text", "Tên cơ quan, đơn vị được kiểm tra"),
        question("text", "Mã số doanh nghiệp", "Không nhập số căn cước của chủ hộ kinh doanh."),
        question("text", "Số, ngày của kế hoạch"),
        question("select_one ynu", "Có niêm yết số điện thoại đường dây nóng không?"),
        question("select_multiple role", "Chức danh người làm việc với đoàn (không ghi tên)"),
        question("integer", "Số địa chỉ tin cậy", sensitivity="restricted"),
        question("integer", "Số hồ sơ đã lập"),
        question("integer", "Tên gọi khác: số tổ truyền thông"),
        question("note", "Không ghi tên, địa chỉ của nạn nhân. Nếu cần giúp: 18008080."),
        question("date", "Ngày kiểm tra"),
        question("text", "Trade name", "Not the name of a person."),
        question("text", "Ý kiến", name="dia_chi_tin_cay"),
        question("text", "Measures to address inequality"),
        question("username", "", sensitivity=""),
    ],
)
def test_a_question_about_things_and_offices_is_good(row: dict[str, str]) -> None:
    assert kinds(row) == []


@pytest.mark.parametrize(
    "rows",
    [
        ({**REPEAT, VI: "Nạn nhân"}, END),
        ({**REPEAT, VI: "Từng vụ bạo lực"}, END),
        ({**REPEAT, VI: "Trẻ em bị xâm hại"}, END),
        ({**REPEAT, VI: "Hộ gia đình"}, END),
        ({**REPEAT, VI: "Các trường hợp tảo hôn"}, END),
        (question("integer", "Tuổi của nạn nhân"),),
        (question("select_one sex", "Giới tính người bị bạo lực"),),
        (question("text", "Diễn biến vụ việc"),),
        (question("text", "Mô tả tình tiết sự việc"),),
        (question("select_one rel", "Quan hệ giữa nạn nhân và người gây bạo lực"),),
        (question("date", "Ngày xảy ra vụ việc"),),
        (question("select_one eth", "Ethnicity of the victim"),),
    ],
)
def test_single_persons_and_single_cases_are_not_recorded(rows: Rows) -> None:
    assert PersonLevel in kinds(*rows)


@pytest.mark.parametrize(
    "rows",
    [
        (REPEAT, END),
        ({**REPEAT, VI: "Kiến nghị"}, END),
        (question("text", "Mô tả chung", "Chỉ nêu tình hình chung."),),
        (question("select_one how", "Hình thức tuyên truyền về bạo lực gia đình"),),
        (question("select_one ynu", "Số liệu có tách giới tính, dân tộc, độ tuổi không?"),),
        (question("text", "Tình trạng sổ sách, hồ sơ của xã"),),
    ],
)
def test_rows_and_descriptions_of_other_things_are_good(rows: Rows) -> None:
    assert kinds(*rows) == []


@pytest.mark.parametrize(
    "rows",
    [
        (REPEAT, question("integer", "Số vụ bạo lực gia đình", sensitivity="restricted"), END),
        (REPEAT, question("integer", "Số trường hợp tảo hôn", sensitivity="restricted"), END),
        (REPEAT, question("select_one ynu", "Có xảy ra bạo lực gia đình không?"), END),
        (question("integer", "Số ca tảo hôn tại xóm", sensitivity="restricted"),),
        (question("decimal", "Số trẻ bị xâm hại theo từng thôn", sensitivity="restricted"),),
        (question("integer", "Child marriages in the village", sensitivity="restricted"),),
    ],
)
def test_violence_is_not_counted_below_the_commune(rows: Rows) -> None:
    assert kinds(*rows) == [IncidentsTooLocal]


@pytest.mark.parametrize(
    "rows",
    [
        (REPEAT, question("integer", "Số buổi truyền thông về bạo lực gia đình"), END),
        (REPEAT, question("select_one ynu", "Xóm có tổ phòng, chống bạo lực gia đình không?"), END),
        (REPEAT, question("integer", "Thành viên của tổ"), END),
        (question("integer", "Số vụ bạo lực trong năm của xã", sensitivity="restricted"),),
        (question("integer", "Số xóm có cộng tác viên bảo vệ trẻ em"),),
    ],
)
def test_work_in_villages_and_totals_of_communes_are_good(rows: Rows) -> None:
    assert kinds(*rows) == []


@pytest.mark.parametrize(
    "label",
    [
        "Số trường hợp tảo hôn trong năm",
        "Số trường hợp cưỡng ép kết hôn",
        "Số tin báo bạo lực đã tiếp nhận",
        "Tổng số vụ trong kỳ",
        "Số phụ nữ bị bạo lực",
        "Số trẻ em bị xâm hại hoặc có nguy cơ",
        "Nạn nhân mua bán người trở về",
        "Number of victims of trafficking",
    ],
)
def test_a_number_of_victims_must_be_restricted(label: str) -> None:
    assert kinds(question("integer", label)) == [NotRestricted]
    assert kinds(question("integer", label, sensitivity="restricted")) == []


def test_the_part_of_a_number_of_victims_must_be_restricted_too() -> None:
    cases = question("integer", "Số vụ bạo lực trong kỳ", sensitivity="restricted")
    handled = question("integer", "Trong đó đã xử lý")

    assert kinds(cases, handled) == [NotRestricted]
    assert kinds(question("integer", "Số lớp tập huấn"), handled) == []


@pytest.mark.parametrize(
    "label",
    [
        "Số buổi tuyên truyền phòng, chống bạo lực gia đình",
        "Số cán bộ được tập huấn về phòng ngừa xâm hại trẻ em",
        "Kinh phí phòng chống bạo lực (triệu đồng)",
        "Số mô hình ứng phó với bạo lực trên cơ sở giới",
        "Số phụ nữ hộ nghèo có nhu cầu vay vốn",
        "Trainings on prevention of violence",
    ],
)
def test_work_against_violence_may_be_counted_in_the_open(label: str) -> None:
    assert kinds(question("integer", label)) == []


@pytest.mark.parametrize(
    "rows",
    [
        (question("geopoint", "Tọa độ nhà tạm lánh"),),
        (question("geopoint", "Tọa độ", "Lấy tại địa chỉ tin cậy ở cộng đồng."),),
        (question("image", "Ảnh địa chỉ tin cậy", NO_PEOPLE),),
        ({**REPEAT, VI: "Nhà tạm lánh"}, question("geopoint", "Tọa độ"), END),
        (question("geopoint", "Shelter location"),),
    ],
)
def test_a_shelter_is_never_located_or_photographed(rows: Rows) -> None:
    assert kinds(*rows) == [ShelterLocated]


@pytest.mark.parametrize(
    "row",
    [
        question("geopoint", "Tọa độ nhà văn hóa xóm", "KHÔNG lấy tọa độ tại nhà tạm lánh."),
        question("geopoint", "Tọa độ trụ sở xã"),
        question("select_one ynu", "Nhà tạm lánh có quy chế không?"),
        question("image", "Ảnh quyết định (không chụp nơi tạm lánh)", NO_PEOPLE),
    ],
)
def test_a_point_elsewhere_is_good(row: dict[str, str]) -> None:
    assert kinds(row) == []


@pytest.mark.parametrize(
    "row",
    [
        question("image", "Ảnh bảng tin"),
        question("image", "Chụp ảnh", "Chụp rõ nét."),
        question("image", "Ảnh phụ nữ tham gia", NO_PEOPLE),
        question("image", "Ảnh học sinh trong câu lạc bộ", NO_PEOPLE),
        question("image", "Photo of the victim", NO_PEOPLE),
    ],
)
def test_a_photo_says_that_nobody_may_be_in_it(row: dict[str, str]) -> None:
    assert kinds(row) == [PhotoOfPeople]


@pytest.mark.parametrize(
    "row",
    [
        question("image", "Chụp ảnh (không có người)"),
        question("image", "Chụp tài liệu", "Không được để lộ người, không có tên."),
        question("image", "Ảnh quyết định", NO_PEOPLE),
    ],
)
def test_a_photo_of_papers_is_good(row: dict[str, str]) -> None:
    assert kinds(row) == []


@pytest.mark.parametrize(
    "row",
    [
        question("audio", "Ghi âm"),
        question("video", "Quay phim"),
        question("file", "Tài liệu kèm theo"),
        question("background-audio", ""),
        question("start-geopoint", ""),
        question("geotrace", "Đường đi"),
        question("image", "Ký", NO_PEOPLE, appearance="signature"),
        question("audit", "", parameters="location-priority=balanced location-min-interval=60"),
    ],
)
def test_voices_faces_signatures_and_tracks_are_not_recorded(row: dict[str, str]) -> None:
    assert kinds(row) == [KindUnsafe]


def test_the_log_of_filling_in_is_good_without_places() -> None:
    assert kinds(question("audit", "", sensitivity="", parameters="track-changes=true")) == []


def test_every_free_text_carries_the_warning_in_its_hint() -> None:
    (complaint,) = found({**question("text", "Khó khăn"), HINT: "Ghi ngắn gọn."})

    assert (type(complaint), complaint.place) == (WarningMissing, "survey!D2")
    decomposed = unicodedata.normalize("NFD", f"Ngắn gọn.  {WARNING.upper()}")
    assert kinds({**question("text", "Khó khăn"), HINT: decomposed}) == []
    assert kinds({**question("text", f"Khó khăn. {WARNING}"), HINT: ""}) == []


def test_a_choice_that_asks_for_words_is_a_text_without_the_warning() -> None:
    (complaint,) = found(question("select_one l or_other", "Lý do", "Chọn một."))

    assert (type(complaint), complaint.place) == (WarningMissing, "survey!A2")
