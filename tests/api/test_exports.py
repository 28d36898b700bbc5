"""`submissions.csv.zip` as scripts written for ODK Central read it."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from django.test import Client

from server.projects import accounts
from server.projects.models import Project, Role
from server.submissions.models import ReviewState, Submission
from tests import builders
from tests.api.conftest import Program
from tests.builders import GOOD, send

FORM = """
| survey   | type                     | name   | label::Tiếng Việt (vi) |
|          | begin_group              | g      | Chung                  |
|          | text                     | note   | Ghi chú                |
|          | geopoint                 | place  | Tọa độ                 |
|          | select_multiple colours  | colour | Màu                    |
|          | end_group                |        |                        |
|          | image                    | photo  | Ảnh                    |
|          | begin_group              | h      | Hộ                     |
|          | begin_repeat             | person | Người                  |
|          | text                     | name   | Tên                    |
|          | begin_repeat             | toy    | Đồ chơi                |
|          | text                     | what   | Cái gì                 |
|          | end_repeat               |        |                        |
|          | end_repeat               |        |                        |
|          | end_group                |        |                        |
| choices  | list_name | name  | label::Tiếng Việt (vi) |
|          | colours   | do    | Đỏ                     |
|          | colours   | xanh  | Xanh                   |
| settings | form_id | form_title | version | default_language |
|          | nha     | Nhà        | {version} | Tiếng Việt (vi)  |
"""
ABOUT = [
    "KEY",
    "SubmitterID",
    "SubmitterName",
    "AttachmentsPresent",
    "AttachmentsExpected",
    "Status",
    "ReviewState",
    "DeviceID",
    "Edits",
    "FormVersion",
]
ROW = (
    "<g><note>{note}</note><place>21.5 105.8 0 4.5</place><colour>xanh</colour></g>"
    "<photo>1.jpg</photo>"
    "<h><person><name>Lan</name><toy><what>bóng</what></toy><toy><what>diều</what></toy></person>"
    "<person><name>Hà</name><toy><what>xe</what></toy></person></h>"
)


def filled(
    instance_id: str = "uuid:1",
    body: str = ROW,
    *,
    note: str = "Tốt",
    version: str = "1",
    deprecated_id: str = "",
    log: str = "",
) -> bytes:
    old = f"<deprecatedID>{deprecated_id}</deprecatedID>" if deprecated_id else ""
    audit = f"<audit>{log}</audit>" if log else ""
    return (
        f"<data id='nha' version='{version}'>{body.format(note=note)}"
        f"<meta><instanceID>{instance_id}</instanceID>{old}{audit}</meta></data>"
    ).encode()


@dataclass(frozen=True, slots=True)
class Download:
    """A file that came."""

    name: str
    content: bytes

    def member(self, name: str) -> bytes:
        with zipfile.ZipFile(io.BytesIO(self.content)) as archive:
            assert archive.testzip() is None
            return archive.read(name)

    def names(self) -> list[str]:
        with zipfile.ZipFile(io.BytesIO(self.content)) as archive:
            return archive.namelist()

    def table(self, name: str) -> list[list[str]]:
        return list(csv.reader(io.StringIO(self.member(name).decode(), newline="")))

    def rows(self, name: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.member(name).decode(), newline="")))


@dataclass(frozen=True, slots=True)
class Desk:
    """A supervisor's script."""

    project: Project
    program: Program

    def path(self, query: str = "", form_id: str = "nha") -> str:
        return f"/v1/projects/{self.project.pk}/forms/{form_id}/submissions.csv.zip?{query}"

    def download(self, query: str = "", form_id: str = "nha") -> Download:
        return self.fetch(self.path(query, form_id))

    def fetch(self, path: str) -> Download:
        headers = {"Authorization": f"Bearer {self.program.token}", "Accept-Encoding": "gzip"}
        response = Client().get(path, headers=headers)
        assert response.status_code == 200
        return Download(response.headers["Content-Disposition"], response.getvalue())


def program_of(project: Project, email: str, role: Role) -> Program:
    opened = accounts.open_session(builders.member(project, email, role).email, builders.PASSWORD)
    assert opened is not None
    return Program(opened.token)


