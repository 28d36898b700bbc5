"""What is sent to a draft makes no entity (openrosa.md ET10)."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from server.entities.models import Entity, EntityList, EntitySource
from server.forms import drafts
from server.projects.models import Project
from server.submissions.models import DraftSubmission
from sync.addresses import DraftAddresses
from tests.builders import workbook
from tests.device import Device

FORM = """
| survey   | type | name  | label::Tiếng Việt (vi) | hint::Tiếng Việt (vi) | save_to |
|          | text | state | Trạng thái | Không ghi tên, địa chỉ, tình tiết vụ việc. | trang_thai |
| entities | list_name | label |
|          | kien_nghi | ${state} |
| settings | form_title | form_id | version |
|          | Kiến nghị | kn | 1 |
"""


@pytest.fixture
def phone(base_url: str, project: Project) -> Iterator[Device]:
    made = drafts.create(project, workbook(FORM))
    phone = Device(DraftAddresses(base_url, made.token, project.pk, "kn").server)
    yield phone
    phone.close()


@pytest.mark.row("ET10")
def test_what_is_sent_to_a_draft_makes_no_entity(phone: Device) -> None:
    answer = phone.give(
        f"<data id='kn' version='1'><state>moi</state><meta><instanceID>uuid:{uuid4()}</instanceID>"
        f"<entity dataset='kien_nghi' id='{uuid4()}' create='1'><label>moi</label></entity>"
        "</meta></data>".encode()
    )

    assert answer.status == 201
    assert DraftSubmission.objects.count() == 1
    assert not EntitySource.objects.exists()
    assert not Entity.objects.exists()
    assert not EntityList.objects.exists()
