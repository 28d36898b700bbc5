"""Names of questions as OData spells them."""

from __future__ import annotations

from server.projects.models import Project
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