@pytest.fixture
def desk(project: Project) -> Desk:
    builders.form(project, FORM.format(version="1"))
    return Desk(project, program_of(project, "hoa@example.org", Role.SUPERVISOR))


def sent(desk: Desk, xml: bytes, files: Mapping[str, bytes] | None = None) -> Submission:
    return send(desk.project, xml, files, is_derived=False)


@pytest.mark.row("RS36")
def test_a_record_its_repeats_and_its_photo_come_as_central_lays_them_out(desk: Desk) -> None:
    submission = sent(desk, filled(), {"1.jpg": b"photo"})

    archive = desk.download()

    assert archive.name == 'attachment; filename="nha.zip"'
    assert archive.names() == ["nha.csv", "nha-person.csv", "nha-toy.csv", "media/1.jpg"]
    heading, row = archive.table("nha.csv")
    place = [f"g-place-{part}" for part in ("Latitude", "Longitude", "Altitude", "Accuracy")]
    fields = ["g-note", *place, "g-colour", "photo", "meta-instanceID"]
    assert heading == ["SubmissionDate", *fields, *ABOUT]
    at = submission.created_at
    assert row[0] == f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
    assert row[1:9] == ["Tốt", "21.5", "105.8", "0", "4.5", "xanh", "1.jpg", "uuid:1"]
    assert row[9:] == ["uuid:1", "", "", "1", "1", "", "", "collect:1", "0", "1"]
    assert archive.member("media/1.jpg") == b"photo"


@pytest.mark.row("RS36")
def test_a_repeat_says_where_it_stands_also_within_another(desk: Desk) -> None:
    sent(desk, filled())

    archive = desk.download()

    assert archive.table("nha-person.csv") == [
        ["name", "PARENT_KEY", "KEY"],
        ["Lan", "uuid:1", "uuid:1/h/person[1]"],
        ["Hà", "uuid:1", "uuid:1/h/person[2]"],
    ]
    assert archive.table("nha-toy.csv") == [
        ["what", "PARENT_KEY", "KEY"],
        ["bóng", "uuid:1/h/person[1]", "uuid:1/h/person[1]/toy[1]"],
        ["diều", "uuid:1/h/person[1]", "uuid:1/h/person[1]/toy[2]"],
        ["xe", "uuid:1/h/person[2]", "uuid:1/h/person[2]/toy[1]"],
    ]


@pytest.mark.row("RS36")
def test_the_newest_record_comes_first(desk: Desk) -> None:
    sent(desk, filled("uuid:1"))
    sent(desk, filled("uuid:2"))

    assert [row["KEY"] for row in desk.download().rows("nha.csv")] == ["uuid:2", "uuid:1"]


@pytest.mark.row("RS36")
def test_the_records_can_be_had_without_their_repeats(desk: Desk) -> None:
    sent(desk, filled(), {"1.jpg": b"photo"})

    alone = desk.fetch(desk.path().replace(".csv.zip", ".csv"))

    assert alone.name == 'attachment; filename="nha.csv"'
    assert alone.content == desk.download().member("nha.csv")


@pytest.mark.row("RS37")
def test_without_records_there_are_headings(desk: Desk) -> None:
    archive = desk.download()

    assert archive.names() == ["nha.csv", "nha-person.csv", "nha-toy.csv"]
    assert [len(archive.table(name)) for name in archive.names()] == [1, 1, 1]


@pytest.mark.row("RS38")
def test_choices_can_be_split_over_columns(desk: Desk) -> None:
    sent(desk, filled())

    (row,) = desk.download("splitSelectMultiples=True").rows("nha.csv")

    assert [row[name] for name in ("g-colour", "g-colour/do", "g-colour/xanh")] == [
        "xanh",
        "0",
        "1",
    ]


@pytest.mark.row("RS38")
def test_names_of_groups_can_be_left_out(desk: Desk) -> None:
    sent(desk, filled())

    (row,) = desk.download("groupPaths=false").rows("nha.csv")

    assert (row["note"], row["place-Latitude"]) == ("Tốt", "21.5")


