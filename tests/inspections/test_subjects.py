"""Several workplaces of a commune, each with inspections of its own; worked out by hand."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps

from server.forms.models import FormVersion
from server.inspections.models import Inspection
from server.projects.models import Project
from server.submissions.models import Submission
from tests import builders
from tests.builders import FORM, GOOD

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
