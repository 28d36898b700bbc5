"""Which rules judge a visit depends on its day: the set in force, and corrections of some days."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile

import pytest
from arro3.io import read_parquet
from django.core.management import call_command

from server.communes.models import AdminUnit
from server.forms import criteria_sets, findings, rules
from server.forms.corrections import Correction
from server.forms.criteria_sets import Book
from server.forms.models import FormVersion, RuleVersion
from server.forms.rule_problems import DaysBackwards, NothingCorrected
from server.inspections import overview, rescoring, summary, sweep
from server.inspections.models import FindingHistory, Inspection
from server.projects.models import Membership, Project, Role
from server.reports import (
    geojson,
    listing,
    overview_table,
    parquet,
    people_table,
    records,
    summary_table,
)
from server.reports.central_csv import Options, Tables
from server.reports.selection import Selection
from server.submissions.models import Submission
from tests import builders
from tests.builders import FORM, GOOD

NEW_YEAR = dt.date(2026, 1, 1)
# What FORM is written for ends with 2025; nobody has written the conditions of the next.
SHELL = """code,series,title,legal_basis,valid_from,valid_to,is_verified
THU-2026,thu,Bộ đầu,,2024-01-01,2026-01-01,no
THU-2031,thu,Bộ sau (chưa có điều kiện),,2026-01-01,2031-01-01,no
"""
# The next, by which two women are asked for.
NEXT = FORM.replace("THU-2026", "THU-2031").replace("| 1         | a3_ev", "| 2         | a3_ev")
NOTE = "tạm dùng bộ tiêu chí THU-2026, chưa có bộ THU-2031"


@pytest.fixture
def form(project: Project) -> FormVersion:
    criteria_sets.load(criteria_sets.read(SHELL))
    return builders.form(project)


def visit(project: Project, day: str, women: str = "1", version: str = "1") -> str:
    answers = {**GOOD, "h/h_date": day, "h/h_commune": "05665", "a/a3_key_f": women}
    name = f"uuid:{day}-{version}"
    xml = builders.instance(answers, instance_id=name, version=version)
    builders.send(project, xml)
    return name


def standing() -> dict[str, tuple[str, str, bool, str]]:
    """Return result, set, provisional or not, and the set awaited, by instance."""
    columns = ("result", "criteria_set", "is_provisional", "awaited_set")
    rows = Inspection.objects.values_list("submission__instance_id", *columns)
    return {name.removeprefix("uuid:"): tuple(row) for name, *row in rows}


def results() -> dict[str, str]:
    return {name[:10]: row[0] for name, row in standing().items()}


def correct(form: FormVersion, correction: Correction) -> None:
    rescoring.correct(form.form, correction, reason="QĐ 757")
    sweep.pay_debts()


def again(table: str, version: str) -> str:
    """Return a form's table as another version of it."""
    return table.replace("| 1       | Tiếng", f"| {version}       | Tiếng")


# Sets ---------------------------------------------------------------------------------------------


def test_where_the_set_in_force_is_empty_the_last_one_goes_on_and_says_so(
    project: Project, form: FormVersion
) -> None:
    for day in ("2023-12-31", "2025-12-31", "2026-01-01", "2031-01-01"):
        visit(project, day)

    assert standing() == {
        "2023-12-31-1": ("dat", "THU-2026", True, ""),
        "2025-12-31-1": ("dat", "THU-2026", False, ""),
        "2026-01-01-1": ("dat", "THU-2026", True, "THU-2031"),
        "2031-01-01-1": ("dat", "THU-2026", True, ""),
    }
    assert not Submission.objects.owed().exists()


def test_every_table_says_that_a_set_judges_only_for_now(
    project: Project, form: FormVersion, dong: AdminUnit
) -> None:
    visit(project, "2026-05-20")
    day = dt.date(2026, 6, 1)

    told = summary.summarise(
        summary.published_form(project.pk, "kt_thu"), year=2026, period="h1", on_date=day
    )
    matrix = overview.overview(
        overview.Asked(
            project.pk, overview.published_forms(project.pk), [2026], day, only_approved=False
        )
    )

    assert [row.latest.note for row in told.rows if row.latest] == [NOTE]
    _, line, province = summary_table.lines(told)
    assert (line[-1], province[-1]) == (f"THU-2026 ({NOTE})", f"1 xã, phường: {NOTE}")
    assert f"Đạt ({NOTE})" in overview_table.as_csv(matrix)
    out = io.StringIO()
    call_command("summary", project=project.pk, form="kt_thu", year=2026, stdout=out)
    assert NOTE in out.getvalue()


