"""The indicator table: what is added up, and what each reader gets of sensitive counts."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from server.inspections import patterns
from server.inspections.figures import Asked, IndicatorsMissing, IndicatorTable, figures
from server.inspections.groups import GroupUnknown, GroupWithoutSource
from server.inspections.printed import Printed
from server.inspections.readers import OPERATOR, PUBLIC, Reader, reader
from server.inspections.sensitive import NO_COUNTS, NOT_REVIEWED, NOT_TOGETHER
from server.inspections.summary import PeriodUnknown, published_form
from server.projects.models import Membership, Project, Role
from server.submissions.models import ReviewState, Submission
from tests import builders
from tests.builders import FORM, GOOD, REFORM

TODAY, BEFORE = dt.date(2026, 6, 12), dt.date(2024, 12, 31)

_EVIDENCE = "|          | select_one ev4    | a3_ev "
SURVEY = FORM.rstrip().replace(
    _EVIDENCE,
    "|          | integer | a3_key | Lãnh đạo | | |\n"
    "|          | decimal | a7_recv | Tin báo | | |\n"
    f"|          | integer | a7_done | Đã xử lý | | |\n{_EVIDENCE}",
)
COUNTED = (
    SURVEY
    + """
| indicators | code  | label     | value    | aggregate | of      | unit | disaggregate | sensitive |
|            | women | Nữ        | a3_key_f | sum       |         |      | a1_plan      | no        |
|            | share | Tỷ lệ nữ  | a3_key_f | ratio     | a3_key  | %    |              | no        |
|            | cases | Tảo hôn   | a5_child | sum       |         |      |              | yes       |
|            | tips  | Tin báo   | a7_recv  | sum       |         |      |              | yes       |
|            | done  | Đã xử lý  | a7_done  | ratio     | a7_recv | %    |              | yes       |
"""  # noqa: E501 - an indicators sheet is that wide
)


@pytest.fixture
def project(db: None) -> Project:
    made = builders.project()
    builders.form(made, COUNTED)
    for code in "123":
        builders.commune(code, f"Xã {code}", since=None)
    builders.commune("4", "Phường 4", since=None, type="phuong")
    return made


def told(
    project: Project,
    commune: str,
    *,
    period: str = "h1",
    year: int = 2026,
    version: str = "1",
    edits: str = "",
    **answers: int | str,
) -> Submission:
    """Send an approved inspection of May, or the next version of one.

    edits: the instanceID of the version before. answers: by question of group `a`.
    """
    given = {
        **GOOD,
        "h/h_date": f"{year}-05-20",
        "h/h_year": str(year),
        "h/h_commune": commune,
        "h/h_period": period,
        "a/a3_key": "4",
        **{f"a/{name}": str(answer) for name, answer in answers.items()},
    }
    xml = builders.instance(
        given,
        instance_id=f"uuid:{commune}-{period}{'-2' if edits else ''}",
        version=version,
        deprecated_id=edits,
    )
    sent = builders.send(project, xml)
    Submission.objects.filter(pk=sent.pk).update(review_state=ReviewState.APPROVED)
    return sent


def table(
    project: Project,
    who: Reader = PUBLIC,
    *,
    period: str = "h1",
    year: int = 2026,
    units_on: dt.date = TODAY,
    group: str | None = None,
    only_approved: bool = True,
) -> IndicatorTable:
    asked = Asked(year, period, units_on, group, only_approved)
    return figures(published_form(project.pk, "kt_thu"), asked, who, k=5)


def said(printed: Printed, k: int = 5) -> str:
    """Return what stands in an indicator's cells: numerator/denominator=value."""
    cells = [
        n.words(k) if n.amount is None else f"{n.amount:g}"
        for n in (printed.numerator, printed.denominator, printed.value)
    ]
    return f"{cells[0]}/{cells[1]}={cells[2]}"


def column(found: IndicatorTable, code: str) -> list[str]:
    """Return an indicator of all communes, then of the province."""
    return [*(said(row.figures[code]) for row in found.rows), said(found.province[code])]


def test_a_ratio_is_made_of_sums_and_missing_is_not_zero(project: Project) -> None:
    told(project, "1", a3_key_f=1, a3_key=2)
    told(project, "2", a3_key_f=1, a3_key=8)

    found = table(project)

    assert column(found, "share") == ["1/2=50", "1/8=12.5", "/=", "/=", "2/10=20"]
    assert found.province["share"].known == 2


