"""The OData feed, row by row of the conformance table (RS22 to RS35)."""

from __future__ import annotations

import datetime as dt
from urllib.parse import quote, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from server.projects import accounts
from server.projects.models import Membership, Project, Role, User
from server.submissions.models import Submission
from tests import builders
from tests.api.conftest import Program
from tests.api.feeds import TWO_CHILDREN, Feed, sent
from tests.api.feeds import feed as feed
from tests.api.feeds import form as form
from tests.api.feeds import lan as lan
from tests.builders import GOOD


@pytest.mark.row("RS22")
def test_submissions_come_newest_first_with_groups_and_links(feed: Feed, project: Project) -> None:
    sent(project, 1, "<so>1</so>")
    sent(project, 2, f"<ten>Đỗ Thị Lan</ten><so>007</so><ty_le>1.50</ty_le>{TWO_CHILDREN}")

    answer = feed.ask("/Submissions")

    assert answer.headers["OData-Version"] == "4.0"
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.json["@odata.context"].endswith(".svc/$metadata#Submissions")
    new, old = answer.json["value"]
    assert (new["__id"], old["__id"]) == ("uuid:2", "uuid:1")
    assert (new["ten"], new["so"], new["ty_le"]) == ("Đỗ Thị Lan", 7, 1.5)
    assert new["g"] == {
        "con@odata.navigationLink": "Submissions('uuid%3A2')/g/con",
        "sau": '"hết"',
    }
    assert new["meta"]["instanceID"] == "uuid:2"
    system = new["__system"]
    assert dt.datetime.fromisoformat(system.pop("submissionDate")) <= timezone.now()
    assert system == {
        "updatedAt": None,
        "submitterId": None,
        "submitterName": None,
        "attachmentsPresent": 0,
        "attachmentsExpected": 0,
        "status": None,
        "reviewState": None,
        "deviceId": "collect:1",
        "edits": 0,
        "formVersion": "1",
        "deletedAt": None,
    }


@pytest.mark.row("RS23")
def test_a_repeat_is_a_table_whose_rows_name_those_above(feed: Feed, project: Project) -> None:
    sent(project, 1, TWO_CHILDREN)
    sent(project, 2)

    an, binh = feed.rows("/Submissions.g.con")
    toys = feed.rows("/Submissions.g.con.do_choi")

    assert [an["ten_con"], binh["ten_con"]] == ["An", "Bình"]
    assert an["__Submissions-id"] == binh["__Submissions-id"] == "uuid:1"
    assert len({an["__id"], binh["__id"]}) == 2
    assert [toy["ten_do"] for toy in toys] == ["Bóng", "Diều"]
    assert {toy["__Submissions-g-con-id"] for toy in toys} == {an["__id"]}
    assert feed.rows("/" + an["do_choi@odata.navigationLink"]) == toys
    assert feed.rows("/" + binh["do_choi@odata.navigationLink"]) == []
    assert feed.rows("/Submissions('uuid:1')/g/con") == [an, binh]
    assert feed.rows(f"/Submissions('uuid:1')/g/con('{an['__id']}')") == [an]
    assert feed.ask("/Submissions.con").status == 404


@pytest.mark.row("RS24")
def test_expanding_puts_all_repeats_into_the_row(feed: Feed, project: Project) -> None:
    sent(project, 1, TWO_CHILDREN)
    sent(project, 2)

    empty, full = feed.rows(query="$expand=*")

    assert empty["g"]["con"] == []
    an, binh = full["g"]["con"]
    assert [toy["ten_do"] for toy in an["do_choi"]] == ["Bóng", "Diều"]
    assert (binh["ten_con"], binh["do_choi"]) == ("Bình", [])
    assert an["__id"] == feed.rows("/Submissions.g.con")[0]["__id"]


@pytest.mark.row("RS25")
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("$expand=g", 501.6),
        ("$apply=x", 501.1),
        ("limit=2", 501.1),
        ("$select=ten&$expand=*", 501.11),
        ("$orderby=__system/updatedAt&$skiptoken=x", 501.1),
        ("$orderby=ten", 501.5),
        ("$select=khac", 400.23),
        ("$select=g/con/ten_con", 400.24),
        ("$top=-1", 400.11),
        ("$count=co", 400.11),
        ("$skiptoken=xyz", 400.11),
    ],
)
def test_what_the_feed_cannot_do_is_told_as_central_tells_it(
    feed: Feed, query: str, code: float
) -> None:
    answer = feed.ask("/Submissions", query)

    assert (answer.status, answer.json["code"]) == (int(code), code)


