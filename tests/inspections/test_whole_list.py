"""All of a form's records that a person may see, found quickly, are those that reading finds."""

from __future__ import annotations

import pytest
from django.utils import timezone

from server.inspections import form_counts, review
from server.inspections.models import GpsStatus, Inspection
from server.inspections.whole_list import WholeList, whole_list
from server.lengths import BLOCK
from server.projects.models import Membership, Project, Role
from server.submissions.models import Submission
from tests import builders

OURS, THEIRS = "05665@2025-07-01", "05500@2025-07-01"
# In three blocks; every third is of the other commune, and one is of none.
NUMBERS = (1, 2, 3, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 5, 2 * BLOCK + 6, 2 * BLOCK + 7)
GONE = (2, BLOCK + 1, 2 * BLOCK + 7)


@pytest.fixture
def project(db: None) -> Project:
    return builders.project()


@pytest.fixture(params=[Role.MANAGER, Role.SUPERVISOR])
def member(request: pytest.FixtureRequest, project: Project) -> Membership:
    builders.commune("05665", "Xã Một")
    builders.commune("05500", "Xã Hai")
    for version in (builders.form(project), builders.form(builders.project("Bắc Kạn"))):
        _fill(version.form_id, version.pk, shift=version.form_id * 10)
    # Which commune says nothing of a manager.
    return Membership(project=project, role=request.param, commune_uids=[OURS])


def _fill(form_id: int, version_id: int, *, shift: int) -> None:
    now = timezone.now()
    for place, number in enumerate(NUMBERS):
        submission = Submission.objects.create(
            pk=number + shift,
            form_id=form_id,
            instance_id=f"uuid:{number}",
            created_at=now,
            deleted_at=now if number in GONE else None,
        )
        Inspection.objects.create(
            submission=submission,
            form_id=form_id,
            form_version_id=version_id,
            unit_id=None if place == 3 else THEIRS if place % 3 == 2 else OURS,
            gps_status=GpsStatus.MISSING,
            answers={},
            repeats={},
            derived_at=now,
        )


def listed(membership: Membership) -> tuple[WholeList, list[int]]:
    form = membership.project.form_set.get()
    found = review.within_scope(membership, form).order_by("-pk")
    return whole_list(membership, form), list(found.values_list("pk", flat=True))


def test_their_number_is_known(member: Membership) -> None:
    whole, expected = listed(member)

    assert whole.count() == len(expected) == (6 if member.role == Role.MANAGER else 4)


def test_any_part_is_found_by_how_many_come_before(member: Membership) -> None:
    whole, expected = listed(member)

    found = [[row.pk for row in whole.part(whole.broad(), 2, skip=skip)] for skip in range(8)]

    assert found == [expected[skip : skip + 2] for skip in range(8)]


def test_any_part_is_found_by_what_comes_before(member: Membership) -> None:
    whole, expected = listed(member)

    below, rest = expected[0], expected[1:]

    assert [row.pk for row in whole.part(whole.broad(), 9, below=below)] == rest
    assert [row.pk for row in whole.part(whole.broad(), 1, below=below, skip=1)] == rest[1:2]


def test_whoever_reviews_nothing_has_no_list(member: Membership) -> None:
    member.role = Role.VIEWER

    with pytest.raises(ValueError, match="reviews no record"):
        whole_list(member, member.project.form_set.get())


def test_the_counts_of_forms_are_of_the_records_that_a_person_may_see(member: Membership) -> None:
    form = member.project.form_set.get()
    seen = review.within_scope(member, form)
    approved = review.with_deleted(member, form).order_by("pk")[:2]  # the second is deleted
    Submission.objects.filter(pk__in=approved.values("pk")).update(review_state="approved")

    (counted,) = form_counts.by_form(member).items()

    assert counted[0] == form.pk
    assert counted[1].submissions == seen.count() == sum(counted[1].by_state.values())
    assert counted[1].by_state["approved"] == seen.filter(review_state="approved").count() > 0
    assert counted[1].last_at == seen.latest("created_at").created_at
