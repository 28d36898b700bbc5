"""What a phone keeps, fetches and drops: openrosa.md §1.4, §1.5, rows SY."""

from __future__ import annotations

import pytest
from django.utils import timezone

from server.projects import accounts
from server.projects.models import AppUser, Project
from sync.collect import ServerRefused
from tests.device import Device
from tests.sync.published import md5, publish


@pytest.mark.row("AU04", "FL17", "SY03")
def test_a_key_that_was_taken_back_is_403_and_the_phone_keeps_its_forms(
    device: Device, project: Project
) -> None:
    publish(project)
    device.match_exactly()
    accounts.revoke_app_user(AppUser.objects.get().pk)

    with pytest.raises(ServerRefused, match="403"):
        device.match_exactly()

    assert list(device.held) == [("household", "1")]


@pytest.mark.row("SY01", "SY02")
def test_a_phone_drops_the_form_that_is_no_longer_listed(device: Device, project: Project) -> None:
    old = publish(project, form_id="old").form
    device.match_exactly()
    old.deleted_at = timezone.now()
    old.save()
    publish(project, form_id="new")

    assert device.match_exactly() == ["new"]
    assert list(device.held) == [("new", "1")]


@pytest.mark.row("SY05")
def test_a_phone_keeps_both_versions_of_a_form(device: Device, project: Project) -> None:
    publish(project, version="1")
    device.match_exactly()
    publish(project, version="2")

    assert device.match_exactly() == ["household"]
    assert sorted(device.held) == [("household", "1"), ("household", "2")]


@pytest.mark.row("SY06", "SY10")
def test_nothing_new_means_nothing_downloaded(device: Device, project: Project) -> None:
    publish(project, files={"a.png": b"1", "b.csv": b"2"})
    device.match_exactly()

    assert device.match_exactly() == []


@pytest.mark.row("SY13")
def test_a_version_published_between_list_and_download_does_not_mix(
    device: Device, project: Project
) -> None:
    """SY13: list and manifest name one version; Central mixes them."""
    publish(project, version="1", files={"a.csv": b"first"})
    [form] = device.forms()
    publish(project, version="2", files={"a.csv": b"second"})

    files = device.manifest(form)

    assert md5(device.fetch(form.download_url).body) == form.md5
    assert device.fetch(files["a.csv"][1]).body == b"first"


@pytest.mark.row("SY04")
def test_a_phone_replaces_a_form_whose_hash_changed(device: Device, project: Project) -> None:
    """SY04. Publishing never does this; the row is changed behind its back."""
    version = publish(project)
    device.match_exactly()
    content = bytes(version.xform) + b"\n"
    version.xform, version.md5 = content, md5(content)
    version.save()

    assert device.match_exactly() == ["household"]
    assert device.held["household", "1"].xform == content
