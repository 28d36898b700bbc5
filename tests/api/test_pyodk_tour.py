"""The script of docs/examples, run as anybody would run it: pyodk unpatched, over HTTP."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pyodk.client import Client
from pyodk.errors import PyODKError

from server.entities.models import Entity, EntityList
from server.projects.models import Project, Role
from server.submissions.models import ReviewState, Submission
from tests import builders
from tests.api.test_pyodk_submissions import client as client
from tests.api.test_pyodk_submissions import hoa as hoa
from tests.sync.conftest import base_url as base_url
from tests.sync.conftest import project as project  # transactional: the server reads it too

TOUR = Path(__file__).parents[2] / "docs" / "examples" / "pyodk_tour.py"
FORM = """
| survey   | type    | name | label          | hint                                          | sensitivity |
|          | text    | xa   | Xã             | Không ghi tên, địa chỉ, tình tiết vụ việc. | public      |
|          | integer | nu   | Nữ ban chỉ đạo |                                               | public      |
| settings | form_title | form_id | version |
|          | Thăm xã    | tham_xa | 1       |
"""  # noqa: E501


@pytest.mark.row("RS42")
def test_the_script_does_all_of_it(base_url: str, project: Project, tmp_path: Path) -> None:
    builders.member(project, "hoa@example.org", Role.MANAGER)
    config, workbook = tmp_path / "config.toml", tmp_path / "tham_xa.xlsx"
    config.write_text(
        f'[central]\nbase_url = "{base_url}"\nusername = "hoa@example.org"\n'
        f'password = "{builders.PASSWORD}"\ndefault_project_id = {project.pk}\n'
    )
    workbook.write_bytes(builders.workbook(FORM))

    ran = subprocess.run(
        [sys.executable, str(TOUR), str(config), str(workbook)],
        env={"PYODK_CACHE_FILE": str(tmp_path / "cache.toml")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ran.stdout, ran.returncode) == ("2 2 2\n", 0), ran.stderr
    sent = Submission.objects.get(instance_id="uuid:1")
    assert (sent.review_state, sent.versions.count()) == (ReviewState.EDITED, 2)
    assert Entity.objects.get(entity_list__name="co_so").data == {"dia_chi": "Thôn 4"}


def test_the_script_is_no_longer_than_thirty_lines() -> None:
    lines = [line for line in TOUR.read_text().splitlines() if line.strip()]

    assert len(lines) <= 30


def test_a_list_and_its_properties_have_one_name_each(client: Client, project: Project) -> None:
    lists = client.entity_lists
    made = lists.create(entity_list_name="co_so", approval_required=True)
    assert lists.add_property("dia_chi", entity_list_name="co_so")

    client.entities.create("Tạm lánh", {"dia_chi": "Thôn 3"}, "co_so")
    assert client.entities.get_table("co_so", count=True)["value"][0]["dia_chi"] == "Thôn 3"

    told = {}
    for name in ("Co_So", "co.so", "__so"):
        with pytest.raises(PyODKError) as refused:
            lists.create(entity_list_name=name)
        told[name] = refused.value.args[1].json()["code"]
    for name in ("DIA_CHI", "label", "__x"):
        with pytest.raises(PyODKError) as refused:
            lists.add_property(name, entity_list_name="co_so")
        told[name] = refused.value.args[1].json()["code"]

    assert (made.approvalRequired, made.properties) == (True, [])
    assert [one.name for one in lists.get("co_so").properties or ()] == ["dia_chi"]
    assert list(told.values()) == [409.3, 400.25, 400.25, 409.3, 400.25, 400.25]
    assert EntityList.objects.get().project == project


def test_merging_a_table_again_changes_nothing(client: Client, project: Project) -> None:
    client.entity_lists.create(entity_list_name="co_so")
    first = [{"label": f"Cơ sở {n} ", "dia_chi": " Thôn 3"} for n in range(3)]
    second = [*first[:2], {"label": "Mới", "xa": "05665@2025-07-01 "}]

    client.entities.merge(first, "co_so")
    client.entities.merge(first, "co_so")
    client.entities.merge(second, "co_so", delete_not_matched=True)

    told = [(one.label, one.version, one.data) for one in Entity.objects.filter(deleted_at=None)]
    assert sorted(told) == [
        ("Cơ sở 0 ", 1, {"dia_chi": " Thôn 3"}),
        ("Cơ sở 1 ", 1, {"dia_chi": " Thôn 3"}),
        ("Mới", 1, {"xa": "05665@2025-07-01"}),
    ]