def test_figures_are_split_by_the_answers_that_the_sheet_names(project: Project) -> None:
    told(project, "1", a3_key_f=1, a1_plan="yes")
    told(project, "2", a3_key_f=3, a1_plan="no")

    by = table(project).province["women"].groups

    assert {answer: figure.value for answer, figure in by.items()} == {"yes": 1, "no": 3}


def test_groups_add_up_their_communes(project: Project) -> None:
    told(project, "1", a3_key_f=1)
    told(project, "4", a3_key_f=3)

    found = table(project, group="type")

    assert [(g.group.label, g.communes, said(g.figures["women"])) for g in found.groups] == [
        ("Xã", 3, "1/=1"),
        ("Phường", 1, "3/=3"),
    ]


def test_what_nobody_approved_counts_only_where_it_is_asked_for(project: Project) -> None:
    sent = told(project, "1", a3_key_f=1)
    Submission.objects.filter(pk=sent.pk).update(review_state=ReviewState.RECEIVED)

    assert said(table(project).province["women"]) == "/="
    assert said(table(project, only_approved=False).province["women"]) == "1/=1"
    assert table(project, only_approved=False).data_note == "gồm cả hồ sơ chưa duyệt"


def test_small_counts_are_hidden_and_what_gives_them_back(project: Project) -> None:
    told(project, "1", a5_child=2)
    told(project, "2", a5_child=30)
    told(project, "3", a5_child=9)

    found = table(project)

    assert column(found, "cases") == ["<5/=<5", "30/=30", "ẩn/=ẩn", "/=", "41/=41"]


def test_the_year_does_not_give_back_what_the_half_hides(project: Project) -> None:
    # Less the half, commune 1 has 3 more; shown whole, the year would say so.
    told(project, "1", a5_child=20)
    told(project, "1", period="fy", a5_child=23)

    half, year = table(project), table(project, period="fy")

    assert {said(half.province["cases"]), said(year.province["cases"])} != {"20/=20", "23/=23"}


def test_a_percentage_does_not_give_back_its_numerator(project: Project) -> None:
    told(project, "1", a7_recv=40, a7_done=2)

    done = table(project).province["done"]

    assert said(done) in ("<5/40=ẩn", "<5/ẩn=ẩn")


def test_a_small_rest_is_hidden_like_a_small_part(project: Project) -> None:
    told(project, "1", a7_recv=40, a7_done=38)  # 2 were not handled

    done = table(project).province["done"]

    assert said(done) != "38/40=95"


def test_the_same_question_prints_the_same_in_every_indicator(project: Project) -> None:
    told(project, "1", a7_recv=3, a7_done=1)
    told(project, "2", a7_recv=30, a7_done=20)

    found = table(project)

    tips = [row.figures["tips"].numerator for row in found.rows]
    assert tips == [row.figures["done"].denominator for row in found.rows]


def test_the_same_request_hides_the_same_cells(project: Project) -> None:
    for commune, cases in {"1": 2, "2": 7, "3": 7, "4": 7}.items():
        told(project, commune, a5_child=cases)

    assert column(table(project), "cases") == column(table(project), "cases")


def test_the_units_of_another_day_do_not_give_back_what_those_of_today_hide(
    project: Project,
) -> None:
    old = [builders.commune(c, f"Xã {c}", since=None, until=REFORM) for c in ("7", "8")]
    new = builders.commune("9", "Xã 9")
    for unit in old:
        builders.became(unit, new)
    told(project, "7", year=2025, a5_child=2)
    told(project, "8", year=2025, a5_child=40)

    then = table(project, year=2025, units_on=BEFORE)
    now = table(project, year=2025, units_on=TODAY)

    # 7 and 8 are 9: with 8 and 9 shown, 7 is 42 - 40.
    cells = {*column(then, "cases"), *column(now, "cases")}
    assert not {"40/=40", "42/=42"} <= cells
    assert "<5/=<5" in cells


def test_who_sees_all_gets_every_count(project: Project) -> None:
    told(project, "1", a5_child=2, a7_recv=3, a7_done=1)

    found = table(project, OPERATOR)

    assert said(found.province["cases"]) == "2/=2"
    assert said(found.province["done"]).startswith("1/3=33.3")


