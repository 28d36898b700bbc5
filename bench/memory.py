"""What a server holds in memory: through many submissions, and for one that is very large.

    python -m bench.memory                        # 100,000 submissions, a quarter of an hour
    python -m bench.memory --submissions 10000

Starts a server of its own, as `make serve` does. Prints Markdown. What one large post costs is how
far the resident memory of the web process that took it rose above where it stood, at its highest,
as Linux counts it (VmHWM). PostgreSQL's connections touch the buffers that they share, 128 MB at
most, one after another: what they hold together rises until then.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import psutil

from bench.device import Connection, Target, play
from bench.own_server import device_url, memory, own_server, web_processes
from bench.parcels import Parcel, parcel
from sync.demo.host import Host

CLIENTS = 8
LOOKS = 10  # at what is held, along the way
VIDEO_BYTES = 99_000_000  # with the XML, just below MAX_POST_BYTES
XML_BYTES = 4_900_000  # just below MAX_XML_BYTES
MEGABYTE = 1_000_000


def many(server: Host, target: Target, count: int) -> Iterator[str]:
    """Send so many submissions; yield a row of a table now and then."""
    plain = parcel(target, photos=0)
    for look in range(LOOKS + 1):
        web = [process.memory_info().rss for process in web_processes(server.process.pid)]
        held = memory(server.process.pid)
        connections = sum(kind.pss for kind in held if kind.kind == "postgres: connections")
        everything = sum(kind.pss for kind in held)
        cells = (max(web), connections, everything)
        yield (
            f"| {look * count // LOOKS} | "
            + " | ".join(f"{size / MEGABYTE:.0f}" for size in cells)
            + " |"
        )
        if look < LOOKS:
            _send(target, plain, count // LOOKS)


def _send(target: Target, kind: Parcel, count: int) -> None:
    each = [islice(iter(kind.new, b""), count // CLIENTS) for _ in range(CLIENTS)]
    tally = play(target, each, seconds=3600.0, good=201)
    if tally.errors:
        raise RuntimeError(f"{tally.errors} of {count} submissions were refused.")


def large(server: Host, target: Target) -> Iterator[str]:
    """Send one large post of each kind, to each process; yield a row of a table for each."""
    plain = parcel(target, photos=0)
    video = {"video.mp4": os.urandom(VIDEO_BYTES)}
    noted = plain.with_note(XML_BYTES - len(plain.xml) - 50)
    yield _row("nothing else, 6 KB", server, target, plain.new())
    yield _row("a video of 99 MB", server, target, plain.new(video))
    yield _row("an XML of 4.9 MB", server, target, noted.new())


def _row(what: str, server: Host, target: Target, post: bytes) -> str:
    web = web_processes(server.process.pid)
    for process in web:
        _forget_peak(process)
    before = {process.pid: process.memory_info().rss for process in web}
    begun = time.monotonic()
    connection = Connection(target)
    status, _ = connection.ask(post)
    connection.close()
    seconds = time.monotonic() - begun
    rise = max(_peak(process) - before[process.pid] for process in web)
    return f"| {what} | {status} | {seconds:.1f} | {rise / MEGABYTE:.1f} |"


def _forget_peak(process: psutil.Process) -> None:
    Path(f"/proc/{process.pid}/clear_refs").write_text("5")  # proc(5): the peak begins anew


def _peak(process: psutil.Process) -> int:
    """Return the most that a process has held, in bytes."""
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    kilobytes = next(line.split()[1] for line in lines if line.startswith("VmHWM:"))
    return int(kilobytes) * 1024


def main() -> None:
    """Run both, the large ones first."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--submissions", type=int, default=100_000)
    asked = parser.parse_args()
    with own_server() as server:
        target = Target.of(device_url(server, "bench"))
        _send(target, parcel(target, photos=0), 400)  # maps and connections
        print("| one post with | status | s | MB more in its web process |\n|---|---|---|---|")
        for row in large(server, target):
            print(row, flush=True)
        print("\n| submissions | RSS MB, larger web process | PSS MB, connections | PSS MB, all |")
        print("|---|---|---|---|")
        for row in many(server, target, asked.submissions):
            print(row, flush=True)


if __name__ == "__main__":
    main()
