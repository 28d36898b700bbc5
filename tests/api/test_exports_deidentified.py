"""Files that tell of communes and months, and of nobody."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

import pytest
from openpyxl import load_workbook
from pytest_django import Settings

from server.communes.models import AdminUnit
from server.forms.models import FormVersion
from server.inspections import derive
from server.projects.models import AppUser, AuditEntry, Membership, Project, Role
from server.reports import deidentified, geojson, records, sensitive_sums
from server.submissions.intake import Sender, receive
from server.submissions.models import ReviewState, Submission
from tests import builders
from tests.api.conftest import Answer, Program
from tests.api.test_exports import program_of
from tests.reports.test_parquet import tables as parquet_of

FORM = """
| survey   | type                                | name      | label::Tiếng Việt (vi) | calculation                          | sensitivity |
|          | username                            | who       |                        |                                      | internal    |
|          | date                                | h_date    | Ngày kiểm tra          |                                      | public      |
|          | text                                | h_commune | Xã                     |                                      | public      |
|          | note                                | hint      | Không ghi tên ai       |                                      |             |
|          | integer                             | women     | Số nữ                  |                                      | public      |
|          | decimal                             | share     | Tỷ lệ                  |                                      | internal    |
|          | integer                             | victims   | Số nạn nhân            |                                      | restricted  |
|          | calculate                           | total     |                        | ${victims} + 1                       | public      |
|          | calculate                           | more      |                        | concat('tổng ', ${total})            | public      |
|          | calculate                           | outcome   |                        | if(${victims} = 0, 'dat', 'khong')   | public      |
|          | calculate                           | day       |                        | ${h_date}                            | public      |
|          | calculate                           | ymd       |                        | format-date(${h_date}, '%Y%m%d')     | public      |
|          | calculate                           | latitude  |                        | selected-at(${place}, 0)             | public      |
|          | calculate                           | inner     |                        | ${women}                             | internal    |
|          | text                                | remark    | Nhận xét               |                                      | public      |
|          | select_one colours                  | colour    | Màu                    |                                      | public      |
|          | select_one_from_file inspectors.csv | inspector | Người kiểm tra         |                                      | internal    |
|          | dateTime                            | at        | Lúc                    |                                      | public      |
|          | geopoint                            | place     | Tọa độ                 |                                      | internal    |
|          | image                               | photo     | Ảnh                    |                                      | public      |
|          | begin_repeat                        | person    | Người                  |                                      |             |
|          | integer                             | age       | Tuổi                   |                                      | internal    |
|          | text                                | words     | Lời kể                 |                                      | internal    |
|          | end_repeat                          |           |                        |                                      |             |
| choices  | list_name | name  | label::Tiếng Việt (vi) |
|          | colours   | do    | Đỏ                     |
| indicators | code  | label        | value   | aggregate | of | unit | disaggregate | sensitive |
|            | cases | Số nạn nhân  | victims | sum       |    |      |              | yes       |
|            | women | Số nữ        | women   | sum       |    |      |              | no        |
| settings | form_id | form_title | version | default_language |
|          | nguoi   | Người      | 1       | Tiếng Việt (vi)  |
"""  # noqa: E501 - a form of every kind of question is that wide


def filled(number: int, day: str = "2026-05-20", **said: str) -> bytes:
    answers = {"women": "12", "colour": "do", "remark": "Chị Lan kể", **said}
    return f"""<data id='nguoi' version='1'><who>u77</who><h_date>{day}</h_date>
