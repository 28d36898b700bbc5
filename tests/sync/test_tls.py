"""User name and password by Basic, through real TLS: row AU10 from outside."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator

import pytest
import requests
from pytest_django import Settings

from server.projects import accounts
from server.projects.accounts import NewAppUser
from server.projects.models import FailedTries, Project
from server.serving import web
from server.submissions.models import SubmissionVersion
from server.wsgi import application
from sync.addresses import Addresses
from tests.device import multipart
from tests.sync.published import filled, publish
from tests.sync.tls_proxy import ADDRESS, TlsProxy

VERSION = {"X-OpenRosa-Version": "1.0"}
FORGED = {**VERSION, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}


@pytest.fixture(scope="session")
def behind(base_url: str) -> Iterator[tuple[str, int]]:
    """Serve as `serve` does behind a proxy; base_url has seen to the database's connections."""
    limits = web.Limits(threads=2, max_body=1_000_000, trusted_proxy=ADDRESS)
    with web.bound("127.0.0.1", 0) as listener:
        listener.listen(web.BACKLOG)
        server = web.made(application, listener, limits)
        threading.Thread(target=server.run, daemon=True).start()
        yield listener.getsockname()
        server.task_dispatcher.shutdown()
        server.close()


@pytest.fixture(scope="session")
def proxy(behind: tuple[str, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsProxy]:
    proxy = TlsProxy(tmp_path_factory.mktemp("tls"), behind)
    yield proxy
    proxy.close()


@pytest.fixture
def lan(project: Project, settings: Settings) -> NewAppUser:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    publish(project)
    return accounts.create_app_user(project, "Chị Lan", has_password=True)


def in_clear(behind: tuple[str, int], project: Project) -> str:
    """Return the server address that goes past the proxy."""
    host, port = behind
    return Addresses(f"http://{host}:{port}", "", project.pk).server


@pytest.mark.row("AU10")
def test_curl_signs_in_by_basic_over_tls(
    proxy: TlsProxy, lan: NewAppUser, project: Project
) -> None:
    server_url = Addresses(proxy.url, "", project.pk).server
    user = ("--basic", "-u", f"{lan.app_user.username}:{lan.password}")

    asked = ("-H", "X-OpenRosa-Version: 1.0", f"{server_url}/formList")

    done = subprocess.run(
        ["curl", "-sS", "-m", "20", "--cacert", str(proxy.certificate), *user, *asked],
        capture_output=True,
        text=True,
        check=True,
    )

    assert f"<downloadUrl>{server_url}/forms/household/versions/1.xml" in done.stdout


@pytest.mark.row("AU10", "AU11")
def test_requests_is_offered_basic_over_tls_and_sends_with_it(
    proxy: TlsProxy, lan: NewAppUser, project: Project
) -> None:
    url = f"{Addresses(proxy.url, '', project.pk).server}/submission"
    body, content_type = multipart(filled(), ())
    user = (lan.app_user.username, lan.password)
    headers = {**VERSION, "Content-Type": content_type}
    trusting = str(proxy.certificate)

    asked = requests.head(url, headers=VERSION, verify=trusting, timeout=20)
    sent = requests.post(url, body, headers=headers, auth=user, verify=trusting, timeout=20)

    assert asked.status_code == 401
    assert asked.headers["WWW-Authenticate"].endswith('Basic realm="so-xa", charset="UTF-8"')
    assert sent.status_code == 201
    assert SubmissionVersion.objects.get().app_user == lan.app_user


@pytest.mark.row("AU10")
def test_a_wrong_password_with_colons_is_401_over_tls(
    proxy: TlsProxy, lan: NewAppUser, project: Project
) -> None:
    url = f"{Addresses(proxy.url, '', project.pk).server}/formList"

    answer = requests.get(
        url,
        headers=VERSION,
        auth=(lan.app_user.username, "a:b:c"),
        verify=str(proxy.certificate),
        timeout=20,
    )

    assert (answer.status_code, FailedTries.objects.count()) == (401, 2)


@pytest.mark.row("AU10", "AU12")
@pytest.mark.parametrize("headers", [VERSION, FORGED])
def test_past_the_proxy_basic_is_refused_whatever_is_said_about_tls(
    behind: tuple[str, int], lan: NewAppUser, project: Project, headers: dict[str, str]
) -> None:
    url = f"{in_clear(behind, project)}/formList"

    answer = requests.get(
        url, headers=headers, auth=(lan.app_user.username, lan.password), timeout=20
    )

    assert answer.status_code == 401
    assert 'nature="device.password_in_clear"' in answer.text
    assert "Basic" not in answer.headers["WWW-Authenticate"]


def test_a_password_in_clear_is_refused_on_a_server_without_a_proxy(
    base_url: str, project: Project
) -> None:
    lan = accounts.create_app_user(project, "Chị Lan", has_password=True)
    url = f"{Addresses(base_url, '', project.pk).server}/formList"

    answer = requests.get(
        url, headers=FORGED, auth=(lan.app_user.username, lan.password), timeout=20
    )

    assert answer.status_code == 401
    assert 'nature="device.password_in_clear"' in answer.text


def test_who_goes_past_the_proxy_has_its_own_address_and_no_other(
    behind: tuple[str, int], lan: NewAppUser, project: Project, settings: Settings
) -> None:
    """Else a robot would count as another address at each guess."""
    settings.THROTTLE_TRIES = settings.THROTTLE_ADDRESS_TRIES = 3
    url = f"{in_clear(behind, project).replace('/v1/', '/v1/key/' + 'x' * 64 + '/')}/formList"

    statuses = [
        requests.get(
            url, headers={**FORGED, "X-Forwarded-For": f"203.0.113.{n}"}, timeout=20
        ).status_code
        for n in range(4)
    ]

    assert statuses == [403, 403, 403, 429]
