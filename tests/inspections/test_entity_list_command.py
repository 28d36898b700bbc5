"""`entity_list`: who approves new entities of a list, and who gets which rows."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from server.entities.models import EntityList
from server.projects.models import Project
from tests import builders
from tests.inspections.test_kept_lists import FORM


@pytest.fixture
def project(transactional_db: None) -> Project:
    made = builders.project()
    builders.form(made, FORM)
    return made


def run(project: Project, *arguments: str, name: str = "kien_nghi") -> str:
    out = io.StringIO()
    call_command("entity_list", name, *arguments, "--project", f"{project.pk}", stdout=out)
    return out.getvalue()


def test_what_is_given_is_set_and_the_rest_is_left(project: Project) -> None:
    approval = run(project, "--approval", "yes")
    owner = run(project, "--owner", "chu")
    after = EntityList.objects.get()

    must = "kien_nghi: bản ghi mới phải duyệt phiếu rồi mới có;"
    assert approval == f"{must} máy nhận dòng theo xã.\n"
    assert owner == f"{must} mỗi máy chỉ nhận dòng của mình (chu).\n"
    assert (after.approval_required, after.owner_property, after.changes) == (True, "chu", 2)


def test_the_same_again_changes_nothing_and_an_empty_owner_takes_it_away(project: Project) -> None:
    run(project, "--owner", "chu")
    run(project, "--owner", "chu")

    assert EntityList.objects.get().changes == 1
    assert run(project, "--owner", "") == "kien_nghi: bản ghi mới có ngay; máy nhận dòng theo xã.\n"


def test_asking_makes_no_list(project: Project) -> None:
    assert "có ngay" in run(project)
    assert "mỗi máy chỉ nhận dòng của mình (app_user)" in run(project, name="viec")
    assert not EntityList.objects.exists()


@pytest.mark.parametrize(
    ("name", "owner", "said"),
    [("kien_nghj", "chu", "kien_nghj"), ("kien_nghi", "nguoi", "Chọn một trong: chu, xa")],
)
def test_a_list_or_an_owner_that_no_form_knows_is_refused(
    project: Project, name: str, owner: str, said: str
) -> None:
    with pytest.raises(CommandError, match=said):
        run(project, "--owner", owner, name=name)

    assert not EntityList.objects.exists()
