"""Several workplaces of a commune, each with inspections of its own; worked out by hand."""

from __future__ import annotations

import datetime as dt
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from server.communes.models import AdminUnit
from server.forms.models import FormVersion
from server.inspections import patterns
from server.inspections.figures import Asked, IndicatorTable, figures
from server.inspections.models import Inspection, Visit
from server.inspections.printed import Printed
from server.inspections.readers import OPERATOR, PUBLIC, Reader
from server.inspections.summary import published_form
from server.projects.models import Project
from server.submissions.models import ReviewState, Submission
from tests import builders
from tests.builders import FORM, GOOD, REFORM
from tests.inspections.test_figures import said

_GROUP = "|          | begin_group       | h  "
_EVIDENCE = "|          | select_one ev4    | a3_ev "
ABOUT = "| | text | d_name | Tên doanh nghiệp |||\n| | text | d_tax | Mã số |||\n"
SURVEY = FORM.rstrip().replace(_GROUP, f"{ABOUT}{_GROUP}", 1)
COUNTED = (
    SURVEY.replace(_EVIDENCE, f"|          | integer | a3_key | Lãnh đạo | | |\n{_EVIDENCE}", 1)
    + """
| indicators | code   | label     | value    | aggregate | of     | unit | disaggregate | sensitive |
|            | women  | Nữ        | a3_key_f | sum       |        |      | a1_plan      | no        |
|            | share  | Tỷ lệ nữ  | a3_key_f | ratio     | a3_key | %    |              | no        |
|            | mean   | Bình quân | a3_key_f | mean      |        |      |              | no        |
|            | newest | Mới nhất  | a3_key_f | latest    |        |      |              | no        |
|            | cases  | Tảo hôn   | a5_child | sum       |        |      |              | yes       |
"""  # noqa: E501 - an indicators sheet is that wide
)


@pytest.fixture
def project(db: None) -> Project:
    return builders.project()


@pytest.fixture
def form(project: Project) -> FormVersion:
    return builders.form(project, COUNTED)


def told(
    project: Project, commune: str, name: str, *, tax: str = "", day: str = "2026-05-20", **a: str
) -> Submission:
    """Send an inspection of a workplace, or where it has no name of a commune."""
    about = {"d_name": name, "d_tax": tax} if name else {}
    given = {
        **{key: value for key, value in about.items() if value},
        **GOOD,
        "h/h_date": day,
        "h/h_year": day[:4],
        "h/h_commune": commune,
        **{f"h/{key}" if key.startswith("h_") else f"a/{key}": said for key, said in a.items()},
    }
    number = Submission.objects.count()
    return builders.send(project, builders.instance(given, instance_id=f"uuid:{number}"))


def subjects() -> list[str]:
    return list(Inspection.objects.order_by("pk").values_list("subject", flat=True))


# What an inspection is about ---------------------------------------------------------------------


def test_a_workplace_is_known_by_its_tax_code_however_its_name_is_written(
    project: Project, form: FormVersion
) -> None:
    told(project, "1", "Công ty May A", tax="4600100200-001")
    told(project, "1", "CTY MAY A", tax="4600100200001")
    told(project, "1", "Công ty May A", tax="4600100200")

    one, same, other = subjects()

    assert one == same != other


def test_without_a_code_the_name_decides_and_a_commune_itself_has_none(
    project: Project, form: FormVersion
) -> None:
    told(project, "1", "Trạm  Y tế")
    told(project, "1", "TRẠM Y TẾ")
    told(project, "1", "")

    one, same, itself = subjects()

    assert one == same != ""
    assert itself == ""


def test_the_migration_writes_what_deriving_writes(project: Project, form: FormVersion) -> None:
    for name, tax in (("May A", "4600100200-001"), ("Trạm Y tế", ""), ("", "")):
        told(project, "1", name, tax=tax)
    derived = subjects()
    Inspection.objects.update(subject="")

    import_module("server.inspections.migrations.0009_fill_subjects").fill(apps, None)

    assert subjects() == derived


# Figures -----------------------------------------------------------------------------------------

BEFORE, AFTER = dt.date(2024, 12, 31), dt.date(2025, 12, 31)


def table(
    project: Project,
    who: Reader = OPERATOR,
    *,
    year: int = 2026,
    period: str = "h1",
    units_on: dt.date = dt.date(2026, 6, 12),
) -> IndicatorTable:
    asked = Asked(year, period, units_on, None, only_approved=who is PUBLIC)
    return figures(published_form(project.pk, "kt_thu"), asked, who, k=5)


def of_commune(found: IndicatorTable, code: str) -> dict[str, Printed]:
    return dict(next(row for row in found.rows if row.plot.unit.code == code).figures)


def approve() -> None:
    Submission.objects.update(review_state=ReviewState.APPROVED)