<h_commune>05665</h_commune><women>{answers["women"]}</women><share>62.5</share>
<victims>3</victims><total>4</total><more>tổng 4</more><outcome>khong</outcome><day>{day}</day>
<ymd>{day.replace("-", "")}</ymd><latitude>21.54321</latitude>
<inner>12</inner><remark>{answers["remark"]}</remark><colour>{answers["colour"]}</colour>
<inspector>i-Hoa</inspector><at>2026-05-20T23:30:00.000Z</at><place>21.54321 105.87654 0 4.5</place>
<photo>anh-Hoa.jpg</photo><person><age>34</age><words>Bà Tám nói</words></person>
<meta><instanceID>uuid:so-{number}</instanceID><instanceName>Hồ sơ Hoa</instanceName></meta>
</data>""".encode()


# What only the record itself may tell.
SECRETS = (
    "u77", "Lan kể", "tổng 4", "i-Hoa", "21.54321", "105.87654", "anh-Hoa", "Tám", "uuid:so-",
    "Hồ sơ Hoa", "2026-05-20", "20260520", "20/05/2026", "2026-05-21", "máy của Hoa",
    "Đoàn Hoa", "imei-1",
)  # fmt: skip
FORMATS = ("export.xlsx", "export.csv.zip", "submissions.csv.zip", "submissions.csv")


@pytest.fixture
def device(project: Project) -> AppUser:
    builders.form(project, FORM)
    builders.commune("05665", "Xã Đồng Hỷ")
    return AppUser.objects.create(
        project=project, display_name="máy của Hoa", team="Đoàn Hoa", token_sha256="1"
    )


def send(device: AppUser, *xmls: bytes) -> None:
    for xml in xmls:
        derive.arrived(receive(xml, [], Sender(device.project_id, device, "imei-1", "Collect")))
    Submission.objects.update(review_state=ReviewState.APPROVED)


@pytest.fixture
def viewer(project: Project) -> Program:
    return program_of(project, "xem@example.org", Role.VIEWER)


def fetch(program: Program, project: Project, name: str, query: str = "") -> Answer:
    joined = f"?profile=deidentified{query}"
    return program.get(f"/v1/projects/{project.pk}/forms/nguoi/{name}{joined}")


def texts(answer: Answer) -> str:
    """Return all that a file says, in its names as well."""
    if not zipfile.is_zipfile(io.BytesIO(answer.content)):
        return answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return "\n".join(
            name + archive.read(name).decode("utf-8", "replace") for name in archive.namelist()
        )


def rows(answer: Answer, member: str = "nguoi.csv") -> list[dict[str, str]]:
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return list(csv.DictReader(io.StringIO(archive.read(member).decode())))


def dictionary(answer: Answer) -> list[tuple[Any, ...]]:
    return list(load_workbook(io.BytesIO(answer.content))["Từ điển"].values)


@pytest.mark.parametrize("name", FORMATS)
def test_no_file_tells_who_it_was_where_exactly_or_when(
    viewer: Program, project: Project, device: AppUser, name: str
) -> None:
    send(device, filled(1))

    answer = fetch(viewer, project, name)

    assert answer.status == 200
    said = texts(answer)
    assert [secret for secret in SECRETS if secret in said] == []
    assert "khong" in said  # and is not empty


def test_neither_do_files_for_programs(project: Project, device: AppUser) -> None:
    send(device, filled(1))
    form = FormVersion.objects.get().form
    hidden = deidentified.prepare(form, records.chosen(Submission.objects.all()))

    said = [
        str(parquet_of(form, hidden, hidden.keys)),
        b"".join(geojson.collection(hidden.keys, is_deidentified=True)).decode(),
    ]

    assert [secret for secret in SECRETS for text in said if secret in text] == []
    assert "khong" in said[0]
    assert "Đồng Hỷ" in said[1]


def test_what_stays_is_the_month_the_figures_and_the_choices(
    viewer: Program, project: Project, device: AppUser
) -> None:
    send(device, filled(1).replace(b"05-20T23", b"05-31T23"))  # the first of June here

    (row,) = rows(fetch(viewer, project, "submissions.csv.zip"))

    assert (row["h_date"], row["at"], row["day"]) == ("2026-05", "2026-06", "2026-05")
    assert (row["women"], row["share"], row["colour"], row["outcome"]) == (
        "12",
        "62.5",
        "do",
        "khong",
    )
    assert (row["total"], row["more"]) == ("", "")  # they rest on a restricted count
    assert (row["ymd"], row["latitude"]) == ("2026-05", "")  # on a day, and on a place
    assert not {"victims", "inner", "remark", "h_commune", "photo", "hint"} & set(row)
    (person,) = rows(fetch(viewer, project, "submissions.csv.zip"), "nguoi-person.csv")
    assert person["age"] == "34"
    assert "words" not in person


def test_what_a_form_does_not_offer_is_left_out_wherever_it_stands(
    viewer: Program, project: Project, device: AppUser
) -> None:
    send(device, filled(1, women="0912345678", colour="Nguyễn Thị A"))

    (row,) = rows(fetch(viewer, project, "submissions.csv.zip"))

    assert (row["women"], row["colour"]) == ("", "")


def test_a_point_becomes_the_middle_of_the_commune(
    viewer: Program, project: Project, device: AppUser
) -> None:
    builders.coverage({AdminUnit.objects.get(): (105.8, 21.5)})
    send(device, filled(1))

    (row,) = rows(fetch(viewer, project, "submissions.csv.zip"))

    assert (row["place-Latitude"], row["place-Longitude"]) == ("21.55", "105.85")
    assert (row["place-Altitude"], row["place-Accuracy"]) == ("", "")


def test_names_are_the_same_within_a_file_and_others_in_the_next(
    viewer: Program, project: Project, device: AppUser
) -> None:
    send(device, filled(1), filled(2, "2026-06-01"))

    first, second = rows(fetch(viewer, project, "submissions.csv.zip"))
    again = rows(fetch(viewer, project, "submissions.csv.zip"))

    for column in ("who", "inspector", "DeviceID", "SubmitterName"):
        assert first[column] == second[column] != ""
        assert first[column] not in {row[column] for row in again}
    assert first["KEY"] != second["KEY"]
    assert first["KEY"] not in {row["KEY"] for row in again}


def test_a_repeat_still_says_to_which_record_it_belongs(
    viewer: Program, project: Project, device: AppUser
) -> None:
    send(device, filled(1))
    answer = fetch(viewer, project, "submissions.csv.zip")

    (row,), (person,) = rows(answer), rows(answer, "nguoi-person.csv")

    assert person["PARENT_KEY"] == row["KEY"]
    assert person["KEY"] == f"{row['KEY']}/person[1]"


def test_a_question_that_nobody_tagged_is_refused_by_name(
    viewer: Program, project: Project, device: AppUser
) -> None:
    version = FormVersion.objects.get()
    for field in version.schema["fields"]:
        if field["name"] in ("women", "age"):
            field["sensitivity"] = ""
    version.save()

    answer = fetch(viewer, project, "export.xlsx")

    assert (answer.status, answer.nature) == (409, "export.sensitivity_missing")
    assert answer.json["details"]["questions"] == "women, age"


def test_what_an_earlier_version_restricted_stays_restricted(
    viewer: Program, project: Project, device: AppUser
) -> None:
    old = FormVersion.objects.get()
    new = FormVersion.objects.get()
    new.pk, new.version = None, "2"
    for field in old.schema["fields"]:
        if field["name"] == "women":
            field["sensitivity"] = "restricted"
    old.save()
    new.save()
    old.form.current_version = new
    old.form.save()
    send(device, filled(1))

    (row,) = rows(fetch(viewer, project, "submissions.csv.zip"))

    assert "women" not in row


def test_the_dictionary_says_what_is_left_out_and_how_well_records_hide(
    viewer: Program, project: Project, device: AppUser, settings: Settings
) -> None:
    settings.SMALL_CELL_K = 2
    send(device, filled(1), filled(2), filled(3, "2026-06-01"))

    lines = dictionary(fetch(viewer, project, "export.xlsx"))

    reasons = {line[2]: line[3] for line in lines if line[3] and line[3].startswith("bỏ ra")}
    assert reasons["victims"] == "bỏ ra khỏi tệp: hạn chế"
    assert reasons["remark"] == "bỏ ra khỏi tệp: chữ tự do"
    assert reasons["photo"] == "bỏ ra khỏi tệp: tệp, ảnh"
    (told,) = [line[3] for line in lines if line[1] == "Mức ẩn danh (k)"]
    assert "3 hồ sơ thuộc 2 nhóm" in told
    assert "nhóm nhỏ nhất có 1 hồ sơ; 1 nhóm có dưới 2 hồ sơ (tất cả 1 hồ sơ)" in told


def test_sums_of_what_no_record_tells_come_as_everybody_may_see_them(
    viewer: Program, project: Project, device: AppUser, settings: Settings
) -> None:
    settings.SMALL_CELL_K = 4
    send(device, filled(1))
    asked = "&year=2026&period=h1"

    small = load_workbook(io.BytesIO(fetch(viewer, project, "export.xlsx", asked).content))
    settings.SMALL_CELL_K = 3
    large = load_workbook(io.BytesIO(fetch(viewer, project, "export.xlsx", asked).content))
    without = load_workbook(io.BytesIO(fetch(viewer, project, "export.xlsx").content))

    told = list(small[sensitive_sums.NAME].values)
    assert told[0][4:] == ("Số nạn nhân", "Số nạn nhân – số lượt có số liệu")
    assert (told[-1][2], told[-1][4]) == ("Toàn tỉnh", "<4")
    assert list(large[sensitive_sums.NAME].values)[-1][4] == "3"
    assert sensitive_sums.NAME not in without.sheetnames


def test_a_supervisor_of_some_communes_gets_no_sums_for_everybody(
    project: Project, device: AppUser
) -> None:
    program = program_of(project, "xa@example.org", Role.SUPERVISOR)
    Membership.objects.filter(user__email="xa@example.org").update(commune_uids=["1@start"])
    send(device, filled(1))

    answer = fetch(program, project, "export.csv.zip", "&year=2026&period=h1")

    # The total less what others print, and less the own count, would be one commune's.
    assert answer.status == 200
    assert "Toàn tỉnh" not in texts(answer)


def test_the_same_sums_come_as_csv(viewer: Program, project: Project, device: AppUser) -> None:
    send(device, filled(1))

    answer = fetch(viewer, project, "export.csv.zip", "&year=2026&period=h1")

    assert 'Toàn tỉnh;"1 lượt kiểm tra; Số toàn tỉnh ghi «<5»' in texts(answer)
    assert '6 tháng đầu năm.";<5;' in texts(answer)


def test_an_empty_file_says_so(viewer: Program, project: Project, device: AppUser) -> None:
    lines = dictionary(fetch(viewer, project, "export.xlsx"))

    assert lines[-1][3] == "Tệp không có hồ sơ nào."


def test_a_viewer_gets_records_of_approved_inspections_only_and_never_as_they_are(
    viewer: Program, project: Project, device: AppUser
) -> None:
    send(device, filled(1), filled(2))
    Submission.objects.filter(instance_id="uuid:so-2").update(review_state=ReviewState.RECEIVED)

    assert len(rows(fetch(viewer, project, "submissions.csv.zip"))) == 1
    whole = viewer.get(f"/v1/projects/{project.pk}/forms/nguoi/submissions.csv.zip")
    assert (whole.status, whole.nature) == (403, "export.profile_refused")


@pytest.mark.parametrize(
    "query",
    [
        "&team=Đoàn Hoa",
        "&flag=gps_far",
        "&visited_from=2026-05-20",
        "&visited_to=2026-05-20",
        "&received_from=2026-05-02",
        "&received_to=2026-05-30",
    ],
)
def test_a_filter_that_would_tell_what_is_hidden_is_refused(
    viewer: Program, project: Project, device: AppUser, query: str
) -> None:
    answer = fetch(viewer, project, "export.csv.zip", query)

    assert (answer.status, answer.nature) == (400, "export.filter_too_fine")


def test_whole_months_may_be_asked_for(viewer: Program, project: Project, device: AppUser) -> None:
    send(device, filled(1), filled(2, "2026-06-01"))
    may = "&visited_from=2026-05-01&visited_to=2026-05-31"

    (row,) = rows(fetch(viewer, project, "submissions.csv.zip", may))

    assert row["h_date"] == "2026-05"


def test_who_took_what_for_which_purpose_is_in_the_audit_log(
    viewer: Program, project: Project, device: AppUser
) -> None:
    send(device, filled(1))

    fetch(viewer, project, "export.csv.zip", "&year=2026&purpose=báo cáo quý 2")

    entry = AuditEntry.objects.get(action="form.submission.export")
    assert (entry.object_name, entry.project_id) == ("nguoi", project.pk)
    assert entry.details["profile"] == "deidentified"
    assert entry.details["format"] == "people.csv.zip"
    assert entry.details["purpose"] == "báo cáo quý 2"
    assert entry.details["filters"] == {"year": 2026, "states": ["approved"]}
    assert entry.details["rows"] == entry.details["anonymity"]["records"] == 1


def test_a_purpose_that_names_somebody_is_refused(
    viewer: Program, project: Project, device: AppUser
) -> None:
    answer = fetch(viewer, project, "export.csv.zip", "&purpose=gọi 0912345678")

    assert (answer.status, answer.nature) == (400, "parameter.invalid")