@pytest.mark.row("RS38")
def test_questions_of_earlier_versions_come_when_asked_for(desk: Desk) -> None:
    sent(desk, filled())
    later = FORM.replace("| text                     | note ", "| text | remark ")
    builders.form(desk.project, later.format(version="2"))

    now, ever = desk.download(), desk.download("deletedFields=true")

    assert now.table("nha.csv")[0][1] == "g-remark"
    assert "g-note" not in now.table("nha.csv")[0]
    assert [row["g-note"] for row in ever.rows("nha.csv")] == ["Tốt"]


@pytest.mark.row("RS38")
def test_files_can_be_left_out(desk: Desk) -> None:
    sent(desk, filled(), {"1.jpg": b"photo"})

    archive = desk.download("attachments=false")

    assert archive.name == 'attachment; filename="nha.csv.zip"'
    assert archive.names() == ["nha.csv", "nha-person.csv", "nha-toy.csv"]


def test_two_files_of_one_name_are_both_there(desk: Desk) -> None:
    sent(desk, filled("uuid:1"), {"1.jpg": b"one"})
    sent(desk, filled("uuid:2"), {"1.jpg": b"two"})

    archive = desk.download()

    assert archive.member("media/1.jpg") == b"two"
    assert archive.member("media/uuid_1/1.jpg") == b"one"


@pytest.mark.row("RS39")
def test_logs_of_several_records_become_one_table(desk: Desk) -> None:
    log = b"event,node,start,end\nquestion,/data/g/note,1,2\nend of form,,3\n"
    wide = b"event,node,start,end,old-value,change-reason\nquestion,/data/g/note,1,2,a,=b\n"
    sent(desk, filled("uuid:1", log="audit.csv"), {"audit.csv": log})
    sent(desk, filled("uuid:2", log="audit.csv"), {"audit.csv": wide})

    archive = desk.download()

    assert "media/audit.csv" not in archive.names()
    heading, *events = archive.table("nha - audit.csv")
    assert heading[:5] == ["instance ID", "event", "node", "start", "end"]
    assert heading[8:] == ["old-value", "new-value", "user", "change-reason"]
    assert [event[:5] for event in events] == [
        ["uuid:2", "question", "/data/g/note", "1", "2"],
        ["uuid:1", "question", "/data/g/note", "1", "2"],
        ["uuid:1", "end of form", "", "3", ""],
    ]
    assert (events[0][8], events[0][11]) == ("a", "'=b")


@pytest.mark.row("RS40")
def test_an_edited_record_keeps_its_key_and_first_version(desk: Desk) -> None:
    sent(desk, filled())
    builders.form(desk.project, FORM.format(version="2"))
    sent(desk, filled("uuid:9", note="Sửa", version="2", deprecated_id="uuid:1"))

    (row,) = desk.download().rows("nha.csv")

    assert (row["KEY"], row["meta-instanceID"], row["g-note"]) == ("uuid:1", "uuid:9", "Sửa")
    assert (row["Edits"], row["FormVersion"], row["ReviewState"]) == ("1", "1", "edited")


def test_a_deleted_record_is_not_in_it(desk: Desk) -> None:
    submission = sent(desk, filled())
    Submission.objects.filter(pk=submission.pk).update(deleted_at=submission.created_at)

    assert desk.download().rows("nha.csv") == []


def test_no_answer_becomes_a_formula_and_numbers_stay(desk: Desk) -> None:
    body = "<g><note>{note}</note><place>-21.5 -105.8 -3 4.5</place></g>"
    sent(desk, filled("uuid:1", body, note=" =HYPERLINK(1)"))
    sent(desk, filled("uuid:2", body, note="-12.5"))

    rows = desk.download().rows("nha.csv")

    assert [row["g-note"] for row in rows] == ["-12.5", "' =HYPERLINK(1)"]
    assert [row["g-place-Latitude"] for row in rows] == ["-21.5", "-21.5"]