@pytest.fixture
def two(form: FormVersion) -> None:
    """Two communes that were always there."""
    for code in "12":
        builders.commune(code, f"Xã {code}", since=None)


def test_a_commune_adds_up_the_latest_inspection_of_each_of_its_workplaces(
    project: Project, two: None
) -> None:
    told(project, "1", "May A", tax="4600000001", day="2026-03-01", a3_key_f="9", a3_key="10")
    told(project, "1", "MAY A", tax="4600000001", day="2026-05-20", a3_key_f="1", a3_key="4")
    told(project, "1", "Giày B", tax="4600000002", day="2026-05-25", a3_key_f="2", a3_key="6")
    told(project, "2", "May A", tax="4600000001", day="2026-05-01", a3_key_f="3", a3_key="5")

    found = table(project)

    one = of_commune(found, "1")
    assert {code: said(one[code]) for code in ("women", "share", "mean", "newest")} == {
        "women": "3/=3",
        "share": "3/10=30",  # not the mean of 25 and 33.3
        "mean": "3/2=1.5",
        "newest": "2/=2",  # of the newest inspection alone: it is not added up
    }
    assert one["women"].known == 2
    assert said(of_commune(found, "2")["share"]) == "3/5=60"
    assert said(found.province["share"]) == "6/15=40"
    assert found.inspections == 3


def test_figures_are_split_over_the_workplaces_of_a_commune(project: Project, two: None) -> None:
    told(project, "1", "May A", a3_key_f="1", a1_plan="yes")
    told(project, "1", "Giày B", a3_key_f="2", a1_plan="no")

    by = of_commune(table(project), "1")["women"].groups

    assert {answer: figure.value for answer, figure in by.items()} == {"yes": 1, "no": 2}


def test_a_debt_of_the_worker_changes_no_figure(project: Project, two: None) -> None:
    told(project, "1", "May A", a3_key_f="1")
    told(project, "1", "Giày B", a3_key_f="2")

    assert not Visit.objects.exists()
    assert said(of_commune(table(project), "1")["women"]) == "3/=3"


def test_small_counts_are_those_of_the_commune_not_of_its_workplaces(
    project: Project, two: None
) -> None:
    told(project, "1", "May A", a5_child="3")
    told(project, "1", "Giày B", a5_child="4")
    told(project, "2", "May C", a5_child="1")
    told(project, "2", "May D", a5_child="2")
    approve()

    found = table(project, PUBLIC)

    # 7 and «<5» and their total 10: one of the two others must go, the total is worth more.
    assert said(of_commune(found, "2")["cases"]) == "<5/=<5"
    assert {said(of_commune(found, "1")["cases"]), said(found.province["cases"])} != {
        "7/=7",
        "10/=10",
    }


def test_how_many_told_of_cases_does_not_count_them(project: Project, two: None) -> None:
    told(project, "1", "May A", a5_child="1")
    told(project, "1", "Giày B", a5_child="")
    approve()

    hidden = of_commune(table(project, PUBLIC), "1")["cases"]

    assert (said(hidden), hidden.known) == ("<5/=<5", 2)


def test_more_workplaces_ask_no_more_queries(project: Project, two: None) -> None:
    told(project, "1", "May A", a5_child="1")
    approve()
    patterns.hidden.cache_clear()  # another test may have had the same table
    with CaptureQueriesContext(connection) as few:
        table(project, PUBLIC)
    for name in ("Giày B", "May C", "May D"):
        told(project, "1", name, a5_child="1")
    approve()

    with CaptureQueriesContext(connection) as more:
        table(project, PUBLIC)

    assert len(more) == len(few)


# Reforms -----------------------------------------------------------------------------------------

IN_7, IN_8, NEAR_8 = "21.65 105.95 0 10", "21.65 106.05 0 10", "21.65 105.99995 0 10"


@pytest.fixture
def reform(form: FormVersion) -> dict[str, AdminUnit]:
    """1 and 2 were joined to 5; 4 was split between 7 and 8, which lie side by side; 9 stayed."""
    old = {c: builders.commune(c, f"Xã {c}", since=None, until=REFORM) for c in "124"}
    new = {c: builders.commune(c, f"Xã {c}") for c in "578"}
    for code, became in {"1": "5", "2": "5", "4": "78"}.items():
        builders.became(old[code], *(new[c] for c in became))
    return {**old, **new, "9": builders.commune("9", "Xã 9", since=None)}


@pytest.fixture
def polygons(reform: dict[str, AdminUnit]) -> None:
    builders.coverage(
        {reform["7"]: (105.9, 21.6), reform["8"]: (106.0, 21.6), reform["9"]: (106.1, 21.6)}
    )


