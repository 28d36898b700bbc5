"""The HTTP server by itself: whole bodies, slow clients, limits, and an end in good order."""

from __future__ import annotations

import http.client
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.serving.server import ROOT, free_port


class Web:
    """The processes of tests/serving/web_alone.py."""

    def __init__(self, *options: str) -> None:
        self.port = free_port()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.serving.web_alone", str(self.port), *options],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.process.stdout.readline()

    def ask(self, path: str = "/", **request: object) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        method = "POST" if "body" in request else "GET"
        connection.request(method, path, **request)  # type: ignore[arg-type]  # passed through
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def stop(self) -> str:
        """Tell it to stop; return what it logged."""
        self.process.terminate()
        return self.process.communicate(timeout=30)[1]


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    web = Web()
    yield web
    web.stop()


def test_a_chunked_body_arrives_whole_with_its_length(web: Web) -> None:
    status, text = web.ask("/echo", body=iter([b"a" * 30_000, b"b" * 12_345]), encode_chunked=True)

    assert (status, text) == (200, "42345 42345 http")


def test_slow_clients_take_no_thread_from_fast_ones(web: Web) -> None:
    with ExitStack() as connections:
        for _ in range(60):
            slow = connections.enter_context(web.connect())
            slow.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n\r\nhalf")

        begun = time.monotonic()
        answers = {web.ask() for _ in range(20)}

        assert answers == {(200, "ok")}
        assert time.monotonic() - begun < 5


def test_a_body_cut_short_never_reaches_the_application(web: Web) -> None:
    with web.connect() as cut:
        cut.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
        cut.shutdown(socket.SHUT_WR)

        assert cut.recv(100) == b""


@pytest.mark.parametrize("header", ["Content-Length: 100001", "Transfer-Encoding: chunked"])
def test_a_body_that_is_too_large_is_refused_before_it_fills_the_disk(
    web: Web, header: str
) -> None:
    chunk = b"186a1\r\n" + b"x" * 100_001 + b"\r\n" if "chunked" in header else b""
    with web.connect() as client:
        client.sendall(f"POST /echo HTTP/1.1\r\nHost: x\r\n{header}\r\n\r\n".encode() + chunk)

        assert b" 413 " in client.recv(100)


def test_a_header_without_end_is_refused(web: Web) -> None:
    with web.connect() as client:
        client.sendall(b"GET / HTTP/1.1\r\nX: " + b"x" * 300_000)

        assert b" 431 " in client.recv(100)


def test_nobody_is_believed_about_tls_unless_there_is_a_proxy(web: Web) -> None:
    _, text = web.ask("/echo", body=b"x", headers={"X-Forwarded-Proto": "https"})

    assert text.endswith(" http")


def test_the_proxy_is_believed_about_tls() -> None:
    behind = Web("behind-proxy")

    _, text = behind.ask("/echo", body=b"x", headers={"X-Forwarded-Proto": "https"})
    behind.stop()

    assert text.endswith(" https")


def test_the_server_does_not_say_what_it_is(web: Web) -> None:
    with web.connect() as client:
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")

        assert b"waitress" not in client.recv(1000).lower()


def test_a_request_that_is_being_answered_is_answered_before_the_end() -> None:
    web, answers = Web(), list[tuple[int, str]]()
    asking = threading.Thread(target=lambda: answers.append(web.ask("/slow")))
    asking.start()
    time.sleep(0.3)

    web.stop()
    asking.join()

    assert answers == [(200, "ok")]


def test_a_half_arrived_request_does_not_hold_up_the_end() -> None:
    web = Web()
    with web.connect() as half:
        half.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n\r\nhalf")
        begun = time.monotonic()

        log = web.stop()

    assert time.monotonic() - begun < 5
    assert "Traceback" not in log