@pytest.mark.row("EN08")
def test_an_encrypted_record_says_that_it_cannot_be_read(desk: Desk) -> None:
    def sealed(number: int) -> bytes:
        return (
            "<data xmlns='http://www.opendatakit.org/xforms/encrypted' id='nha' version='1'"
            " encrypted='yes'><base64EncryptedKey>AA==</base64EncryptedKey>"
            "<encryptedXmlFile>submission.xml.enc</encryptedXmlFile>"
            "<meta xmlns='http://openrosa.org/xforms'>"
            f"<instanceID>uuid:{number}</instanceID></meta></data>"
        ).encode()

    sent(desk, sealed(1), {"submission.xml.enc": b"x"})
    sent(desk, sealed(2))

    rows = desk.download().rows("nha.csv")

    assert [row["Status"] for row in rows] == ["missing encrypted form data", "not decrypted"]
    assert {row["g-note"] for row in rows} == {""}


def test_filters_narrow_it(project: Project, desk: Desk) -> None:
    builders.form(project)
    builders.commune("05665", "Xã Đồng Hỷ")
    bad = {**GOOD, "h/h_commune": "05665", "a/a5_child": "3", "h/h_date": "2026-05-21"}
    send(project, builders.instance(GOOD, instance_id="uuid:1"))
    send(project, builders.instance(bad, instance_id="uuid:2"))
    Submission.objects.filter(instance_id="uuid:1").update(review_state=ReviewState.APPROVED)

    def keys(query: str) -> list[str]:
        return [row["KEY"] for row in desk.download(query, "kt_thu").rows("kt_thu.csv")]

    assert keys("") == keys("state=all") == ["uuid:2", "uuid:1"]
    assert keys("state=approved,hasIssues") == ["uuid:1"]
    assert keys("commune=05665@2025-07-01") == ["uuid:2"]
    assert keys("finding=A5:khong_dat") == ["uuid:2"]
    assert keys("visited_to=2026-05-20&year=2026&period=h1") == ["uuid:1"]
    assert keys("flag=unit_unknown") == ["uuid:1"]
    assert keys("%24filter=__system/reviewState eq null") == ["uuid:2"]
    assert keys("%24filter=__id eq 'uuid:1' and year(__system/submissionDate) gt 2020") == [
        "uuid:1"
    ]
    assert keys("received_to=2020-01-01") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("state=duyet", "state"),
        ("comune=05665", "comune"),
        ("%24filtr=x", "$filtr"),
        ("commune=05665", "commune"),
        ("finding=A5:tot", "finding"),
        ("flag=unit_unknow", "flag"),
        ("visited_from=2026-02-01&visited_to=2026-01-01", "visited_to"),
        ("groupPaths=maybe", "groupPaths"),
    ],
)
def test_what_cannot_be_asked_is_refused(desk: Desk, query: str, field: str) -> None:
    answer = desk.program.get(desk.path(query))

    assert (answer.status, answer.nature) == (400, "parameter.invalid")
    assert answer.json["details"]["field"] == field


def test_a_filter_of_odata_s_is_refused_as_odata_refuses_it(desk: Desk, project: Project) -> None:
    builders.form(project)

    malformed = desk.program.get(desk.path("%24filter=x", "kt_thu"))
    unknown = desk.program.get(desk.path("%24filter=a eq 1", "kt_thu"))

    assert (malformed.json["code"], unknown.json["code"]) == (400.18, 501.5)


def test_it_is_for_those_who_review(desk: Desk, program: Program) -> None:
    assert program.get(desk.path()).nature == "export.profile_refused"  # a viewer
    assert desk.program.get("/v1/projects/0/forms/nha/submissions.csv.zip").status == 404
    assert desk.program.get(desk.path(form_id="khong")).nature == "summary.form_unknown"


def test_a_supervisor_of_some_communes_gets_theirs(project: Project, desk: Desk) -> None:
    builders.form(project)
    commune = builders.commune("05665", "Xã Đồng Hỷ")
    send(project, builders.instance(GOOD, instance_id="uuid:1"))
    here = {**GOOD, "h/h_commune": "05665"}
    send(project, builders.instance(here, instance_id="uuid:2"))
    membership = project.membership_set.get(role=Role.SUPERVISOR)
    membership.commune_uids = [commune.uid]
    membership.save()

    rows = desk.download("", "kt_thu").rows("kt_thu.csv")

    assert [row["KEY"] for row in rows] == ["uuid:2"]