def comparable(found: IndicatorTable) -> dict[str, str | None]:
    """Return the number of women in 7, 8 and the province; None where nothing can be said."""
    rows = {
        row.plot.unit.code: said(row.figures["women"]) if row.plot.is_comparable else None
        for row in found.rows
    }
    return {"7": rows["7"], "8": rows["8"], "": said(found.province["women"])}


def test_a_workplace_of_a_split_commune_counts_where_its_point_lies(
    project: Project, polygons: None
) -> None:
    told(project, "4", "May A", day="2024-05-20", a3_key_f="1", h_gps=IN_7)
    told(project, "4", "Giày B", day="2024-05-20", a3_key_f="2", h_gps=IN_8)
    told(project, "4", "May C", day="2024-05-20", a3_key_f="4", h_gps=IN_8)

    found = table(project, year=2024, units_on=AFTER)

    assert comparable(found) == {"7": "1/=1", "8": "6/=6", "": "7/=7"}
    assert said(of_commune(table(project, year=2024, units_on=BEFORE), "4")["women"]) == "7/=7"


@pytest.mark.parametrize(
    "unsure",
    [
        {},  # no point
        {"h_gps": NEAR_8},  # 5 m from the line
        {"h_gps": "21.65 106.05 0 0"},  # an app that makes points up
        {"h_gps": "21.65 106.15 0 10"},  # in 9, into which nothing of 4 went
    ],
)
def test_one_workplace_without_a_sure_point_leaves_both_sides_without_figures(
    project: Project, polygons: None, unsure: dict[str, str]
) -> None:
    told(project, "4", "May A", day="2024-05-20", a3_key_f="1", h_gps=IN_7)
    told(project, "4", "Giày B", day="2024-05-20", a3_key_f="2", **unsure)

    found = table(project, year=2024, units_on=AFTER)

    assert comparable(found) == {"7": None, "8": None, "": "3/=3"}


def test_a_sketch_of_boundaries_decides_nothing(
    project: Project, reform: dict[str, AdminUnit]
) -> None:
    squares = {reform["7"]: (105.9, 21.6), reform["8"]: (106.0, 21.6)}
    builders.coverage(squares, is_schematic=True)
    told(project, "4", "May A", day="2024-05-20", a3_key_f="1", h_gps=IN_7)

    assert comparable(table(project, year=2024, units_on=AFTER))["7"] is None


def test_boundaries_that_came_later_than_their_units_are_published_too(
    project: Project, reform: dict[str, AdminUnit]
) -> None:
    squares = {reform["7"]: (105.9, 21.6), reform["8"]: (106.0, 21.6)}
    surveyed = dt.date(2025, 10, 1)
    builders.coverage(squares, until=surveyed, is_schematic=True)
    builders.coverage(squares, since=surveyed)
    told(project, "4", "May A", day="2024-05-20", a5_child="2", h_gps=IN_7)
    told(project, "4", "Giày B", day="2024-05-20", a5_child="30", h_gps=IN_8)
    approve()

    found = table(project, PUBLIC, year=2024, units_on=AFTER)

    # 7, 8 and 4, which they were, are one family: with 30 and 32 shown, 7 would be 2.
    assert said(of_commune(found, "7")["cases"]) == "<5/=<5"
    assert {said(of_commune(found, "8")["cases"]), said(found.province["cases"])} != {
        "30/=30",
        "32/=32",
    }


def test_the_point_of_a_communes_own_inspection_decides_nothing(
    project: Project, polygons: None
) -> None:
    told(project, "4", "", day="2024-05-20", a3_key_f="1", h_gps=IN_7)

    found = table(project, year=2024, units_on=AFTER)

    assert comparable(found) == {"7": None, "8": None, "": "1/=1"}


def test_a_workplace_inspected_before_and_after_a_reform_counts_once_and_others_stay(
    project: Project, reform: dict[str, AdminUnit]
) -> None:
    told(project, "1", "May A", day="2025-05-20", h_period="fy", a3_key_f="1")
    told(project, "1", "Giày B", day="2025-05-20", h_period="fy", a3_key_f="2")
    told(project, "5", "May A", day="2025-09-20", h_period="fy", a3_key_f="4")

    found = table(project, year=2025, period="fy", units_on=AFTER)

    # Of a commune itself the inspection in 5 would tell of all its ground.
    assert said(of_commune(found, "5")["women"]) == "6/=6"
    assert said(found.province["women"]) == "6/=6"


def test_the_same_name_in_two_communes_that_were_joined_is_two_workplaces(
    project: Project, reform: dict[str, AdminUnit]
) -> None:
    told(project, "1", "Trạm Y tế", day="2024-05-20", a3_key_f="1")
    told(project, "2", "Trạm Y tế", day="2024-05-20", a3_key_f="2")

    found = table(project, year=2024, units_on=AFTER)

    assert said(of_commune(found, "5")["women"]) == "3/=3"
