"""What is new in a list is made for many submissions at once, as it is one by one."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from server.entities.models import Entity, EntityList, EntitySource
from server.inspections import derive as derive_module
from server.inspections.derive import derive
from server.projects.models import Project
from server.submissions.models import Submission
from tests import builders
from tests.entities.test_apply import A, filled, project

__all__ = ["project"]

B = "1c1f5a52-6d1c-4c5e-9d0a-3f2b1c4d5e6f"
C = "2d1f5a52-6d1c-4c5e-9d0a-3f2b1c4d5e6f"


def asking(project: Project, number: int, uuid: str) -> Submission:
    xml = filled(number, f"id='{uuid}' create='1'", f"<viec>Việc {number}</viec>", f"Việc {number}")
    return builders.send(project, xml, is_derived=False)


def outcomes() -> list[tuple[str, str]]:
    rows = EntitySource.objects.order_by("submission_id")
    return list(rows.values_list("state", "failure"))


@pytest.mark.row("ET18")
def test_of_many_only_the_one_whose_id_is_taken_makes_nothing(project: Project) -> None:
    derive([asking(project, 1, A).pk])
    together = [asking(project, 2, B), asking(project, 3, A), asking(project, 4, C)]

    derive([submission.pk for submission in together])

    labels = Entity.objects.order_by("pk").values_list("label", flat=True)
    assert list(labels) == ["Việc 1", "Việc 2", "Việc 4"]
    assert outcomes() == [("done", ""), ("done", ""), ("failed", "entity.exists"), ("done", "")]
    assert EntityList.objects.get().changes == 3


@pytest.mark.row("ET18")
def test_of_two_that_make_the_same_the_first_one_does(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    together = [asking(project, 1, A), asking(project, 2, A)]

    derive([submission.pk for submission in together])

    assert Entity.objects.get().label == "Việc 1"
    assert outcomes() == [("done", ""), ("failed", "entity.exists")]
    assert "IntegrityError" not in caplog.text  # both were derived together


def test_one_that_arrives_costs_few_statements(
    project: Project, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    builders.send(project, filled(1, f"id='{A}' create='1'", label="Một"))  # the list is there
    xml = filled(2, f"id='{B}' create='1'", label="Hai")
    receipt = builders.arrive(project, xml)

    # The map's age; a savepoint around: the meaning, the list, its entities, who waited for them.
    with django_assert_num_queries(7):
        derive_module.arrived(receipt)

    version = Entity.objects.get(label="Hai").versions.get()
    assert (version.number, version.submission_id) == (1, receipt.submission_id)


def test_an_arrival_whose_id_is_taken_is_written_down_as_such(project: Project) -> None:
    builders.send(project, filled(1, f"id='{A}' create='1'", label="Một"))

    submission = builders.send(project, filled(2, f"id='{A}' create='1'", label="Hai"))

    assert Entity.objects.get().label == "Một"
    assert EntitySource.objects.get(submission_id=submission.pk).failure == "entity.exists"
    assert submission.derive_owed_at is None
