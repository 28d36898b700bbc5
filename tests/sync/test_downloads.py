"""Forms, manifests and files: openrosa.md §2, §3, rows MF and FD."""

from __future__ import annotations

import pytest
from django.utils import timezone

from server.forms.models import AttachmentSource, Form, FormState
from server.projects import accounts
from server.projects.models import Project
from tests.device import Device
from tests.sync.published import attach, attach_list, md5, publish

PINNED = "forms/household/versions/1"
KINDS = ["{0}.xml", "{0}/manifest", "{0}/attachments/a.png"]


@pytest.mark.row("MF01", "SY10")
def test_a_manifest_names_each_file_with_its_hash_and_address(
    device: Device, project: Project
) -> None:
    publish(project, files={"b.csv": b"name\n", "a.png": b"\x89PNG"})
    [form] = device.forms()

    files = device.manifest(form)

    assert {name: hash_ for name, (hash_, _) in files.items()} == {
        "a.png": md5(b"\x89PNG"),
        "b.csv": md5(b"name\n"),
    }
    assert device.fetch(files["a.png"][1]).body == b"\x89PNG"


def test_a_manifest_has_the_headers_that_collect_insists_on(
    device: Device, project: Project
) -> None:
    """MF01, FL02."""
    publish(project)

    headers = device.fetch(f"{PINNED}/manifest").headers

    assert headers["x-openrosa-version"] == "1.0"
    assert headers["content-type"] == "text/xml; charset=utf-8"


@pytest.mark.row("MF03")
def test_a_form_without_files_has_an_empty_manifest(device: Device, project: Project) -> None:
    publish(project)

    answer = device.fetch(f"{PINNED}/manifest")

    assert (answer.status, answer.body.count(b"<mediaFile>")) == (200, 0)


@pytest.mark.row("FD04", "MF02", "MF04")
def test_a_file_that_nobody_uploaded_is_left_out_and_the_manifest_still_works(
    device: Device, project: Project
) -> None:
    publish(project, files={"a.png": b"x", "late.png": None})
    [form] = device.forms()

    assert list(device.manifest(form)) == ["a.png"]
    assert device.fetch(f"{PINNED}/attachments/late.png").nature == "download.file_unknown"


@pytest.mark.row("MF02")
def test_a_manifest_works_when_a_file_has_vanished_from_the_store(
    device: Device, project: Project
) -> None:
    """MF02: it needs no bytes. The download then fails, and Collect keeps what it has."""
    version = publish(project, files={"a.png": b"x"})
    version.attachments.update(sha256="0" * 64)

    assert device.fetch(f"{PINNED}/manifest").status == 200
    assert device.fetch(f"{PINNED}/attachments/a.png").nature == "server.error"


@pytest.mark.row("SY10")
def test_the_lists_of_the_server_are_offered_with_the_hash_of_their_bytes(
    device: Device, project: Project
) -> None:
    version = publish(project)
    attach_list(version, "communes.csv", AttachmentSource.COMMUNES)
    attach_list(version, "inspectors.csv", AttachmentSource.INSPECTORS)

    [form] = device.forms()
    files = device.manifest(form)
    device.match_exactly()

    assert list(files) == ["communes.csv", "inspectors.csv"]
    assert (
        device.held["household", "1"].files["inspectors.csv"].startswith(b"name,label,username\n")
    )
    assert device.match_exactly() == []


@pytest.mark.row("SY09")
def test_a_new_inspector_reaches_every_phone_at_its_next_check(
    device: Device, project: Project
) -> None:
    """SY09: the list's hash changes with the table."""
    attach_list(publish(project), "inspectors.csv", AttachmentSource.INSPECTORS)
    device.match_exactly()
    accounts.create_app_user(project, "Anh Đức")

    assert device.match_exactly() == ["household"]
    assert "Anh Đức" in device.held["household", "1"].files["inspectors.csv"].decode()


@pytest.mark.row("SY08")
def test_a_phone_that_gains_a_file_notices(device: Device, project: Project) -> None:
    version = publish(project, files={"a.png": b"x"})
    device.match_exactly()
    attach(version, "b.png", b"y")

    assert device.match_exactly() == ["household"]


@pytest.mark.row("FD01")
@pytest.mark.trap(14)
def test_a_form_is_delivered_byte_for_byte(device: Device, project: Project) -> None:
    version = publish(project)

    answer = device.fetch(f"{PINNED}.xml")

    assert answer.body == bytes(version.xform)
    assert answer.headers["content-type"] == "application/xml"


def test_the_current_version_has_addresses_without_a_version_too(
    device: Device, project: Project
) -> None:
    publish(project, version="1", files={"a.csv": b"1"})
    current = publish(project, version="2", files={"a.csv": b"2"})

    assert device.fetch("forms/household.xml").body == bytes(current.xform)
    assert device.fetch("forms/household/attachments/a.csv").body == b"2"
    assert b"/versions/2/attachments/a.csv" in device.fetch("forms/household/manifest").body


