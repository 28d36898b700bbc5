"""Which HTTP server: the same application in each, two processes on two cores, one database.

    python -m bench.http_server [--seconds 5]

Installs gunicorn, uvicorn and granian into a temporary folder (they are not among our
requirements) and plays against each: form lists and new submissions by 8 phones, the same while 60
slow clients trickle posts, one chunked submission through the bare application. Prints Markdown.
What it found, and what was chosen: docs/decisions/0002-http-server.md.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import repeat
from pathlib import Path

import psutil

from bench.device import Connection, Target, play
from bench.own_server import device_url, own_server
from bench.parcels import Parcel, parcel
from sync.demo.host import Host

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("gunicorn==27.0.1", "uvicorn==0.54.0", "granian==2.8.7")
CLIENTS, SLOW = 8, 60
HEAD = (
    "| server | lists/s | p95 ms | submissions/s | p95 ms | with 60 slow clients: submissions/s "
    "| p95 ms | errors | chunked post | PSS MB |\n|---|---|---|---|---|---|---|---|---|---|"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A server and how it is started; {port} is where it shall listen."""

    name: str
    command: tuple[str, ...]  # empty: the server of `serve`


_GUNICORN = "-w 2 --threads 8 -k gthread --timeout 120 -b 127.0.0.1:{port}"
_GRANIAN = "--workers 2 --host 127.0.0.1 --port {port} --no-ws"
CANDIDATES = (
    Candidate("waitress, 2 × 8 threads (ours)", ()),
    Candidate("gunicorn gthread, 2 × 8", ("gunicorn", *_GUNICORN.split(), "server.wsgi")),
    Candidate(
        "uvicorn, 2 processes",
        (
            *["uvicorn", "--workers", "2", "--port", "{port}", "--log-level", "warning"],
            "bench.http_candidates:asgi",
        ),
    ),
    Candidate(
        "granian WSGI, 2 × 8",
        (
            *f"granian --interface wsgi --blocking-threads 8 {_GRANIAN}".split(),
            "server.wsgi:application",
        ),
    ),
    Candidate(
        "granian ASGI, 2 processes",
        (*f"granian --interface asgi {_GRANIAN}".split(), "bench.http_candidates:asgi"),
    ),
)


@contextmanager
def running(candidate: Candidate, host: Host, packages: str) -> Iterator[tuple[int, int]]:
    """Run a candidate on the server's data; give its port and the pid of its first process."""
    if not candidate.command:
        yield int(host.base.rsplit(":", 1)[1]), host.process.pid
        return
    port = _free_port()
    environ = {**host.environ, "PYTHONPATH": f"{packages}:{ROOT}"}
    command = [part.format(port=port) for part in candidate.command]
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=environ | {"DJANGO_SETTINGS_MODULE": "server.settings"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port)
        yield port, process.pid
    finally:
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise TimeoutError(f"Nothing listens on port {port}.")


@contextmanager
def slow_clients(target: Target, request: bytes) -> Iterator[None]:
    """Let SLOW phones on a bad line trickle a post each, forever, for the length of the block."""
    is_over = threading.Event()

    def trickle() -> None:
        connections: list[tuple[socket.socket, Iterator[int]]] = []
        while not is_over.wait(0.2):
            while len(connections) < SLOW:
                with suppress(OSError):
                    opened = socket.create_connection((target.host, target.port), 5)
                    connections.append((opened, iter(range(0, len(request) - 200, 100))))
            for pair in list(connections):
                try:
                    at = next(pair[1])
                    pair[0].sendall(request[at : at + 100])
                except (OSError, StopIteration):
                    pair[0].close()
                    connections.remove(pair)
        for opened, _ in connections:
            opened.close()

    thread = threading.Thread(target=trickle)
    thread.start()
    time.sleep(2)
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def chunked_status(target: Target, kind: Parcel) -> str:
    """Send a submission in chunks, as pyodk does; return the status, or why there was none."""
    head, _, body = kind.new().partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.startswith(b"Content-Length")]
    chunk = f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
    request = b"\r\n".join([*lines, b"Transfer-Encoding: chunked", b"", b""]) + chunk
    connection = Connection(target)
    try:
        return str(connection.ask(request)[0])
    except OSError as error:
        return type(error).__name__
    finally:
        connection.close()


def row(candidate: Candidate, target: Target, kind: Parcel, pid: int, seconds: float) -> str:
    """Measure one candidate; return its line of the table."""

    def posts() -> list[Iterator[bytes]]:
        return [_new(kind) for _ in range(CLIENTS)]

    play(target, posts(), seconds=2, good=201)  # every process builds its map first
    lists = play(target, [repeat(target.get("formList"))] * CLIENTS, seconds=seconds, good=200)
    fast = play(target, posts(), seconds=seconds, good=201)
    with slow_clients(target, kind.new()):
        slowed = play(target, posts(), seconds=seconds, good=201)
    share = slowed.errors / max(1, len(slowed.latencies_s) + slowed.errors)
    return (
        f"| {candidate.name} | {lists.rate:.0f} | {lists.percentile_ms(95):.0f} "
        f"| {fast.rate:.0f} | {fast.percentile_ms(95):.0f} | {slowed.rate:.0f} "
        f"| {slowed.percentile_ms(95):.0f} | {share:.1%} | {chunked_status(target, kind)} "
        f"| {_pss_mb(pid):.0f} |"
    )


def _new(kind: Parcel) -> Iterator[bytes]:
    while True:
        yield kind.new()


def _pss_mb(pid: int) -> float:
    """Return what the processes that answer hold: those with our application and many threads."""
    parent, total = psutil.Process(pid), 0
    for process in (parent, *parent.children(recursive=True)):
        with suppress(psutil.Error):
            if process.name() != "postgres" and "embedded" not in " ".join(process.cmdline()):
                total += process.memory_full_info().pss
    return total / 1e6


def main() -> None:
    """Install, measure, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=5.0, help="per figure")
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as packages, own_server() as host:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", packages]
        needed = (*PACKAGES, "h11", "click")
        subprocess.run([*pip, *needed], check=True, stderr=subprocess.DEVNULL, env=dict(os.environ))
        target = Target.of(device_url(host, "bench"))
        kind = parcel(target, photos=0)
        print(HEAD)
        for candidate in CANDIDATES:
            with running(candidate, host, packages) as (port, pid):
                there = replace(target, port=port)
                line = row(candidate, there, replace(kind, target=there), pid, seconds)
                print(line, flush=True)


if __name__ == "__main__":
    main()