@pytest.mark.row("RS26")
def test_a_page_counts_all_and_names_the_next(feed: Feed, project: Project) -> None:
    for number in range(5):
        sent(project, number, TWO_CHILDREN)

    first = feed.ask("/Submissions", "$top=2&$count=true&$select=__id")
    second = feed.next(first)
    third = feed.next(second)

    assert first.json["@odata.count"] == third.json["@odata.count"] == 5
    assert [row["__id"] for page in (first, second, third) for row in page.json["value"]] == [
        f"uuid:{number}" for number in (4, 3, 2, 1, 0)
    ]
    assert "@odata.nextLink" not in third.json
    assert feed.ids("$skip=3") == ["uuid:1", "uuid:0"]
    assert feed.ask("/Submissions", "$top=0&$count=true").json["value"] == []
    assert "@odata.nextLink" not in feed.ask("/Submissions", "$top=5").json


@pytest.mark.row("RS26")
def test_pages_of_a_repeat_begin_within_a_submission(feed: Feed, project: Project) -> None:
    for number in range(3):
        sent(project, number, TWO_CHILDREN)
    whole = feed.rows("/Submissions.g.con")

    first = feed.ask("/Submissions.g.con", "$top=3&$count=true")
    second = feed.next(first)

    assert first.json["@odata.count"] == 6
    assert [*first.json["value"], *second.json["value"]] == whole
    assert "@odata.nextLink" not in second.json
    assert feed.rows("/Submissions.g.con", "$skip=3&$top=2") == whole[3:5]


@pytest.mark.row("RS27")
@pytest.mark.parametrize("table", ["Submissions", "Submissions.g.con"])
def test_pages_neither_repeat_nor_leave_out_while_rows_come_and_go(
    feed: Feed, project: Project, table: str
) -> None:
    for number in range(4):
        sent(project, number, TWO_CHILDREN)
    whole = [row["__id"] for row in feed.rows(f"/{table}")]

    answer = feed.ask(f"/{table}", "$top=3")
    told = [row["__id"] for row in answer.json["value"]]
    last = answer.json["value"][-1]
    sent(project, 9, TWO_CHILDREN)
    gone = last.get("__Submissions-id", last["__id"])
    Submission.objects.filter(instance_id=gone).update(deleted_at=timezone.now())
    while "@odata.nextLink" in answer.json:
        answer = feed.next(answer)
        told += [row["__id"] for row in answer.json["value"]]

    lost = set(whole) - set(told)
    assert len(told) == len(set(told))
    assert lost <= {each for each in whole if each not in told[:3]} and len(lost) <= 1
    assert told == [each for each in whole if each not in lost]


@pytest.mark.row("RS26")
@pytest.mark.parametrize("table", ["Submissions", "Submissions.g.con"])
def test_what_a_token_follows_is_not_skipped_again(
    feed: Feed, project: Project, table: str
) -> None:
    for number in range(3):
        sent(project, number, TWO_CHILDREN)
    whole = feed.rows(f"/{table}")

    first = feed.ask(f"/{table}", "$top=1&$skip=1")
    link = urlsplit(first.json["@odata.nextLink"])
    second = feed.program.get(f"{link.path}?{link.query}&$skip=1")

    assert [*first.json["value"], *second.json["value"]] == whole[1:3]


def test_only_what_is_selected_comes(feed: Feed, project: Project) -> None:
    sent(project, 1, f"<so>5</so>{TWO_CHILDREN}")

    assert feed.rows(query="$select=so,g") == [{"so": 5, "g": {"sau": '"hết"'}}]
    assert feed.rows(query="$select=__id,__system/edits,g/sau") == [
        {"__id": "uuid:1", "__system": {"edits": 0}, "g": {"sau": '"hết"'}}
    ]
    assert [row["ten_con"] for row in feed.rows("/Submissions.g.con", "$select=ten_con")] == [
        "An",
        "Bình",
    ]
    link = {"con@odata.navigationLink": "Submissions('uuid%3A1')/g/con"}
    assert feed.rows(query="$select=g/con") == [{"g": link}]
    above = "__Submissions-g-con-id"
    toys = feed.rows("/Submissions.g.con.do_choi")
    keys = feed.rows("/Submissions.g.con.do_choi", f"$select={above}")
    assert keys == [{above: toy[above]} for toy in toys]
    assert feed.ask("/Submissions.g.con", f"$select={above}").json["code"] == 400.23


