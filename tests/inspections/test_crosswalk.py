"""Inspections of before and after a reform in the units of either day; worked out by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from server.inspections.crosswalk import NOT_COMPARABLE, Crossed, Row, crossed
from server.inspections.summary import published_form
from server.projects.models import Project
from server.submissions.models import ReviewState, Submission
from tests import builders
from tests.builders import FORM, GOOD, REFORM

OLD_UNITS, NEW_UNITS = dt.date(2024, 12, 31), dt.date(2025, 7, 1)

_EVIDENCE = "|          | select_one ev4    | a3_ev "
COUNTED = (
    FORM.rstrip().replace(
        _EVIDENCE,
        f"|          | integer | a3_key | Lãnh đạo | | |\n{_EVIDENCE}",
    )
    + """
| indicators | code  | label     | value    | aggregate | of     | unit | disaggregate | sensitive |
|            | women | Nữ        | a3_key_f | sum       |        |      |              | no        |
|            | share | Tỷ lệ nữ  | a3_key_f | ratio     | a3_key | %    |              | no        |
|            | mean  | Bình quân | a3_key_f | mean      |        |      |              | no        |
|            | cases | Tảo hôn   | a5_child | sum       |        |      |              | yes       |
"""
)

# 1 and 2 were joined to 5; 3 became 6; 4 was split between 7 and 8; 9 stayed as it was.
# commune: (women, leaders)
IN_2024 = {"1": (1, 4), "2": (2, 6), "3": (3, 5), "4": (2, 2), "9": (0, 3)}
IN_2026 = {"5": (4, 9), "6": (1, 5), "7": (1, 3), "8": (1, 2), "9": (2, 4)}
#               unit: (women, leaders, percent, mean); None where it cannot be known
EXPECTED = {
    (2024, OLD_UNITS): {
        "1": (1, 4, 25, 1),
        "2": (2, 6, pytest.approx(100 / 3), 2),
        "3": (3, 5, 60, 3),
        "4": (2, 2, 100, 2),
        "9": (0, 3, 0, 0),
        "": (8, 20, 40, 1.6),
    },
    (2024, NEW_UNITS): {
        "5": (3, 10, 30, 1.5),  # not the mean of 25 and 33.3
        "6": (3, 5, 60, 3),
        "7": None,
        "8": None,
        "9": (0, 3, 0, 0),
        "": (8, 20, 40, 1.6),
    },
    (2026, NEW_UNITS): {
        "5": (4, 9, pytest.approx(400 / 9), 4),
        "6": (1, 5, 20, 1),
        "7": (1, 3, pytest.approx(100 / 3), 1),
        "8": (1, 2, 50, 1),
        "9": (2, 4, 50, 2),
        "": (9, 23, pytest.approx(900 / 23), 1.8),
    },
    (2026, OLD_UNITS): {
        "1": None,
        "2": None,
        "3": (1, 5, 20, 1),
        "4": (2, 5, 40, 1),  # its halves are whole in it; not the mean of 33.3 and 50
        "9": (2, 4, 50, 2),
        "": (9, 23, pytest.approx(900 / 23), 1.8),
    },
}


@pytest.fixture
def project(db: None) -> Project:
    made = builders.project()
    builders.form(made, COUNTED)
    old = {c: builders.commune(c, f"Xã {c}", since=None, until=REFORM) for c in "1234"}
    new = {c: builders.commune(c, f"Xã {c}") for c in "5678"}
    builders.commune("9", "Xã 9", since=None)
    for code, became in {"1": "5", "2": "5", "3": "6", "4": "78"}.items():
        builders.became(old[code], *(new[c] for c in became))
    return made


def told(project: Project, year: int, figures: Mapping[str, tuple[int, int]]) -> None:
    for commune, (women, leaders) in figures.items():
        answers = {
            **GOOD,
            "h/h_date": f"{year}-05-20",
            "h/h_year": str(year),
            "h/h_commune": commune,
            "a/a3_key_f": str(women),
            "a/a3_key": str(leaders),
        }
        builders.send(project, builders.instance(answers, instance_id=f"uuid:{year}-{commune}"))


def table(project: Project, year: int, on_date: dt.date, *, only_approved: bool = False) -> Crossed:
    form = published_form(project.pk, "kt_thu")
    return crossed(form, year=year, period="h1", on_date=on_date, only_approved=only_approved)


def row(found: Crossed, code: str) -> Row:
    return next(each for each in found.rows if each.plot.uid.startswith(f"{code}@"))


@pytest.mark.parametrize(("year", "on_date"), EXPECTED)
def test_figures_of_any_year_stand_in_the_units_of_any_day(
    project: Project, year: int, on_date: dt.date
) -> None:
    told(project, 2024, IN_2024)
    told(project, 2026, IN_2026)

    found = table(project, year, on_date)

    figures = {each.plot.uid.partition("@")[0]: each.figures for each in found.rows}
    shown = {
        code: (
            of["women"].value,
            of["share"].denominator,
            of["share"].value,
            of["mean"].value,
        )
        if of
        else None
        for code, of in {**figures, "": found.province}.items()
    }
    assert shown == EXPECTED[year, on_date]


def test_a_split_unit_is_said_not_to_compare_and_its_status_still_stands(project: Project) -> None:
    told(project, 2024, IN_2024)

    east = row(table(project, 2024, NEW_UNITS), "7")

    assert east.plot.note == NOT_COMPARABLE
    assert [(part.name, part.status, part.is_whole) for part in east.plot.components] == [
        ("Xã 4", "dat", False)
    ]


def test_components_keep_each_its_own_status(project: Project) -> None:
    told(project, 2024, {"1": (0, 4), "2": (2, 6)})  # no woman leads: not met

    joined = row(table(project, 2024, NEW_UNITS), "5")

    assert [(part.name, part.status) for part in joined.plot.components] == [
        ("Xã 1", "khong_dat"),
        ("Xã 2", "dat"),
    ]


def test_a_component_that_nobody_inspected_is_named_and_is_not_zero(project: Project) -> None:
    told(project, 2024, {"2": (2, 6)})

    found = table(project, 2024, NEW_UNITS)

    assert row(found, "5").plot.missing == ("1@start",)
    assert row(found, "5").figures["women"].known == 1
    assert row(found, "6").figures["women"].value is None
    assert row(found, "6").figures["share"].value is None


def test_in_the_year_of_the_reform_what_came_before_it_is_still_asked_for(
    project: Project,
) -> None:
    told(project, 2025, {"1": (1, 4)})  # in May; of what became 5 only the half

    assert row(table(project, 2025, NEW_UNITS), "5").plot.missing == ("2@start",)


def test_nothing_counts_before_it_is_approved_unless_asked(project: Project) -> None:
    told(project, 2024, {"1": (1, 4), "2": (2, 6)})
    Submission.objects.filter(instance_id="uuid:2024-2").update(review_state=ReviewState.APPROVED)

    approved = table(project, 2024, NEW_UNITS, only_approved=True)

    assert row(approved, "5").figures["women"].value == 2
    assert row(table(project, 2024, NEW_UNITS), "5").figures["women"].value == 3


def test_sensitive_figures_are_left_out_unless_asked(project: Project) -> None:
    told(project, 2024, IN_2024)

    assert "cases" not in table(project, 2024, NEW_UNITS).province


def test_more_inspections_ask_no_more_queries(project: Project) -> None:
    told(project, 2024, {"1": (1, 4)})
    with CaptureQueriesContext(connection) as few:
        table(project, 2024, NEW_UNITS)
    told(project, 2024, {code: IN_2024[code] for code in "2349"})

    with CaptureQueriesContext(connection) as more:
        table(project, 2024, NEW_UNITS)

    assert len(more) == len(few)
