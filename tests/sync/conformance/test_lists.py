"""Rows of the groups FL, SY and MF that no test beside the code plays."""

from __future__ import annotations

import re

import pytest
from lxml.etree import _Element

from server import xml
from server.forms.models import AttachmentSource
from server.projects import accounts
from server.projects.models import AppUser, Project
from sync.collect import ServerRefused
from tests.device import Device
from tests.sync.published import attach, attach_list, publish

MD5 = re.compile("md5:[0-9a-f]{32}")
XFORMS_LIST = "{http://openrosa.org/xforms/xformsList}"
XFORMS_MANIFEST = "{http://openrosa.org/xforms/xformsManifest}"


def elements(device: Device, path: str) -> list[_Element]:
    """Return the children of every item of a list or manifest, in document order."""
    root = xml.parse(device.fetch(path).body)
    return [child for item in root for child in item]


@pytest.mark.row("FL07", "FL10")
def test_a_list_holds_what_collect_knows_and_each_hash_has_its_prefix(
    device: Device, project: Project
) -> None:
    publish(project, files={"a.png": b"x"})

    found = elements(device, "formList")

    assert [element.tag for element in found] == [
        f"{XFORMS_LIST}{name}"
        for name in ("formID", "name", "version", "hash", "downloadUrl", "manifestUrl")
    ]
    assert MD5.fullmatch(found[3].text or "")


@pytest.mark.row("FL08", "FL34")
@pytest.mark.parametrize("title", ["", "  \n", "Biểu \x0b 1", "\ufffe", "]]>", "<&>\"'"])
def test_no_title_makes_a_list_that_cannot_be_read(
    device: Device, project: Project, title: str
) -> None:
    publish(project, form_id="good", title="Biểu tốt")
    publish(project, form_id="odd", title=title)

    listed = {form.form_id: form.name for form in device.forms()}

    assert listed["good"] == "Biểu tốt"
    assert listed["odd"]


@pytest.mark.row("FL33", "SY03")
def test_a_phone_whose_server_is_not_there_any_more_keeps_its_forms(
    device: Device, project: Project
) -> None:
    publish(project)
    device.match_exactly()
    device.server_url += "/moved"

    with pytest.raises(ServerRefused, match="404"):
        device.match_exactly()

    assert list(device.held) == [("household", "1")]


@pytest.mark.row("FL35", "SY03")
def test_a_phone_whose_key_is_no_key_is_told_401_and_keeps_its_forms(
    device: Device, project: Project
) -> None:
    publish(project)
    device.match_exactly()
    device.server_url = device.server_url[:-20] + "/projects/1"

    with pytest.raises(ServerRefused, match="401"):
        device.match_exactly()

    assert list(device.held) == [("household", "1")]


@pytest.mark.row("SY07")
def test_a_form_that_was_deleted_on_the_phone_is_offered_again(
    device: Device, project: Project
) -> None:
    publish(project)
    device.match_exactly()
    device.held.clear()

    assert device.match_exactly() == ["household"]


@pytest.mark.row("SY11")
def test_a_file_that_a_new_version_keeps_has_the_hash_that_phones_hold(
    device: Device, project: Project
) -> None:
    publish(project, version="1", files={"a.png": b"same"})
    before = device.manifest(device.forms()[0])
    publish(project, version="2", files={"a.png": b"same"})

    after = device.manifest(device.forms()[0])

    assert before["a.png"][0] == after["a.png"][0]


@pytest.mark.row("SY12")
def test_a_phone_that_misses_one_file_keeps_the_version_it_had(
    device: Device, project: Project
) -> None:
    publish(project, version="1", files={"a.png": b"x"})
    device.match_exactly()
    version = publish(project, version="2", files={"a.png": b"y"})
    attach(version, "b.png", b"z")
    version.attachments.filter(name="b.png").update(sha256="0" * 64)

    with pytest.raises(ServerRefused, match="500"):
        device.match_exactly()

    assert list(device.held) == [("household", "1")]


@pytest.mark.row("MF05", "MF07")
def test_every_file_of_a_manifest_has_a_name_a_hash_and_an_address_and_no_type(
    device: Device, project: Project
) -> None:
    version = publish(project, files={"a.png": b"", "late.png": None})
    attach_list(version, "communes.csv", AttachmentSource.COMMUNES)

    root = xml.parse(device.fetch("forms/household/versions/1/manifest").body)

    assert [dict(item.attrib) for item in root] == [{}, {}]
    assert [child.tag.removeprefix(XFORMS_MANIFEST) for child in root[0]] == [
        "filename",
        "hash",
        "downloadUrl",
    ]
    assert all(MD5.fullmatch(item[1].text or "") for item in root)


@pytest.mark.row("AU05")
def test_a_persons_session_opens_nothing_here(
    device: Device, project: Project, base_url: str
) -> None:
    accounts.create_user("lan@example.org", "Lan", "quyển sổ màu xanh")
    session = accounts.open_session("lan@example.org", "quyển sổ màu xanh")
    assert session is not None

    answer = device.fetch(f"{base_url}/v1/key/{session.token}/projects/{project.pk}/formList")

    assert (answer.status, answer.nature) == (403, "key.unknown")


@pytest.mark.row("AU08")
def test_a_key_without_a_last_day_has_none(device: Device) -> None:
    assert AppUser.objects.get().expires_at is None
    assert device.fetch("formList").status == 200
