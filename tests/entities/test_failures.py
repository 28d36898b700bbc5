"""What a submission says about entities and nobody could carry out is listed until it is mended."""

from __future__ import annotations

import pytest

from server.entities import failures
from server.entities.models import Entity, EntitySource
from server.inspections import sweep
from server.projects import accounts
from server.projects.models import Membership, Project, Role
from server.submissions.models import Submission
from tests import builders
from tests.api.conftest import Program
from tests.entities.test_apply import A, filled, project

__all__ = ["project"]


@pytest.fixture
def supervisor(project: Project) -> Program:
    person = builders.member(project, role=Role.SUPERVISOR)
    opened = accounts.open_session(person.email, builders.PASSWORD)
    assert opened is not None
    return Program(opened.token)


def address(project: Project) -> str:
    return f"/v1/projects/{project.pk}/entity-failures"


def test_failures_are_listed_with_a_reason_until_they_are_mended(
    project: Project, supervisor: Program
) -> None:
    elsewhere = filled(2, f"id='{A}' create='1'", label="L").replace(b"kien_nghi", b"la_lung")
    builders.send(project, filled(1, "id='12' create='1'", label="L"))
    builders.send(project, elsewhere)
    sum((outcome.derived for outcome in sweep.rederive(Submission.objects.all())), 0)

    newest, oldest = supervisor.get(address(project)).json

    assert (newest["instanceId"], newest["form"], newest["by"]) == ("uuid:2", "kn", "")
    assert newest["code"] == "entity.not_declared"
    assert "danh sách la_lung" in newest["reason"]
    assert (oldest["code"], oldest["instanceId"]) == ("entity.id_invalid", "uuid:1")
    assert "UUID" in oldest["reason"]
    in_english = supervisor.get(address(project), headers={"Accept-Language": "en"}).json[0]
    assert "to list la_lung" in in_english["reason"]

    builders.send(project, filled(3, f"id='{A}' create='1'", label="L", old=1))
    builders.send(project, filled(4, "", old=2))  # says nothing of entities any more

    assert supervisor.get(address(project)).json == []
    assert Entity.objects.count() == 1


def test_only_who_reviews_the_commune_reads_them(project: Project, supervisor: Program) -> None:
    builders.send(project, filled(1, "id='12' create='1'", label="L"))
    assert len(supervisor.get(f"{address(project)}?limit=1").json) == 1

    Membership.objects.update(commune_uids=["05665@2025-07-01"])
    assert supervisor.get(address(project)).json == []

    Membership.objects.update(role=Role.VIEWER)
    assert supervisor.get(address(project)).status == 404


def test_what_failed_before_its_details_were_kept_says_so_with_dots(project: Project) -> None:
    builders.send(project, filled(1, f"id='{A}' update='1' baseVersion='1'"))
    source = EntitySource.objects.get()
    assert "kien_nghi" in failures.sentence(source)

    source.details = {}

    assert "…" in failures.sentence(source)
    source.failure = "entity.of_the_past"
    assert failures.sentence(source) == ""
