"""What somebody else has chosen to be posted to reaches nothing else, and ends in time."""

from __future__ import annotations

import ipaddress
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.hooks import posting
from server.hooks.posting import Failure, Limits, Posted, Refused, post, target
from tests.blobs.s3 import free_port
from tests.hooks.receiver import Receiver, names, receiving

HERE = Limits(2.0, (ipaddress.ip_network("127.0.0.0/8"),), allows_http=True)
BODY = b'{"event":"ping"}'


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return made_for("nhan.example", tmp_path_factory.mktemp("tls"))


@pytest.fixture
def known(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Path, Path]]:
    """Let a certificate be believed, and two names be here."""
    names(monkeypatch, nhan_example=["127.0.0.1"], khac_example=["127.0.0.1"])
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    posting._tls.cache_clear()
    yield certificate
    posting._tls.cache_clear()


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.5", "172.16.3.4", "192.168.1.1"),
        *("169.254.169.254", "100.64.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
        *("192.0.0.8", "198.18.0.1", "203.0.113.5"),
        *("[::1]", "[::]", "[fe80::1]", "[fc00::1]", "[ff02::1]", "[::ffff:127.0.0.1]"),
        *("[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[2001:db8::1]"),
        *("localhost", "127.1", "2130706433", "0x7f.1", "0177.0.0.1"),  # however it is written
    ],
)
def test_no_address_of_a_private_network_is_reached(host: str) -> None:
    posted = post(f"http://{host}:1/", BODY, {}, Limits(allows_http=True))

    assert posted == Posted(failure=Failure.FORBIDDEN)


@pytest.mark.parametrize(
    "url",
    [
        *("http://nhan.example/", "ftp://nhan.example/", "file:///etc/passwd", "nhan.example"),
        *("https://", "https://a:b@nhan.example/", "https://key@nhan.example/"),
        *("https://nhan.example:0/", "https://nhan.example:99999/", "https://nhan.example/#a"),
        *("https://nhan.example/a b", "https://nhan.example/\r\nX: y", "https://[::1"),
    ],
)
def test_what_is_no_address_to_post_to_is_refused_before_anybody_is_asked(url: str) -> None:
    with pytest.raises(Refused) as refused:
        target(url, Limits())

    assert refused.value.failure == Failure.ADDRESS


def test_a_public_address_by_https_may_be_posted_to() -> None:
    found = target("https://nhân.example/so-xa?k=1", Limits())

    assert (found.host, found.port, found.path) == ("xn--nhn-jla.example", 443, "/so-xa?k=1")


def test_a_name_is_asked_for_once_and_what_was_looked_at_is_connected_to(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = names(monkeypatch, nhan_example=["127.0.0.1"])

    posted = post(receiver.url("/a", "nhan.example"), BODY, {"X-So-Xa-Event": "ping"}, HERE)

    assert posted == Posted(204)
    assert asked == ["nhan.example"]
    (told,) = receiver.told
    assert (told.path, told.body) == ("/a", BODY)
    assert told.headers["Host"] == f"nhan.example:{receiver.port}"
    assert told.headers["X-So-Xa-Event"] == "ping"


def test_a_name_with_one_forbidden_address_among_others_is_not_reached(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    names(monkeypatch, nhan_example=["127.0.0.1", "10.0.0.5"])

    assert post(receiver.url("/", "nhan.example"), BODY, {}, HERE).failure == Failure.FORBIDDEN
    assert receiver.told == []


def test_a_name_that_is_none_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _nobody)

    assert post("https://nhan.invalid/", BODY, {}, HERE).failure == Failure.UNKNOWN_NAME


def _nobody(*_: object, **__: object) -> None:
    raise socket.gaierror


@pytest.mark.parametrize(
    ("path", "posted"),
    [
        ("/moved", Posted(302, Failure.REDIRECT)),
        ("/failed", Posted(500, Failure.STATUS)),
        ("/nonsense", Posted(None, Failure.ANSWER)),
        ("/endless", Posted(204)),
    ],
)
def test_nothing_is_followed_and_little_is_read(
    receiver: Receiver, path: str, posted: Posted
) -> None:
    receiver.answers = {"/moved": 302, "/failed": 500}

    assert post(receiver.url(path), BODY, {}, HERE) == posted
    assert [told.path for told in receiver.told] == [path]


@pytest.mark.parametrize("path", ["/hangs", "/drips"])
def test_whoever_hangs_or_drips_is_left_in_time(receiver: Receiver, path: str) -> None:
    hurried = Limits(0.2, HERE.allowed, allows_http=True)

    assert post(receiver.url(path), BODY, {}, hurried) == Posted(failure=Failure.TIME)
    assert not receiver.is_through


def test_tls_gives_nobody_more_time_to_drip(known: tuple[Path, Path]) -> None:
    hurried = Limits(0.2, HERE.allowed)

    with receiving(known) as receiver:
        posted = post(receiver.url("/drips", "nhan.example", "https"), BODY, {}, hurried)

        assert posted == Posted(failure=Failure.TIME)
        assert [told.path for told in receiver.told] == ["/drips"]
        assert not receiver.is_through


def test_a_target_that_thinks_has_all_the_time_that_there_is(receiver: Receiver) -> None:
    to = target(receiver.url(), HERE)

    with posting._connected(to, [ipaddress.ip_address("127.0.0.1")], HERE.timeout_s) as connection:
        assert connection.gettimeout() == HERE.timeout_s


def test_the_next_address_of_a_name_is_tried_where_one_does_not_answer(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    names(monkeypatch, nhan_example=["127.0.0.9", "127.0.0.1"])  # nobody listens at the first

    assert post(receiver.url("/", "nhan.example"), BODY, {}, HERE) == Posted(204)


def test_where_nobody_listens_there_is_no_connection() -> None:
    url = f"http://127.0.0.1:{free_port()}/"

    assert post(url, BODY, {}, HERE) == Posted(failure=Failure.NO_CONNECTION)


def test_tls_has_the_name_and_its_certificate_is_looked_at(known: tuple[Path, Path]) -> None:
    with receiving(known) as receiver:
        named = post(receiver.url("/", "nhan.example", "https"), BODY, {}, HERE)
        other = post(receiver.url("/", "khac.example", "https"), BODY, {}, HERE)

    assert (named, other) == (Posted(204), Posted(failure=Failure.TLS))


def made_for(name: str, folder: Path) -> tuple[Path, Path]:
    made, key = folder / "tls.pem", folder / "tls.key"
    kind = ("-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2")
    names = ("-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}")
    subprocess.run(
        ["openssl", "req", *kind, *names, "-keyout", str(key), "-out", str(made)],
        check=True,
        capture_output=True,
    )
    return made, key
