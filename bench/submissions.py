"""What a server takes from phones: form lists, and submissions, new and resent, with photos.

    python -m bench.submissions                    # a server of its own, as `make serve` starts it
    python -m bench.submissions --url DEVICE_URL   # any OpenRosa server that lists kt_18_5

Prints Markdown: requests/s, p50 and p95 of the latency, share of errors; of a server of our own
also the CPU a request, as the operating system counts it, and the resident memory of each process.
With --pid, the CPU of that process and all below it.

The CPU stands in two columns. "request" is what was used until all was answered, by the web
processes and PostgreSQL: the worker is stopped meanwhile. "behind" is what the worker, the process
that reads photos and PostgreSQL then use for what the row left them: comparing with neighbours,
reading photos and making them small. Where --url names a server we can neither stop its worker nor
see what it still has to do, and all stands in the first.

The client is one process of plain threads on the same machine. What it takes from the cores is a
column of its own, and nothing is subtracted for it. A submission is kt_18_5 filled in, 6,000
bytes; what the server derives from it is part of the work, as in the field.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import cycle, pairwise, repeat

import psutil

from bench.device import Target, play
from bench.own_server import (
    Memory,
    database,
    device_url,
    family_cpu_s,
    memory,
    own_server,
    wait_for_debts,
    without_worker,
)
from bench.parcels import Parcel, parcel
from sync.demo.host import Host

CLIENTS = (1, 8, 32)
WARMING_S = 5.0
SWEEP_S = "2"  # between two looks of the worker at what is owed: no row waits for long
HEAD = (
    "| what | clients | requests/s | p50 ms | p95 ms | errors | CPU of the request, ms "
    "| CPU behind it, ms | client CPU ms/request |\n|---|---|---|---|---|---|---|---|---|"
)


@dataclass(frozen=True, slots=True)
class Scene:
    """One kind of request, and how each of so many clients comes by its own."""

    name: str
    good: int  # status
    requests: Callable[[], Iterator[bytes]]  # of one client


def scenes(target: Target) -> list[Scene]:
    """Return what is played, in order."""
    plain, with_photos = parcel(target, photos=0), parcel(target, photos=2)
    recommending = parcel(target, photos=0, recommends=True)
    return [
        Scene("form list", 200, lambda: repeat(target.get("formList"))),
        Scene("new submission, 6 KB", 201, lambda: _new(plain)),
        Scene("the same again", 201, lambda: _again(plain)),
        Scene("new submission, two photos of 200 KB", 201, lambda: _new(with_photos)),
        Scene("new submission that makes recommendations", 201, lambda: _new(recommending)),
    ]


def _new(kind: Parcel) -> Iterator[bytes]:
    while True:
        yield kind.new()


def _again(kind: Parcel) -> Iterator[bytes]:
    # The first round sends them for the first time: one request in a few hundred is a new one.
    return cycle([kind.new() for _ in range(3)])


@dataclass(frozen=True, slots=True)
class Watch:
    """What we may do with the server beside asking it."""

    cpu_s: Callable[[], float] | None = None  # of all its processes so far
    finish: Callable[[], None] = lambda: None  # returns when nothing of what was sent is owed
    taking_in: Callable[[], AbstractContextManager[None]] = nullcontext  # nothing behind requests


def bench(target: Target, watch: Watch, *, seconds: float) -> Iterator[str]:
    """Play every scene with every number of clients; yield a row of the table for each."""
    played = scenes(target)
    # Every process builds its map and opens its connections on the first requests; unmeasured.
    play(target, [played[1].requests() for _ in range(16)], seconds=WARMING_S, good=played[1].good)
    watch.finish()
    for scene in played:
        for clients in CLIENTS:
            yield _played(target, watch, scene, clients, seconds)


def _played(target: Target, watch: Watch, scene: Scene, clients: int, seconds: float) -> str:
    requests = [scene.requests() for _ in range(clients)]
    used = [_cpu_s(watch)]
    with watch.taking_in():
        tally = play(target, requests, seconds=seconds, good=scene.good)
        used.append(_cpu_s(watch))
    watch.finish()
    used.append(_cpu_s(watch))
    answered = max(1, len(tally.latencies_s))
    request, behind = ((after - before) / answered * 1000 for before, after in pairwise(used))
    cpu = f"{request:.1f} | {behind:.1f}" if watch.cpu_s else "– | –"
    return (
        f"| {scene.name} | {clients} | {tally.rate:.0f} | {tally.percentile_ms(50):.1f} "
        f"| {tally.percentile_ms(95):.1f} | {tally.errors / answered:.2%} | {cpu} "
        f"| {tally.client_cpu_s / answered * 1000:.2f} |"
    )


def _cpu_s(watch: Watch) -> float:
    return watch.cpu_s() if watch.cpu_s else 0.0


def _bench_own(server: Host, seconds: float) -> None:
    target, pid = Target.of(device_url(server, "bench")), server.process.pid
    before = {held.kind: held for held in memory(pid)}
    with database(server) as rows:
        watch = Watch(
            cpu_s=lambda: family_cpu_s(pid),
            finish=lambda: wait_for_debts(rows),
            taking_in=lambda: without_worker(pid),
        )
        _print_rows(target, watch, seconds)
    print("\n| processes | count | RSS MB at the start | PSS MB | count after | RSS MB | PSS MB |")
    print("|---|---|---|---|---|---|---|")
    for after in memory(pid):
        first = before.get(after.kind)
        start = _megabytes(first) if first else "– | – | –"
        print(f"| {after.kind} | {start} | {_megabytes(after)} |")


def _megabytes(held: Memory) -> str:
    return f"{held.processes} | {held.rss / 1e6:.0f} | {held.pss / 1e6:.0f}"


def _print_rows(target: Target, watch: Watch, seconds: float) -> None:
    print(HEAD)
    for row in bench(target, watch, seconds=seconds):
        print(row, flush=True)


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--url", help="device URL of a running server")
    parser.add_argument("--pid", type=int, help="its process, whose CPU is to be counted")
    parser.add_argument("--seconds", type=float, default=8.0, help="per row of the table")
    asked = parser.parse_args()
    if asked.pid and not psutil.pid_exists(asked.pid):
        sys.exit(f"There is no process {asked.pid}.")
    if asked.url:
        watch = Watch(cpu_s=lambda: family_cpu_s(asked.pid)) if asked.pid else Watch()
        _print_rows(Target.of(asked.url), watch, asked.seconds)
        return
    with own_server(SWEEP_S=SWEEP_S) as server:
        _bench_own(server, asked.seconds)


if __name__ == "__main__":
    main()