@pytest.mark.row("FD09")
def test_a_form_without_a_version_is_found_under_three_underscores(
    device: Device, project: Project
) -> None:
    publish(project, version="", files={"a.png": b"x"})

    assert device.match_exactly() == ["household"]
    assert device.fetch("forms/household/versions/___.xml").status == 200


@pytest.mark.row("FD10")
def test_an_older_version_is_still_served(device: Device, project: Project) -> None:
    old = publish(project, version="1", files={"a.png": b"old"})
    publish(project, version="2", files={"a.png": b"new"})

    assert device.fetch(f"{PINNED}.xml").body == bytes(old.xform)
    assert device.fetch(f"{PINNED}/attachments/a.png").body == b"old"


@pytest.mark.row("FD02")
def test_a_file_says_its_type_and_its_name(device: Device, project: Project) -> None:
    publish(project, files={'ả "1".png': b"x"})

    answer = device.fetch(f"{PINNED}/attachments/%E1%BA%A3%20%221%22.png")

    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-disposition"] == (
        "attachment; filename=\"? _1_.png\"; filename*=UTF-8''%E1%BA%A3%20%221%22.png"
    )
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["etag"].strip("W/") == f'"{md5(b"x")}"'


@pytest.mark.row("FD03")
@pytest.mark.trap(13)
@pytest.mark.parametrize("kind", KINDS)
def test_an_unchanged_download_is_304_and_empty(
    device: Device, project: Project, kind: str
) -> None:
    """FD03, with the weak tag that a zipped answer has, too."""
    publish(project, files={"a.png": b"x"})
    url = kind.format(PINNED)
    tag = device.fetch(url).headers["etag"].removeprefix("W/")

    answers = [device.fetch(url, {"If-None-Match": t}) for t in (tag, f"W/{tag}", '"other"')]

    assert [answer.status for answer in answers] == [304, 304, 200]
    assert answers[0].body == b""


@pytest.mark.row("FD12")
@pytest.mark.parametrize("kind", KINDS)
def test_downloads_may_be_kept_by_the_phone_alone(
    device: Device, project: Project, kind: str
) -> None:
    publish(project, files={"a.png": b"x"})

    headers = device.fetch(kind.format(PINNED)).headers

    assert headers["cache-control"] == "private, no-cache"
    assert "Accept-Encoding" in headers["vary"]


@pytest.mark.row("FD05")
@pytest.mark.parametrize("kind", KINDS)
def test_a_closed_form_is_403(device: Device, project: Project, kind: str) -> None:
    publish(project, files={"a.png": b"x"})
    Form.objects.update(state=FormState.CLOSED)

    answer = device.fetch(kind.format(PINNED))

    assert (answer.status, answer.nature) == (403, "download.form_closed")


@pytest.mark.row("FD06")
@pytest.mark.parametrize("kind", KINDS)
def test_a_closing_form_can_still_be_downloaded(
    device: Device, project: Project, kind: str
) -> None:
    publish(project, files={"a.png": b"x"})
    Form.objects.update(state=FormState.CLOSING)

    assert device.fetch(kind.format(PINNED)).status == 200


@pytest.mark.parametrize("kind", KINDS)
def test_a_deleted_form_is_404(device: Device, project: Project, kind: str) -> None:
    publish(project, files={"a.png": b"x"})
    Form.objects.update(deleted_at=timezone.now())

    answer = device.fetch(kind.format(PINNED))

    assert (answer.status, answer.nature) == (404, "download.form_unknown")


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_version_is_404(device: Device, project: Project, kind: str) -> None:
    publish(project, files={"a.png": b"x"})

    answer = device.fetch(kind.format("forms/household/versions/9"))

    assert (answer.status, answer.nature) == (404, "download.version_unknown")


@pytest.mark.parametrize("kind", KINDS)
def test_a_form_of_another_project_is_404(device: Device, project: Project, kind: str) -> None:
    """AU09, T14: what a key does not open is not there."""
    publish(accounts.create_project("Khác"), files={"a.png": b"x"})

    assert device.fetch(kind.format(PINNED)).nature == "download.form_unknown"


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_downloaded_without_a_key(
    device: Device, project: Project, base_url: str, kind: str
) -> None:
    publish(project, files={"a.png": b"x"})
    url = f"{base_url}/v1/key/{'x' * 64}/projects/{project.pk}/{kind.format(PINNED)}"

    assert device.fetch(url).status == 403


def test_a_name_that_climbs_out_of_its_folder_is_only_an_unknown_name(
    device: Device, project: Project
) -> None:
    publish(project, files={"a.png": b"x"})

    answer = device.fetch(f"{PINNED}/attachments/..%2F..%2Fetc%2Fpasswd")

    assert answer.status == 404


def test_a_browser_may_download_without_the_version_header(
    device: Device, project: Project
) -> None:
    publish(project, files={"a.png": b"x"})

    assert device.fetch(f"{PINNED}.xml", {"X-OpenRosa-Version": ""}).status == 200
    assert device.fetch(f"{PINNED}/manifest", {"X-OpenRosa-Version": ""}).status == 400
