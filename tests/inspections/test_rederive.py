"""`manage.py rederive`: everything derived, computed again from the bytes."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from server.communes.models import AdminUnit
from server.forms.models import RuleVersion
from server.inspections import rows, sweep
from server.inspections.models import Finding, Flag, Inspection
from server.inspections.reading import reading_of
from server.projects.models import Project
from server.submissions.models import Submission, SubmissionVersion
from tests import builders
from tests.builders import FORM, GOOD


def dumped() -> list[Any]:
    """Return every derived row, key and all."""
    tables = (Inspection, Finding, Flag)
    return [list(table._default_manager.order_by("pk").values()) for table in tables]


def contents(tables: list[Any] | None = None) -> list[Any]:
    """Return every derived row but for its keys and times, in an order of their own."""
    told = ("id", "inspection_id", "derived_at")
    numbers = {row["id"]: row["submission_id"] for row in (tables or dumped())[0]}
    return [
        sorted(
            (
                {k: v for k, v in row.items() if k not in told}
                | {"of": numbers.get(row.get("inspection_id"))}
                for row in table
            ),
            key=str,
        )
        for table in tables or dumped()
    ]


def of_all() -> list[Inspection]:
    return list(Inspection.objects.order_by("pk"))


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("rederive", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def seven(
    project: Project, dong: AdminUnit, squares: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seven various submissions, in batches of three."""
    monkeypatch.setattr(sweep, "BATCH", 3)
    for number in range(7):
        answers = {
            **GOOD,
            "h/h_date": f"2026-0{number + 1}-10" if number else "2099-01-01",
            "h/h_commune": "05665" if number % 3 else "",
            "h/h_gps": f"21.{600 + number * 37} 105.{700 + number * 41} 0 {number}.{number}",
            "a/a5_child": str(number % 2),
        }
        xml = builders.instance(answers, instance_id=f"uuid:{number}", photos=["x.jpg"] * number)
        builders.send(project, xml)


def test_the_same_bytes_give_the_same_rows(seven: None) -> None:
    before = dumped()
    assert [len(rows) for rows in before][:2] == [7, 21]

    said = run("--all")

    assert said == "Đã tính lại 7 hồ sơ, 0 thay đổi, 0 lỗi.\n"
    assert dumped() == before


def test_rows_that_were_lost_come_back_the_same(seven: None) -> None:
    before = contents()
    Inspection.objects.all().delete()

    assert "7 thay đổi" in run("--all")

    assert contents() == before


def test_a_rule_that_changed_shows_after_computing_again(seven: None) -> None:
    rules = RuleVersion.objects.get()
    rules.conditions["conditions"][1]["rules"][0]["threshold"]["default"] = 2.0
    rules.save()
    reading_of.cache_clear()

    assert "7 thay đổi" in run("--all")

    assert set(Finding.objects.filter(condition="A3").values_list("status", flat=True)) == {
        "khong_dat"
    }
    assert Finding.objects.count() == 21
    reading_of.cache_clear()


def test_a_finding_that_changed_is_the_only_row_that_is_written(seven: None) -> None:
    inspections, findings, flags = dumped()
    Finding.objects.filter(condition="A1").update(status="khong_dat")
    kept = set(Finding.objects.exclude(condition="A1").values_list("pk", flat=True))

    assert "7 thay đổi" in run("--all")

    assert kept < set(Finding.objects.values_list("pk", flat=True))
    assert [row["id"] for row in dumped()[0]] == [row["id"] for row in inspections]
    assert contents()[1:] == contents([inspections, findings, flags])[1:]


@pytest.mark.parametrize(
    "tamper",
    [
        lambda: Finding.objects.filter(condition="A3").delete(),
        lambda: Finding.objects.filter(condition="A3").update(condition="A4"),
        lambda: Finding.objects.filter(condition="A3").update(evidence={}),
        lambda: Flag.objects.all().delete(),
        lambda: Flag.objects.update(details={"count": 0}),
        lambda: Flag.objects.bulk_create(Flag(inspection=i, code="x") for i in of_all()),
        lambda: Inspection.objects.update(answers={}),
        lambda: Inspection.objects.update(repeats={"z_photo": []}, lon=None, visit_date=None),
    ],
)
def test_whatever_stands_is_put_right(seven: None, tamper: Callable[[], object]) -> None:
    before = contents()
    tamper()
    assert contents() != before

    run("--all")

    assert contents() == before
    assert ", 0 thay đổi" in run("--all")


def test_figures_beyond_all_numbers_are_kept_and_change_nothing(project: Project) -> None:
    builders.form(project, FORM.replace("| min  | a3_key_f |", "| min  | a3_key_f a5_child |"))
    huge = "9" * 308  # one is a number, two of them are none
    xml = builders.instance({**GOOD, "a/a3_key_f": huge, "a/a5_child": huge})
    builders.send(project, xml)

    assert Finding.objects.get(condition="A3").value == math.inf
    assert run("--all") == "Đã tính lại 1 hồ sơ, 0 thay đổi, 0 lỗi.\n"


def test_every_column_of_a_derived_row_is_derived() -> None:
    columns = {
        table: {field.column for field in table._meta.concrete_fields}
        for table in (Inspection, Finding, Flag)
    }

    assert columns[Inspection] == {"id", "derived_at", *rows.INSPECTION}
    assert columns[Finding] == {"id", "inspection_id", *rows.FINDING}
    assert columns[Flag] == {"id", "inspection_id", *rows.FLAG}


def test_only_one_form_is_computed_again_when_it_is_named(seven: None, project: Project) -> None:
    builders.form(project, FORM.replace("kt_thu ", "kt_hai "))
    builders.send(project, builders.instance(GOOD, form_id="kt_hai", instance_id="uuid:other"))

    assert run("--form", "kt_hai").startswith("Đã tính lại 1 hồ sơ")


def test_only_what_came_since_a_day_is_computed_again(seven: None) -> None:
    first = Submission.objects.order_by("pk").first()
    SubmissionVersion.objects.filter(submission=first).update(received_at="2025-01-01T00:00:00Z")

    assert run("--since", "2025-01-01").startswith("Đã tính lại 7 hồ sơ")
    assert run("--since", "2025-01-02").startswith("Đã tính lại 6 hồ sơ")


@pytest.mark.parametrize("arguments", [(), ("--since", "hôm qua"), ("--form", "kt_khac")])
def test_it_asks_for_what_it_cannot_guess(seven: None, arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        run(*arguments)


def test_it_fails_when_one_cannot_be_computed_and_does_the_others(seven: None) -> None:
    SubmissionVersion.objects.filter(instance_id="uuid:3").update(xml=b"<a>")
    out = io.StringIO()

    with pytest.raises(CommandError):
        call_command("rederive", "--all", stdout=out)

    assert out.getvalue() == "Đã tính lại 6 hồ sơ, 0 thay đổi, 1 lỗi.\n"