def test_a_form_for_the_set_in_force_judges_what_others_collected(
    project: Project, form: FormVersion
) -> None:
    visit(project, "2025-12-31")
    visit(project, "2026-01-01")
    builders.form(project, again(NEXT, "2"))
    sweep.pay_debts()

    visit(project, "2025-12-30", version="2")
    visit(project, "2026-01-02", version="2")
    visit(project, "2026-01-03")

    assert standing() == {
        "2025-12-31-1": ("dat", "THU-2026", False, ""),
        "2026-01-01-1": ("khong_dat", "THU-2031", False, ""),
        "2025-12-30-2": ("dat", "THU-2026", False, ""),
        "2026-01-02-2": ("khong_dat", "THU-2031", False, ""),
        "2026-01-03-1": ("khong_dat", "THU-2031", False, ""),
    }
    assert list(FindingHistory.objects.values_list("condition", "status")) == [("A3", "dat")]


def test_a_set_that_asks_what_an_old_form_did_not_leaves_it_provisional(
    project: Project, form: FormVersion
) -> None:
    visit(project, "2026-01-01")
    asks_more = again(NEXT, "2").replace("a3_key_f", "a3_moi_f")
    builders.form(project, asks_more)
    sweep.pay_debts()

    assert standing() == {"2026-01-01-1": ("dat", "THU-2026", True, "THU-2031")}


def test_a_set_that_is_loaded_later_is_told_of_what_came_before(
    project: Project, form: FormVersion
) -> None:
    visit(project, "2026-05-20")
    later = Book("THU-2031", "thu", "Bộ sau", "", dt.date(2026, 6, 1), None, is_verified=False)
    first = Book("THU-2026", "thu", "Bộ đầu", "", dt.date(2024, 1, 1), later.valid_from, False)

    criteria_sets.load([first, later])
    sweep.pay_debts()
    assert standing() == {"2026-05-20-1": ("dat", "THU-2026", False, "")}

    criteria_sets.load([first, later])
    assert sweep.pay_debts().derived == 0


# Corrections of some days -------------------------------------------------------------------------


def test_a_corrected_threshold_judges_only_visits_of_its_days(
    project: Project, form: FormVersion
) -> None:
    visit(project, "2025-12-31")
    visit(project, "2026-01-01")

    correct(form, Correction("A3", "2", valid_from=NEW_YEAR, valid_to=dt.date(2026, 6, 1)))
    visit(project, "2025-11-30")
    visit(project, "2026-05-31")
    visit(project, "2026-06-01")

    assert results() == {
        "2025-12-31": "dat",
        "2026-01-01": "khong_dat",
        "2025-11-30": "dat",
        "2026-05-31": "khong_dat",
        "2026-06-01": "dat",
    }
    kept = FindingHistory.objects.get()
    assert (kept.inspection.visit_date, kept.status) == (NEW_YEAR, "dat")
    made = RuleVersion.objects.get(number=2)
    (a3,) = (c for c in findings.load(made.conditions).conditions if c.code == "A3")
    assert (a3.legal_from, a3.legal_to) == ("2026-01-01", "2026-06-01")
    assert made.correction["threshold"] == ["1", "2"]


def test_a_correction_of_all_days_leaves_what_another_said_of_some(
    project: Project, form: FormVersion
) -> None:
    visit(project, "2025-12-31")
    visit(project, "2026-01-01")
    correct(form, Correction("A3", "2", valid_from=NEW_YEAR))

    correct(form, Correction("A5", is_verified=False))

    assert results() == {"2025-12-31": "dat", "2026-01-01": "khong_dat"}
    form.refresh_from_db()
    on = {day: rules.in_force(form, day).conditions for day in (dt.date(2025, 1, 1), NEW_YEAR)}
    assert {day: (c[1].rules[0].threshold, c[2].is_verified) for day, c in on.items()} == {
        dt.date(2025, 1, 1): (findings.Threshold(1.0), False),
        NEW_YEAR: (findings.Threshold(2.0), False),
    }

    correct(form, Correction("A3", "1"))
    assert results() == {"2025-12-31": "dat", "2026-01-01": "dat"}