def test_a_province_that_is_not_printed_says_why_to_who_does_not_see_it(project: Project) -> None:
    told(project, "1", a5_child=2)

    assert "không công bố được dù đã che các xã" in table(project).province_note
    assert table(project, OPERATOR).province_note == ""


def test_a_supervisor_sees_the_own_commune_and_learns_nothing_of_others_by_it(
    project: Project,
) -> None:
    told(project, "1", a5_child=2)
    told(project, "2", a5_child=30)
    told(project, "3", a5_child=9)

    found = table(project, Reader(uids=frozenset({"3@start"})))

    # Whoever knows the 9 must not get 2 from 41 - 30 - 9.
    assert column(found, "cases") == ["<5/=<5", "ẩn/=ẩn", "9/=9", "/=", "41/=41"]


def test_unreviewed_counts_are_published_by_nobody(project: Project) -> None:
    told(project, "1", a5_child=20)

    found = table(project, only_approved=False)

    assert said(found.province["cases"]) == "ẩn/=ẩn"
    assert found.withheld["cases"] == NOT_REVIEWED


def test_what_is_no_count_is_withheld(project: Project) -> None:
    told(project, "1", a7_recv="12.5", a7_done=6)

    found = table(project)

    assert said(found.province["done"]) == "ẩn/ẩn=ẩn"
    assert found.withheld == {"tips": NO_COUNTS, "done": NO_COUNTS}


def test_what_cannot_be_hidden_together_is_withheld(project: Project) -> None:
    more = "|            | all | Tất cả | a5_child a7_done | sum | | | | yes |\n"
    builders.form(project, COUNTED.replace("| 1       | Tiếng", "| 2       | Tiếng") + more)
    told(project, "1", a5_child=20, a7_recv=30, a7_done=20)

    found = table(project)

    assert found.withheld == {"all": NOT_TOGETHER}
    assert said(found.province["cases"]) == "20/=20"


def test_an_indicator_about_a_sensitive_question_is_sensitive_too(project: Project) -> None:
    more = "|            | open | Số tin | a7_recv | sum | | | a1_plan | no |\n"
    builders.form(project, COUNTED.replace("| 1       | Tiếng", "| 2       | Tiếng") + more)
    told(project, "1", version="2", a7_recv=2, a7_done=1)

    found = table(project)

    assert said(found.province["open"]) in ("<5/=<5", "ẩn/=ẩn")
    assert found.province["open"].groups == {}


@pytest.mark.parametrize(
    ("role", "communes", "exact"),
    [
        (Role.MANAGER, [], {"1", "2"}),
        (Role.MANAGER, ["1@start"], {"1", "2"}),
        (Role.SUPERVISOR, [], {"1", "2"}),
        (Role.SUPERVISOR, ["1@start"], {"1"}),
        (Role.SUPERVISOR, ["3@start"], set()),
        (Role.VIEWER, [], set()),
        (Role.VIEWER, ["1@start"], set()),
    ],
)
def test_each_role_sees_exactly_the_counts_of_the_units_it_answers_for(
    db: None, role: Role, communes: list[str], exact: set[str]
) -> None:
    joined = builders.project()
    user = builders.member(joined, role=role)
    Membership.objects.filter(user=user).update(commune_uids=communes)

    who = reader(Membership.objects.get(user=user))

    assert {code for code in "12" if who.sees(f"{code}@start")} == exact


def test_more_inspections_ask_no_more_queries(project: Project) -> None:
    told(project, "1", a5_child=2)
    patterns.hidden.cache_clear()
    with CaptureQueriesContext(connection) as few:
        table(project, group="type")
    for commune in "234":
        told(project, commune, a5_child=3)
        told(project, commune, period="fy", a5_child=7)
    patterns.hidden.cache_clear()

    with CaptureQueriesContext(connection) as more:
        table(project, group="type")

    assert len(more) == len(few) <= 12


def test_a_period_a_form_or_a_group_that_cannot_be_had_is_said(project: Project) -> None:
    with pytest.raises(PeriodUnknown):
        table(project, period="adhoc")
    with pytest.raises(GroupWithoutSource):
        table(project, group="zone")
    with pytest.raises(GroupUnknown):
        table(project, group="ethnicity")
    builders.form(project, SURVEY.replace("| 1       | Tiếng", "| 3       | Tiếng"))
    with pytest.raises(IndicatorsMissing):
        table(project)
