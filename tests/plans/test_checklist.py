"""What there is to look at before a period is locked, for each person."""

from __future__ import annotations

from server.plans.checklist import checklist
from server.plans.models import PeriodCode
from server.plans.period import Name
from server.projects.models import Membership, Project, Role
from tests import builders
from tests.inspections.test_figures import project, told

__all__ = ["project"]


def lacking(membership: Membership) -> set[str]:
    found = checklist(membership, Name(2026, PeriodCode.H1), "vi")
    return {one.code for one in found.unfounded}


def test_how_many_told_a_sensitive_ratio_is_for_who_sees_all_alone(project: Project) -> None:
    told(project, "1", a3_key="", a7_recv="", a7_done="")
    person = builders.member(project, role=Role.SUPERVISOR)
    of_all = Membership.objects.get(user=person)
    of_one = Membership(
        user=person, project=project, role=Role.SUPERVISOR, commune_uids=["1@start"]
    )

    assert lacking(of_all) == {"share", "done"}
    assert lacking(of_one) == {"share"}
