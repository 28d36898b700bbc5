"""`manage.py rederive`: everything derived, computed again from the bytes."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from server.communes.models import AdminUnit
from server.forms.models import FormVersion
from server.inspections import sweep
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
            "h/h_date": f"2026-0{number + 1}-10",
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
    def contents() -> list[Any]:
        times_and_keys = ("id", "inspection_id", "derived_at")
        return [
            [{k: v for k, v in row.items() if k not in times_and_keys} for row in rows]
            for rows in dumped()
        ]

    before = contents()
    Inspection.objects.all().delete()

    assert "7 thay đổi" in run("--all")

    assert contents() == before


def test_a_rule_that_changed_shows_after_computing_again(seven: None) -> None:
    version = FormVersion.objects.get()
    version.conditions["conditions"][1]["rules"][0]["threshold"]["default"] = 2.0
    version.save()
    reading_of.cache_clear()

    assert "7 thay đổi" in run("--all")

    assert set(Finding.objects.filter(condition="A3").values_list("status", flat=True)) == {
        "khong_dat"
    }
    assert Finding.objects.count() == 21
    reading_of.cache_clear()


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
