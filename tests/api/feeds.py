"""The OData feed of a form, as tests ask for it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from server.projects.models import Project, Role, User
from server.submissions.models import Submission
from tests import builders
from tests.api.conftest import Answer, Program

FORM = """
| survey | type         | name     | label      |
|        | text         | ten      | Tên        |
|        | integer      | so       | Số         |
|        | decimal      | ty_le    | Tỷ lệ      |
|        | dateTime     | luc      | Lúc        |
|        | geopoint     | diem     | Điểm       |
|        | geotrace     | duong    | Đường      |
|        | geoshape     | vung     | Vùng       |
|        | begin_group  | g        | Nhóm       |
|        | begin_repeat | con      | Con        |
|        | text         | ten_con  | Tên        |
|        | begin_repeat | do_choi  | Đồ chơi    |
|        | text         | ten_do   | Tên        |
|        | end_repeat   |          |            |
|        | end_repeat   |          |            |
|        | text         | sau      | Sau        |
|        | end_group    |          |            |
| settings | form_id | form_title | version |
|          | thu     | Thử        | 1       |
"""
TWO_CHILDREN = (
    "<g><con><ten_con>An</ten_con><do_choi><ten_do>Bóng</ten_do></do_choi>"
    "<do_choi><ten_do>Diều</ten_do></do_choi></con>"
    "<con><ten_con>Bình</ten_con></con><sau>&quot;hết&quot;</sau></g>"
)


def sent(project: Project, number: int | str, body: str = "") -> Submission:
    xml = (
        f"<data id='thu' version='1' xmlns:orx='http://openrosa.org/xforms'>{body}"
        f"<orx:meta><orx:instanceID>uuid:{number}</orx:instanceID></orx:meta></data>"
    )
    return builders.send(project, xml.encode(), is_derived=False)


@pytest.fixture
def lan(project: Project) -> User:
    return builders.member(project, role=Role.SUPERVISOR)


@pytest.fixture
def form(project: Project) -> None:
    builders.form(project, FORM)


class Feed:
    """The feed of the form."""

    def __init__(self, program: Program, project: Project) -> None:
        self.program = program
        self.root = f"/v1/projects/{project.pk}/forms/thu.svc"

    def ask(self, resource: str, query: str = "", **options: Any) -> Answer:
        return self.program.get(f"{self.root}{resource}?{query}", **options)

    def rows(self, resource: str = "/Submissions", query: str = "") -> list[dict[str, Any]]:
        answer = self.ask(resource, query)
        assert answer.status == 200, answer.text
        rows: list[dict[str, Any]] = answer.json["value"]
        return rows

    def ids(self, query: str = "") -> list[str]:
        return [row["__id"] for row in self.rows(query=query)]

    def next(self, answer: Answer) -> Answer:
        link = urlsplit(answer.json["@odata.nextLink"])
        return self.program.get(f"{link.path}?{link.query}")


@pytest.fixture
def feed(program: Program, project: Project, form: None) -> Feed:
    return Feed(program, project)