@pytest.mark.row("RS30")
def test_places_are_geojson_or_wkt_longitude_first(feed: Feed, project: Project) -> None:
    line = "21.5 105.8 30 4;21.6 105.9 0 0"
    sent(
        project,
        1,
        f"<diem>21.59 105.84 32.5 4.7</diem><duong>{line}</duong>"
        f"<vung>{line};21.7 106 1 1;21.5 105.8 30 4</vung>",
    )

    (drawn,) = feed.rows()
    (said,) = feed.rows(query="$wkt=true")

    assert drawn["diem"] == {
        "type": "Point",
        "coordinates": [105.84, 21.59, 32.5],
        "properties": {"accuracy": 4.7},
    }
    assert drawn["duong"]["coordinates"] == [[105.8, 21.5, 30], [105.9, 21.6, 0]]
    assert drawn["vung"]["type"] == "Polygon"
    assert len(drawn["vung"]["coordinates"][0]) == 4
    assert said["diem"] == "POINT (105.84 21.59 32.5)"
    assert said["duong"] == "LINESTRING (105.8 21.5 30,105.9 21.6 0)"
    assert said["vung"].startswith("POLYGON ((105.8 21.5 30,")


@pytest.mark.row("RS31")
def test_what_is_missing_or_of_another_type_is_null(feed: Feed, project: Project) -> None:
    sent(project, 1)
    sent(
        project, 2, "<so>năm</so><ty_le>NaN</ty_le><diem>x</diem><luc>2026-05-04T08:00:00+07</luc>"
    )

    wrong, blank = feed.rows()

    for name in ("ten", "so", "ty_le", "luc", "diem", "duong", "vung"):
        assert blank[name] is None
    assert blank["g"]["sau"] is None
    assert (wrong["so"], wrong["ty_le"], wrong["diem"]) == (None, None, None)
    assert wrong["luc"] == "2026-05-04T08:00:00+07:00"


@pytest.mark.row("RS32")
def test_the_service_document_and_the_metadata_name_every_table(feed: Feed) -> None:
    service, metadata = feed.ask(""), feed.ask("/$metadata")

    assert feed.ask("/").json == service.json
    tables = ["Submissions", "Submissions.g.con", "Submissions.g.con.do_choi"]
    assert [table["name"] for table in service.json["value"]][:3] == tables
    assert service.headers["OData-Version"] == "4.0"
    assert metadata.headers["Content-Type"].startswith("application/xml")
    for name in tables:
        assert f'<EntityType Name="{name}">' in metadata.text
    assert '<Property Name="so" Type="Edm.Int64"/>' in metadata.text
    assert '<Property Name="__Submissions-g-con-id" Type="Edm.String"/>' in metadata.text
    assert 'Type="Collection(org.opendatakit.user.thu.Submissions.g.con)"' in metadata.text


@pytest.mark.row("RS33")
def test_json_is_not_to_be_had_as_xml(feed: Feed) -> None:
    for resource in ("", "/Submissions", "/Submissions('uuid:1')"):
        answer = feed.ask(resource, headers={"Accept": "application/atom+xml"})
        assert (answer.status, answer.json["code"]) == (406, 406.1)
    asks = {"Accept": "application/json;odata.metadata=minimal;q=1.0,application/json;q=0.9"}
    assert feed.ask("/Submissions", headers=asks).status == 200
    assert feed.ask("/Submissions", headers={"Accept": "text/plain"}).status == 200
    assert feed.ask("/$metadata", headers={"Accept": "application/json"}).json["code"] == 406.1
    assert feed.ask("/Submissions", "$format=json").status == 200
    assert feed.ask("/Submissions", "$format=atom").json["code"] == 406.1


@pytest.mark.row("RS34")
def test_one_row_by_its_id_however_it_is_encoded(feed: Feed, project: Project) -> None:
    sent(project, 1)
    sent(project, 2)

    for spelled in ("'uuid:2'", "'uuid%3A2'", "%27uuid%3A2%27"):
        (row,) = feed.rows(f"/Submissions({spelled})")
        assert row["__id"] == "uuid:2"
    assert feed.ask("/Submissions('uuid:3')").status == 404