@pytest.mark.parametrize("threshold", ["1", "2", "3"])
def test_a_new_version_of_the_form_keeps_corrections_of_some_days(
    project: Project, form: FormVersion, threshold: str
) -> None:
    correct(form, Correction("A3", "2", valid_from=NEW_YEAR))
    says = FORM.replace("| 1         | a3_ev", f"| {threshold}         | a3_ev")

    builders.form(project, again(says.replace("Nữ lãnh đạo |", "Nữ lãnh đạo chủ chốt |"), "2"))
    for day in ("2025-12-31", "2026-01-01"):
        visit(project, day, version="2")

    # Three is a threshold that nobody spoke of before: it holds where the correction does not.
    before = "khong_dat" if threshold == "3" else "dat"
    assert results() == {"2025-12-31": before, "2026-01-01": "khong_dat"}


@pytest.mark.parametrize(("threshold", "before"), [("1", "dat"), ("3", "dat"), ("4", "khong_dat")])
def test_of_two_corrections_of_the_same_days_the_last_is_kept(
    project: Project, form: FormVersion, threshold: str, before: str
) -> None:
    for wanted in ("2", "3"):
        correct(form, Correction("A3", wanted, valid_from=NEW_YEAR))
    says = FORM.replace("| 1         | a3_ev", f"| {threshold}         | a3_ev")

    builders.form(project, again(says.replace("Nữ lãnh đạo |", "Nữ lãnh đạo chủ chốt |"), "2"))
    for day in ("2025-12-31", "2026-01-01"):
        visit(project, day, women="2", version="2")

    assert results() == {"2025-12-31": before, "2026-01-01": "khong_dat"}


def test_what_was_corrected_for_all_days_since_is_not_brought_back(
    project: Project, form: FormVersion
) -> None:
    correct(form, Correction("A3", "2", valid_from=NEW_YEAR))
    correct(form, Correction("A3", "1"))

    builders.form(project, again(FORM.replace("Nữ lãnh đạo |", "Nữ lãnh đạo chủ chốt |"), "2"))
    visit(project, "2026-01-01", version="2")

    assert results() == {"2026-01-01": "dat"}


def test_the_same_conditions_again_are_the_same_rules(project: Project, form: FormVersion) -> None:
    correct(form, Correction("A3", "2", valid_from=NEW_YEAR))

    second = builders.form(project, again(FORM, "2"))

    form.refresh_from_db()
    assert second.rule_version == form.rule_version
    assert RuleVersion.objects.count() == 2


def test_days_that_make_no_sense_are_refused(project: Project, form: FormVersion) -> None:
    backwards = Correction("A3", "2", valid_from=NEW_YEAR, valid_to=NEW_YEAR)
    with pytest.raises(DaysBackwards):
        rescoring.correct(form.form, backwards, reason="x")
    with pytest.raises(NothingCorrected):
        rescoring.correct(form.form, Correction("A3", "1", valid_from=NEW_YEAR), reason="x")


def test_the_command_takes_days(project: Project, form: FormVersion) -> None:
    visit(project, "2025-12-31")
    visit(project, "2026-01-01")

    out = io.StringIO()
    call_command(
        *("correct_rule", "kt_thu", "A3", "--threshold=2", "--from=2026-01-01", "--reason=QĐ"),
        project=project.pk,
        stdout=out,
    )

    assert "1 kết luận đổi theo quy tắc mới" in out.getvalue()
    assert results() == {"2025-12-31": "dat", "2026-01-01": "khong_dat"}


def test_every_file_of_records_says_that_a_set_judges_only_for_now(
    project: Project, form: FormVersion, dong: AdminUnit
) -> None:
    visit(project, "2025-12-31")
    visit(project, "2026-05-20")
    keys = records.chosen(Submission.objects.order_by("pk"))
    sets = ["THU-2026", f"THU-2026 ({NOTE})"]

    book = people_table.Book(form.form)
    column = [heading.heading for heading in book.sheets[0].columns].index("Bộ tiêu chí")
    assert sorted(str(row.cells[column]) for row in book.rows(keys) if row.sheet == 0) == sets

    points = json.loads(b"".join(geojson.collection(keys, is_deidentified=True)))["features"]
    assert sorted(point["properties"]["note"] for point in points) == ["", NOTE]

    content = b"".join(parquet.archive(Tables(form.form, Options()), keys))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        table = read_parquet(io.BytesIO(archive.read("kt_thu.parquet"))).read_all()
    assert sorted(str(row["__note"] or "") for row in table.to_struct_array().to_pylist()) == [
        "",
        NOTE,
    ]

    boss = Membership.objects.get(user=builders.member(project, role=Role.MANAGER))
    listed = listing.page(boss, Selection()).rows
    assert sorted(one.note for one in listed) == ["", NOTE]
