"""What is asked wrongly: filters nobody knows, and days that are none or the last there are."""

from __future__ import annotations

import pytest

from server.projects.models import Project, Role
from tests import builders
from tests.api.conftest import Program
from tests.api.test_review import signed_in
from tests.builders import GOOD, instance

FORM = "forms/kt_thu"


@pytest.fixture
def manager(project: Project) -> Program:
    builders.form(project)
    builders.send(project, instance(GOOD))
    return signed_in(project, "quan-ly", Role.MANAGER)


@pytest.mark.parametrize(
    ("asked", "columns"),
    [
        (f"{FORM}/submissions.csv?received_to=9999-12-31", 2),
        (f"{FORM}/submissions.csv?received_from=0001-01-01", 2),
        (f"{FORM}/submissions.csv?visited_to=9999-12-31", 2),
        (f"{FORM}/submissions.csv?visited_from=9999-12-31", 1),
    ],
)
def test_the_first_and_the_last_day_there_is_are_days(
    manager: Program, project: Project, asked: str, columns: int
) -> None:
    answer = manager.get(f"/v1/projects/{project.pk}/{asked}")

    assert (answer.status, answer.text.count("\n")) == (200, columns)


@pytest.mark.parametrize(
    "asked",
    [
        f"{FORM}/submissions.csv?received_to=2026-02-30",
        f"{FORM}/export.xlsx?visited_from=10000-01-01",
        f"{FORM}.svc/Submissions?$filter=__system/submissionDate ge 2026-13-01",
        f"{FORM}.svc/Communes?on_date=2026-02-30",
        "communes?on_date=infinity",
        "crosswalk?from=2025-01-01&to=2026-00-01",
        "findings?year=99999999999999999999",
        "overview?years=0-99999",
    ],
)
def test_what_is_no_day_is_refused_in_a_sentence(
    manager: Program, project: Project, asked: str
) -> None:
    answer = manager.get(f"/v1/projects/{project.pk}/{asked}")

    assert answer.status == int(answer.json["code"]) == 400
    assert answer.json["message"]


@pytest.mark.parametrize("moment", ["0001-01-01", "9999-12-31T23:59:59-14:00", "2026-02-30"])
def test_a_moment_that_no_clock_shows_is_refused(manager: Program, moment: str) -> None:
    answer = manager.get(f"/v1/audits?start={moment}")

    assert answer.status == 400
    assert "start" in answer.json["message"]


@pytest.mark.parametrize(
    "asked",
    [
        "findings?stauts=khong_dat",
        "flags?codes=gps_far",
        "recommendations?is_late=true",
        "quarantine?xa=05665",
        "conflicts?stats=open",
        "entity-failures?form=kt_thu",
        "summary?form=kt_thu&year=2026&data_=approved",
        "overview?year=2026&forms_=kt_thu",
        "coverage?form=kt_thu&year=2026&xa=05665",
        f"{FORM}/export.csv.zip?communes=05665",
    ],
)
def test_a_filter_that_nobody_knows_is_refused_and_not_passed_over(
    manager: Program, project: Project, asked: str
) -> None:
    answer = manager.get(f"/v1/projects/{project.pk}/{asked}")

    assert (answer.status, answer.nature) == (400, "parameter.invalid")
    assert asked.rpartition("=")[0].rpartition("?")[2].rpartition("&")[2] in answer.json["message"]


@pytest.mark.parametrize("query", ["finding=A99", "finding=A99:dat", "team=Sai", "version=9"])
def test_a_filter_that_nothing_goes_by_is_refused_and_gives_no_empty_file(
    manager: Program, project: Project, query: str
) -> None:
    answer = manager.get(f"/v1/projects/{project.pk}/{FORM}/submissions.csv.zip?{query}")

    assert (answer.status, answer.nature) == (400, "filter.unknown")
