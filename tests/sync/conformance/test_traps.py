"""Traps of openrosa.md §10 that no row of the table walks into."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest

from server.projects.access import digest
from server.projects.models import AppUser, Project
from server.submissions.models import Submission
from tests.device import Device, multipart
from tests.sync.published import filled, publish


@pytest.fixture(autouse=True)
def household(project: Project) -> None:
    publish(project)


@pytest.mark.trap(7)
@pytest.mark.parametrize("accept", ["text/xml", "application/json", "image/png", "nonsense"])
def test_what_a_client_says_it_accepts_changes_nothing(device: Device, accept: str) -> None:
    listed = device.fetch("formList", {"Accept": accept})
    refused = device.fetch("forms/nowhere.xml", {"Accept": accept})

    assert (listed.status, listed.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    assert (refused.status, refused.nature) == (404, "download.form_unknown")


@pytest.mark.trap(9)
def test_a_post_to_an_address_with_a_slash_is_refused_and_never_sent_elsewhere(
    device: Device,
) -> None:
    body, content_type = multipart(filled(), [])

    answer = device.ask("POST", f"{device.server_url}/submission/", body, content_type)

    assert (answer.status, answer.nature) == (404, "openrosa.address_unknown")
    assert "location" not in answer.headers
    assert Submission.objects.count() == 0


@pytest.mark.trap(10)
def test_a_post_needs_no_csrf_token_even_from_a_browser_of_another_site(device: Device) -> None:
    body, content_type = multipart(filled(), [])
    headers = {
        "Origin": "https://enketo.example",
        "Referer": "https://enketo.example/x",
        "Cookie": "csrftoken=" + "x" * 32,
    }

    answer = device.ask("POST", f"{device.server_url}/submission", body, content_type, headers)

    assert answer.status == 201


@pytest.mark.trap(17)
def test_a_key_of_signs_alone_is_a_key(device: Device) -> None:
    key = "!$" * 32
    AppUser.objects.update(token_sha256=digest(key))
    old = device.server_url.split("/key/")[1].split("/")[0]
    device.server_url = device.server_url.replace(old, key)

    assert device.match_exactly() == ["household"]
    assert device.give(filled()).status == 201


@pytest.mark.trap(11)
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("formList", b"200"),
        ("forms/household.xml", b"200"),
        ("forms/household/attachments/a.png", b"200"),
        ("submission", b"204"),
        ("forms/nowhere.xml", b"404"),
    ],
)
def test_nothing_follows_the_headers_of_an_answer_to_head(
    device: Device, project: Project, path: str, status: bytes
) -> None:
    """A client that keeps its line would take it for the next answer; http.client hides that."""
    publish(project, version="2", files={"a.png": b"x" * 100_000})
    place = urlsplit(device.server_url)
    asked = (
        f"HEAD {place.path}/{path} HTTP/1.1\r\nHost: {place.netloc}\r\n"
        "X-OpenRosa-Version: 1.0\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n"
    )

    with socket.create_connection((place.hostname or "", place.port or 80), timeout=20) as line:
        line.sendall(asked.encode())
        said = b"".join(iter(lambda: line.recv(65536), b""))

    assert said.split(b" ")[1] == status
    assert said.partition(b"\r\n\r\n")[2] == b""
