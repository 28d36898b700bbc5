"""`…/indicators`, `…/indicators.csv` and `…/crosswalk`, for programs."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from server.inspections.readers import PUBLIC
from server.plans import frozen as frozen_figures
from server.plans import snapshot
from server.plans.models import Period
from server.projects import accounts
from server.projects.models import AuditEntry, Project, Role
from tests import builders
from tests.api.conftest import Program, _quick_passwords, lan, program
from tests.builders import REFORM
from tests.inspections.test_figures import project, told

__all__ = ["_quick_passwords", "lan", "program", "project"]


def path(project: Project, *, suffix: str = "", query: str = "") -> str:
    asked = "form=kt_thu&year=2026&period=h1&units_on=2026-06-12"
    return f"/v1/projects/{project.pk}/indicators{suffix}?{asked}{query}"


def supervisor(project: Project) -> Program:
    user = builders.member(project, "mai@example.org", Role.SUPERVISOR)
    opened = accounts.open_session(user.email, builders.PASSWORD)
    assert opened is not None
    return Program(opened.token)


def test_a_viewer_gets_sums_and_marks_in_place_of_small_counts(
    program: Program, project: Project
) -> None:
    told(project, "1", a3_key_f=1, a3_key=4, a5_child=2)

    answer = program.get(path(project, query="&group=type")).json

    province = answer["province"]["figures"]
    assert (province["share"]["value"], province["share"]["denominator"]) == (25, 4)
    assert province["cases"]["value"] is None
    assert province["cases"]["marks"] == {
        "value": "small",
        "numerator": "small",
        "denominator": "missing",
    }
    assert {i["code"] for i in answer["indicators"] if i["sensitive"]} == {"cases", "tips", "done"}
    assert answer["communes"][1]["figures"]["share"]["marks"]["value"] == "missing"
    assert (answer["data"], answer["k"], answer["group"]) == ("approved", 5, "type")
    assert [group["label"] for group in answer["groups"]] == ["Xã", "Phường"]


def test_who_answers_for_all_units_gets_every_count_and_that_is_logged(
    project: Project,
) -> None:
    told(project, "1", a5_child=2)
    mai = supervisor(project)

    answer = mai.get(path(project)).json

    assert answer["province"]["figures"]["cases"]["value"] == 2
    entry = AuditEntry.objects.get(action="indicators.read")
    assert (entry.object_name, entry.project_id) == ("kt_thu", project.pk)


def test_the_setting_decides_what_is_small(
    program: Program, project: Project, settings: Settings
) -> None:
    told(project, "1", a5_child=8)
    shown = program.get(path(project)).json

    settings.SMALL_CELL_K = 10

    hidden = program.get(path(project)).json
    assert shown["province"]["figures"]["cases"]["value"] == 8
    assert hidden["province"]["figures"]["cases"]["value"] is None


def test_a_spreadsheet_gets_the_same_with_a_byte_order_mark(
    program: Program, project: Project
) -> None:
    told(project, "1", a5_child=2)

    answer = program.get(path(project, suffix=".csv"))

    assert answer.text.startswith("\ufeffSTT,Mã,")
    assert answer.text.rstrip().splitlines()[-1].startswith(',,Toàn tỉnh,"1 lượt kiểm tra; Số toàn')
    assert "chi-so-kt_thu-2026-h1.csv" in answer.headers["Content-Disposition"]
    assert program.get(path(project, query="&format=csv")).text == answer.text


@pytest.mark.parametrize(
    ("query", "status", "nature"),
    [
        ("form=kt_thu&year=2026", 400, "parameter.invalid"),
        ("form=kt_thu&year=2026&period=adhoc", 400, "parameter.invalid"),
        ("form=kt_thu&year=2026&period=h1&units_on=hôm nay", 400, "parameter.invalid"),
        ("form=kt_khac&year=2026&period=h1", 404, "summary.form_unknown"),
        ("form=kt_thu&year=2026&period=h1&group=zone", 400, "summary.group_without_source"),
    ],
)
def test_what_cannot_be_had_is_said(
    program: Program, project: Project, query: str, status: int, nature: str
) -> None:
    answer = program.get(f"/v1/projects/{project.pk}/indicators?{query}")

    assert (answer.status, answer.nature) == (status, nature)


def test_nobody_outside_the_project_gets_any(stranger: Program, project: Project) -> None:
    other = builders.project("Khác")

    assert stranger.get(path(project)).status == 401
    assert supervisor(project).get(path(other)).status == 404


def test_no_address_for_viewers_tells_one_small_count_from_another(
    program: Program, project: Project
) -> None:
    def seen() -> list[str]:
        whole = f"/v1/projects/{project.pk}/summary?form=kt_thu&year=2026&on_date=2026-06-12"
        addresses = [
            *(path(project, query=f"&units_on={day}") for day in ("2024-12-31", "2026-06-12")),
            *(path(project, query=f"&group={by}") for by in ("type", "former_province")),
            path(project, query="&data=all"),
            path(project).replace("period=h1", "period=fy"),
            *(whole, whole + "&data=approved", whole + "&group=type"),
        ]
        return [program.get(address).text for address in addresses]

    def frozen() -> bytes:
        period = Period(project=project, year=2026, code="h1")
        return frozen_figures.shown(snapshot.figures(period, REFORM), "", PUBLIC)

    told(project, "1", a5_child=1, a7_recv=40, a7_done=37)
    told(project, "2", a5_child=30, a7_recv=40, a7_done=20)
    first, kept = seen(), frozen()
    # The same for the province, else in both.
    told(project, "1", edits="uuid:1-h1", a5_child=4, a7_recv=40, a7_done=38)
    told(project, "2", edits="uuid:2-h1", a5_child=27, a7_recv=40, a7_done=19)

    assert seen() == first
    assert frozen() == kept


def test_a_commune_of_today_says_what_it_was(program: Program, project: Project) -> None:
    old = [builders.commune(c, f"Xã {c}", since=None, until=REFORM) for c in ("6", "7", "8")]
    joined, east, west = (builders.commune(c, f"Xã {c}") for c in ("90", "91", "92"))
    builders.became(old[0], joined)
    builders.became(old[1], joined)
    builders.became(old[2], east, west)
    address = f"/v1/projects/{project.pk}/crosswalk?from=2024-12-31&to=2026-01-01"

    rows = {row["unit"]["name"]: row for row in program.get(address).json["communes"]}

    assert [part["name"] for part in rows["Xã 90"]["whole"]] == ["Xã 6", "Xã 7"]
    assert rows["Xã 91"]["note"] == "không so sánh được (tách địa giới)"
    assert [part["name"] for part in rows["Xã 92"]["partly"]] == ["Xã 8"]
    of_one = program.get(f"{address}&unit=8@start").json["communes"]
    assert [row["unit"]["name"] for row in of_one] == ["Xã 91", "Xã 92"]
    unknown = program.get(f"{address}&unit=8@2019-01-01")
    assert (unknown.status, unknown.nature) == (404, "communes.unit_unknown")
    assert program.get(address.replace("from", "of")).nature == "parameter.invalid"
