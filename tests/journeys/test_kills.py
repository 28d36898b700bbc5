"""Kill -9 at fifty random moments while a phone sends two hundred inspections with photos."""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from itertools import islice
from pathlib import Path

import psutil
import pytest

from server import embedded
from sync.collect import Collect, Outgoing, ServerRefused
from sync.demo.host import Host
from sync.demo.inspections import inspections
from tests.demo import world
from tests.journeys import served, web_alone

INSPECTIONS, KILLS = 200, 50
OF_EVERYTHING, OF_POSTGRESQL = 2, 4  # of the kills; the others take the web processes
LONGEST_S = 240.0


@dataclass(frozen=True, slots=True)
class Held:
    """One inspection as it lies on the phone, its photos taken."""

    instance_id: str
    xml: bytes
    files: list[Outgoing]


@dataclass(slots=True)
class Progress:
    """How many inspections the phone has sent."""

    sent: int = 0
    changed: threading.Condition = field(default_factory=threading.Condition)

    def one_more(self) -> None:
        with self.changed:
            self.sent += 1
            self.changed.notify()

    def wait_for(self, count: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: self.sent >= count, LONGEST_S)


@dataclass(slots=True)
class Killer:
    """Kills the server each time the phone has sent a few more, a random moment later."""

    var: Path
    server: Host
    progress: Progress
    rng: random.Random
    pid: int = 0  # of the parent of what runs now
    done: int = 0
    failure: list[BaseException] = field(default_factory=list)

    def run(self) -> None:
        try:
            for number in range(KILLS):
                self.progress.wait_for(number * INSPECTIONS // KILLS)
                time.sleep(self.rng.uniform(0, 0.05))
                self._kill(number)
                self.done += 1
        except BaseException as failure:  # noqa: BLE001  (the test asks for it)
            self.failure.append(failure)

    def _kill(self, number: int) -> None:
        if number < OF_EVERYTHING:
            served.kill_everything(self.pid)
            is_last = number == OF_EVERYTHING - 1
            self.pid = self._web_alone() if is_last else self._served_again()
        elif number % (KILLS // OF_POSTGRESQL) == 0:
            _kill([p for p in served.family(self.pid) if _is_postmaster(p)])
        else:
            _kill([p for p in served.family(self.pid) if _is_web(p, self.pid)])

    def _served_again(self) -> int:
        return served.start(self.var, PORT=self.server.environ["PORT"]).process.pid

    def _web_alone(self) -> int:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.journeys.web_alone", self.server.environ["PORT"]],
            env=dict(self.server.environ),
            cwd=Path(__file__).parents[2],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # it complains of every kill
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline().strip() == web_alone.READY
        return process.pid


def _kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()


def _is_postmaster(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        parent = process.parent()
        return process.name() == "postgres" and parent is not None and parent.name() != "postgres"
    return False


def _is_web(process: psutil.Process, parent: int) -> bool:
    with suppress(psutil.Error):
        return process.ppid() == parent and "tests.journeys.web_alone" in process.cmdline()
    return False


def _send_until_taken(phone: Collect, inspection: Held, killer: Killer) -> None:
    deadline = time.monotonic() + LONGEST_S
    while time.monotonic() < deadline and not killer.failure:
        try:
            phone.send(inspection.xml, inspection.files)
            return
        except (OSError, HTTPException, ServerRefused):
            phone.close()
            time.sleep(0.02)
    raise TimeoutError(f"{inspection.instance_id} was never taken") from next(
        iter(killer.failure), None
    )


def _filled() -> Sequence[Held]:
    whole = (v for v in world.planned() if v.is_in_scope and not v.is_photo_missing)
    made = (inspections(visit, world.desk())[0] for visit in islice(whole, INSPECTIONS))
    return [Held(each.instance_id, each.xml, each.files()) for each in made]


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("killed") / "var"


def test_two_hundred_inspections_survive_fifty_kills(var: Path) -> None:
    server = served.start_again(var.parent)
    phone = Collect(served.device_url(server))
    filled = _filled()
    expected = _expected(filled)
    progress = Progress()
    killer = Killer(var, server, progress, random.Random(20261125), server.process.pid)
    killing = threading.Thread(target=killer.run)

    killing.start()
    for inspection in filled:
        _send_until_taken(phone, inspection, killer)
        progress.one_more()
    killing.join()
    served.kill_everything(killer.pid)
    recovered = served.start(var)
    recovered.stop()

    assert killer.failure == []
    assert killer.done == KILLS
    with embedded.used(var):
        assert _recorded(var) == expected
        assert served.count(var, "submissions_submission") == INSPECTIONS
        assert served.count(var, "submissions_submissionversion") == INSPECTIONS
        assert served.count(var, "submissions_quarantined") == 0
        stored = served.stored(var)
    assert {digest for _, _, digest in expected} <= set(stored)  # and the workbook
    assert all(name == digest for name, digest in stored.items())
    assert served.left_in_uploads(var) == []


def _expected(filled: Sequence[Held]) -> list[tuple[str, str, str]]:
    return sorted(
        (each.instance_id, file.name, hashlib.sha256(file.content).hexdigest())
        for each in filled
        for file in each.files
    )


def _recorded(var: Path) -> list[tuple[str, ...]]:
    found = served.rows(
        var,
        "SELECT v.instance_id, a.name, a.sha256 FROM submissions_submissionattachment a"
        " JOIN submissions_submissionversion v ON v.id = a.version_id",
    )
    return sorted(found)