def test_an_id_may_hold_what_stands_between_names(feed: Feed, project: Project) -> None:
    odd = "ế/b')/c('d%2F+ ?#"
    sent(project, odd)
    key = f"uuid:{odd}".replace("'", "''")

    for spelled in (quote(key), quote(key, safe="")):
        (row,) = feed.rows(f"/Submissions('{spelled}')")
        assert row["__id"] == f"uuid:{odd}"
        assert feed.rows(f"/{row['g']['con@odata.navigationLink']}") == []


@pytest.mark.parametrize(
    "resource",
    ["/Submissions('", "/Submissions('')", "/Submissions('%00')", "/Submissions('uuid:1')/g"],
)
def test_an_address_that_names_no_table_is_404(feed: Feed, project: Project, resource: str) -> None:
    sent(project, 1)

    assert feed.ask(resource).json["code"] == 404.1


@pytest.mark.row("RS35")
def test_what_was_deleted_comes_only_when_it_is_asked_for(feed: Feed, project: Project) -> None:
    sent(project, 1)
    sent(project, 2)
    Submission.objects.filter(instance_id="uuid:1").update(deleted_at=timezone.now())

    assert feed.ids() == ["uuid:2"]
    assert feed.ids(f"$filter={quote('__system/deletedAt ne null')}") == ["uuid:1"]
    assert feed.ask("/Submissions('uuid:1')").status == 404


def test_an_edit_shows_what_counts_now_under_the_first_id(
    feed: Feed, project: Project, lan: User
) -> None:
    builders.form(project)
    builders.send(project, builders.instance(GOOD), {})
    edit = {**GOOD, "a/a3_key_f": "7"}
    builders.send(
        project, builders.instance(edit, instance_id="uuid:2", deprecated_id="uuid:1"), {}
    )
    feed.root = feed.root.replace("thu.svc", "kt_thu.svc")

    (row,) = feed.rows()

    assert (row["__id"], row["meta"]["instanceID"]) == ("uuid:1", "uuid:2")
    assert (row["a"]["a3_key_f"], row["__system"]["edits"]) == (7, 1)
    assert row["__system"]["reviewState"] == "edited"


@pytest.mark.row("EN10")
def test_what_cannot_be_decrypted_says_so(feed: Feed, project: Project) -> None:
    sealed = (
        b"<data id='thu' version='1' encrypted='yes' xmlns='http://www.opendatakit.org/xforms/encrypted'>"
        b"<base64EncryptedKey>a</base64EncryptedKey><meta xmlns='http://openrosa.org/xforms'>"
        b"<instanceID>uuid:9</instanceID></meta>"
        b"<encryptedXmlFile>submission.xml.enc</encryptedXmlFile></data>"
    )
    builders.send(project, sealed, is_derived=False)
    (missing,) = feed.rows()
    builders.send(project, sealed, {"submission.xml.enc": b"x"}, is_derived=False)
    (there,) = feed.rows(query="$expand=*")

    assert missing["__system"]["status"] == "missingEncryptedFormData"
    assert there["__system"]["status"] == "notDecrypted"
    assert there["__system"]["attachmentsPresent"] == 1
    assert [list(row) for row in (missing, there)] == [["__id", "__system"]] * 2
    assert feed.rows("/Submissions.g.con") == []


def test_only_those_who_answer_for_the_submissions_read_them(
    feed: Feed, program: Program, stranger: Program, project: Project, lan: User
) -> None:
    sent(project, 1)
    other = accounts.create_project("Cao Bằng")
    mine = Membership.objects.filter(user=lan, project=project)

    assert stranger.get(f"{feed.root}/Submissions").status == 401
    for resource in ("", "/$metadata", "/Submissions"):
        assert program.get(f"/v1/projects/{other.pk}/forms/thu.svc{resource}").status == 404
    mine.update(commune_uids=["05665@2025-07-01"])
    assert feed.ids() == []
    mine.update(role=Role.VIEWER)
    assert feed.ask("/Submissions").status == 404


def test_a_page_costs_the_same_questions_however_many_rows_it_has(
    feed: Feed, project: Project
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            feed.rows(query="$top=100&$expand=*&$count=true")
        return len(queries)

    sent(project, 0, TWO_CHILDREN)
    asked()  # learns what the form asks
    one = asked()
    for number in range(1, 6):
        sent(project, number, TWO_CHILDREN)

    assert asked() == one
