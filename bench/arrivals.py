"""How long phones wait while a worker makes an export.

    python -m bench.arrivals [RECORDS] [--seconds SECONDS] [--rounds ROUNDS]

A server of its own, as `make serve` starts it, with the records of bench.export_rows. One phone
sends kt_18_5, six times a second, with nothing else going on and then while a worker makes a file
again and again; in turn, so that whatever else the machine does counts for both. Prints Markdown:
the latencies, how many files were made meanwhile, and what the worker that made them held at the
most. The issue allows twice the p95 of the quiet time, and 150 MB.
"""

from __future__ import annotations

import argparse
import base64
import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from bench.device import Tally, Target, play
from bench.own_server import device_url, own_server
from bench.parcels import Parcel, parcel
from sync.demo.host import Host

RECORDS = 10_000
PAUSE_S = 0.15  # between two submissions: 350 a minute, so that a p95 means something
FILL = "from bench.export_rows import fill; fill({many}, project_id=1)"
FORMATS = ("central_csv", "xlsx", "parquet")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("records", nargs="?", type=int, default=RECORDS)
    parser.add_argument("--seconds", type=float, default=20.0, help="of each quiet or busy time")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    with own_server() as server:
        target = Target.of(device_url(server, "bench"))
        plain = parcel(target, photos=0)
        server.manage("shell", "--no-imports", "-c", FILL.format(many=asked.records))
        _play(target, plain, 3.0)  # the first requests build what later ones find
        before = _peak_mb(server)
        print("| export | records | time | submissions | p50 ms | p95 ms | errors | files made |")
        print("|---|---|---|---|---|---|---|---|")
        for format in FORMATS:
            _compare(server, target, plain, asked, format)
        held = f"{_peak_mb(server):.0f} MB at the most, {before:.0f} MB before"
        print(f"\nThe worker that made them held {held}.")


def _compare(
    server: Host, target: Target, plain: Parcel, asked: argparse.Namespace, format: str
) -> None:
    quiet, busy = Tally(), Tally()
    asking = Asking(server, format)
    for _ in range(asked.rounds):
        _add(quiet, _play(target, plain, asked.seconds))
        asking.begin()
        _add(busy, _play(target, plain, asked.seconds))
        asking.end()
    for name, tally, made in (("quiet", quiet, 0), ("busy", busy, asking.made)):
        print(
            f"| {format} | {asked.records} | {name} | {len(tally.latencies_s)}"
            f" | {tally.percentile_ms(50):.1f} | {tally.percentile_ms(95):.1f}"
            f" | {tally.errors} | {made} |",
            flush=True,
        )


def _play(target: Target, plain: Parcel, seconds: float) -> Tally:
    return play(target, [_paced(plain)], seconds=seconds, good=201)


def _paced(plain: Parcel) -> Iterator[bytes]:
    while True:
        time.sleep(PAUSE_S)
        yield plain.new()


def _add(whole: Tally, part: Tally) -> None:
    whole.latencies_s += part.latencies_s
    whole.errors += part.errors
    whole.seconds += part.seconds


class Asking:
    """Lets the worker make one file after another, until told to stop."""

    def __init__(self, server: Host, format: str) -> None:
        self._address = f"{server.base}/v1/projects/1/exports"
        self._format = format
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self.made = 0

    def begin(self) -> None:
        """Ask for the first, and return when it is being made."""
        self._over.clear()
        number = self._ask()
        while self._look(number)["state"] == "queued":
            time.sleep(0.05)
        self._thread = threading.Thread(target=self._go_on, args=(number,))
        self._thread.start()

    def end(self) -> None:
        """Ask for no more, and give up what is not ready yet."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def _go_on(self, number: int) -> None:
        while not self._over.is_set():
            state = self._look(number)["state"]
            if state == "ready":
                self.made += 1
            elif state == "failed":
                raise RuntimeError(self._look(number)["failure"])
            if state == "ready":
                self._call("DELETE", f"/{number}")
                number = self._ask()
            self._over.wait(0.5)
        self._call("DELETE", f"/{number}")

    def _ask(self) -> int:
        filters = {} if self._format == "central_csv" else {"state": "all"}
        wanted = {"format": self._format, "form": "do", "purpose": "Đo tốc độ", "filters": filters}
        return int(self._call("POST", "", wanted)["id"])

    def _look(self, number: int) -> Any:
        return self._call("GET", f"/{number}")

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        account = base64.b64encode(b"giamsat@soxa.local:bench-password").decode()
        request = urllib.request.Request(
            self._address + path,
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Basic {account}", "Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())


def _peak_mb(server: Host) -> float:
    """Return what the worker of the exports held at the most: the child that was started last."""
    children = psutil.Process(server.process.pid).children()
    ours = [child for child in children if child.name() != "postgres"]
    return _high_mb(max(ours, key=psutil.Process.create_time))


def _high_mb(process: psutil.Process) -> float:
    status = Path(f"/proc/{process.pid}/status").read_text()
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(peak.split()[1]) / 1024


if __name__ == "__main__":
    main()
