"""Names of questions as OData spells them."""

from __future__ import annotations

import re

import pytest

from server.forms.fields import odata_names
from server.forms.schema import Field, Schema
from server.projects.models import Project
from server.reports.odata.metadata import edmx
from server.reports.odata.tables import tables, tree
from server.reports.odata.values import writer
from tests import builders
from tests.api.feeds import Feed
from tests.api.feeds import feed as feed
from tests.api.feeds import form as form
from tests.api.feeds import lan as lan


def test_questions_that_differ_in_vietnamese_letters_alone_hide_none(
    feed: Feed, project: Project
) -> None:
    builders.form(
        project,
        """
| survey | type         | name | label |
|        | text         | số   | Số    |
|        | text         | sổ   | Sổ    |
|        | begin_repeat | hộ   | Hộ    |
|        | text         | tên  | Tên   |
|        | end_repeat   |      |       |
|        | begin_repeat | họ   | Họ    |
|        | text         | tên  | Tên   |
|        | end_repeat   |      |       |
| settings | form_id | form_title | version |
|          | dau     | Dấu        | 1       |
""",
    )
    xml = (
        "<data id='dau' version='1'><số>1</số><sổ>2</sổ><hộ><tên>A</tên></hộ><họ><tên>B</tên></họ>"
        "<meta><instanceID>uuid:d</instanceID></meta></data>"
    )
    builders.send(project, xml.encode(), is_derived=False)
    form = f"/v1/projects/{project.pk}/forms/dau"

    (row,) = feed.program.get(f"{form}.svc/Submissions?$expand=*").json["value"]
    metadata = feed.program.get(f"{form}.svc/$metadata").text
    fields = feed.program.get(f"{form}/fields?odata=true").json

    assert (row["s_"], row["s__2"]) == ("1", "2")
    assert (row["h_"][0]["t_n"], row["h__2"][0]["t_n"]) == ("A", "B")
    assert '<Property Name="s__2" Type="Edm.String"/>' in metadata
    assert '<EntityType Name="Submissions.h__2">' in metadata
    (other,) = feed.program.get(f"{form}.svc/Submissions.h__2").json["value"]
    assert other["t_n"] == "B"
    assert [each["path"] for each in fields][:5] == ["/s_", "/s__2", "/h_", "/h_/t_n", "/h__2"]


def test_no_question_hides_what_the_feed_says_of_itself() -> None:
    assert odata_names(["__id", "__id_2", "__system"]) == {
        "__id": "__id_2",
        "__id_2": "__id_2_2",
        "__system": "__system_2",
    }


def test_no_group_is_called_as_a_table_is() -> None:
    root = tree(Schema((Field("Submissions/a", "a", "string"), Field("Communes/b", "b", "string"))))

    told = edmx("f", {each.name: each for each in tables(root)}, {"Communes": {"code": "x"}})

    types = re.findall('<(?:Entity|Complex)Type Name="([^"]+)"', told)
    assert sorted(types) == ["Communes", "Submissions", "_Communes", "_Submissions", "metadata"]
    assert 'Name="Communes" Type="org.opendatakit.user.f._Communes"' in told


@pytest.mark.parametrize(
    ("kind", "text", "told"),
    [
        ("date", "2026-02-28", '"2026-02-28"'),
        ("date", "2026-02-30", "null"),
        ("date", "20260228", "null"),
        ("dateTime", "2026-02-28T08:00:00.5+07", '"2026-02-28T08:00:00.5+07:00"'),
        ("dateTime", "2026-02-28T08:00+0730", '"2026-02-28T08:00+07:30"'),
        ("dateTime", "1899-12-31T00:00:00Z", '"1899-12-31T00:00:00Z"'),
        ("dateTime", "2026-13-01T00:00", "null"),
        ("dateTime", "2026-02-28", "null"),
        ("boolean", "true", "true"),
        ("boolean", "0", "false"),
        ("boolean", "có", "null"),
        ("geotrace", "21.5 105.8 0 0", "null"),
        ("geoshape", "21.5 105.8;21.6 105.9", "null"),
    ],
)
def test_an_answer_is_of_the_type_that_the_metadata_says(kind: str, text: str, told: str) -> None:
    assert writer(kind, wkt=False)(text) == told
