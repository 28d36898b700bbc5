"""Drafts as their author makes them, and a phone that tries one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import pytest

from server.forms import drafts, sandbox, validate
from server.forms.compile import compile_workbook
from server.forms.publish import publish
from server.projects.models import Project
from sync.addresses import DraftAddresses
from tests.builders import workbook
from tests.device import Device

# The household form of tests.sync.published, as a workbook.
HINT = "Không ghi tên, địa chỉ, tình tiết vụ việc."
HOUSEHOLD = """
| survey   | type  | name  | label::Tiếng Việt (vi)              | hint::Tiếng Việt (vi) | image |
|          | text  | head  | Nhận xét                            | {hint}                |       |
|          | image | photo | Ảnh. Không có người, không có tên.  |                       |       |
|          | image | other | Thêm. Không có người, không có tên. |                       |       |
|          | note  | see   | Xem hình                            |           | guide.png         |
| settings | form_title  | form_id   | version   |
|          | Hộ gia đình | household | {version} |
"""

Drafted = Callable[..., Device]


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Save a Python and a JVM for each workbook."""
    monkeypatch.setattr(sandbox, "compile_apart", compile_workbook)
    monkeypatch.setattr(validate, "is_available", lambda: False)


def book(version: str) -> bytes:
    return workbook(HOUSEHOLD.format(version=version, hint=HINT))


def publish_book(project: Project, version: str = "1") -> None:
    publish(project, book(version))


@pytest.fixture
def drafted(base_url: str, project: Project) -> Iterator[Drafted]:
    """Make a draft and set a phone up with its address, as often as it is called."""
    phones = []

    def make(version: str = "9", media: Mapping[str, bytes] | None = None) -> Device:
        made = drafts.create(project, book(version), media=media)
        form_id = made.draft.form.form_id
        phones.append(Device(DraftAddresses(base_url, made.token, project.pk, form_id).server))
        return phones[-1]

    yield make
    for phone in phones:
        phone.close()
