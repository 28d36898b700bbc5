"""`manage.py indicators`: the same figures, in a terminal and as CSV."""

from __future__ import annotations

import csv
import io

import pytest
from django.core.management import CommandError, call_command

from server.projects.models import Project
from tests import builders
from tests.builders import REFORM
from tests.inspections.test_figures import project, told

__all__ = ["project"]


def run(project: Project, *options: str) -> str:
    out = io.StringIO()
    asked = ("--form", "kt_thu", "--year", "2026", "--period", "h1", "--units-on", "2026-06-12")
    call_command("indicators", "--project", str(project.pk), *asked, *options, stdout=out)
    return out.getvalue()


def test_it_prints_the_province_with_small_counts_hidden(project: Project) -> None:
    told(project, "1", a3_key_f=1, a3_key=3, a5_child=2)

    said = run(project)

    assert "33,3 = 1 / 3  Tỷ lệ nữ (%) [1 lượt]" in said
    assert "<5  Tảo hôn [1 lượt]" in said
    assert "2  Tảo hôn [1 lượt]" in run(project, "--exact")


def test_the_csv_has_every_commune_group_and_the_province(project: Project) -> None:
    told(project, "1", a3_key_f=1, a3_key=3, a5_child=2)

    rows = list(csv.reader(io.StringIO(run(project, "--csv", "--group", "type"))))

    assert {len(row) for row in rows} == {len(rows[0])}
    assert [row[2] for row in rows[1:]] == [
        *("Xã 1", "Xã 2", "Xã 3", "Phường 4"),
        *("Xã (3 xã, phường)", "Phường (1 xã, phường)", "Toàn tỉnh"),
    ]
    told_by = dict(zip(rows[0], rows[1], strict=True))
    assert told_by["Tỷ lệ nữ (%)"] == "33,3"
    assert told_by["Tỷ lệ nữ (%) – mẫu số"] == "3"
    assert told_by["Nữ – yes"] == "1"
    assert told_by["Tảo hôn"] == "<5"
    assert dict(zip(rows[0], rows[2], strict=True))["Tảo hôn"] == ""


def notes(project: Project, *options: str) -> dict[str, str]:
    """Return what stands beside each row, by its name."""
    heads, *rows = csv.reader(io.StringIO(run(project, "--csv", *options)))
    return {row[heads.index("Xã, phường")]: row[3] for row in rows}


def test_a_commune_that_nobody_inspected_is_not_called_an_old_one(project: Project) -> None:
    told(project, "1")

    found = notes(project)

    assert (found["Xã 1"], found["Xã 2"]) == ("", "chưa được kiểm tra")


def test_units_of_the_years_first_day_that_nobody_inspected_are_counted(project: Project) -> None:
    old = [builders.commune(c, f"Xã {c}", since=None, until=REFORM) for c in "678"]
    new = builders.commune("9", "Xã 9")
    for unit in old:
        builders.became(unit, new)
    told(project, "7", year=2025)

    found = notes(project, "--year", "2025")

    assert found["Xã 9"] == "2 đơn vị theo địa giới đầu năm 2025 chưa được kiểm tra"


def test_a_newer_unit_that_nobody_inspected_is_not_called_an_old_one(project: Project) -> None:
    old = builders.commune("6", "Xã 6", since=None, until=REFORM)
    builders.became(old, builders.commune("9", "Phường 9", type="phuong"))

    found = notes(project, "--units-on", "2024-12-31")

    assert found["Xã 6"] == "1 đơn vị theo địa giới đầu năm 2026 chưa được kiểm tra"


def test_what_is_wrong_is_said_in_a_sentence(project: Project) -> None:
    with pytest.raises(CommandError, match="Chưa có nguồn số liệu"):
        run(project, "--group", "zone")
