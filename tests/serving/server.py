"""A server that was started as `make serve` starts it, seen and handled from outside."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

import psutil

from server.embedded.account import Account, becoming
from tests.embedded.processes import running, wait_until
from tests.once import once

ROOT = Path(__file__).resolve().parents[2]
_UNSET = ("DATABASE_URL", "BROKER_URL", "DJANGO_SETTINGS_MODULE", "VAR_DIR", "SO_XA_TEST_VAR")


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Started:
    """A data folder that a server was started in, and what the server printed."""

    def __init__(self, var: Path, port: int, words: list[str]) -> None:
        self.var = var
        self.port = port
        self.words = words

    @property
    def said(self) -> str:
        """What it printed until it was ready."""
        return "".join(self.words)

    def after(self, label: str) -> str:
        """Return what stands after `label` on its line."""
        (line,) = [line for line in self.words if line.startswith(label)]
        return line.removeprefix(label).split("   (")[0].strip()

    def device_url(self) -> str:
        """Return the device URL that it printed."""
        (line,) = [line for line in self.words if "/v1/key/" in line]
        return line.strip()


class Server(Started):
    """`serve` in a data folder. `wait` until it is ready, `stop` it, or kill parts of it."""

    def __init__(self, var: Path, account: Account | None = None, **environ: str) -> None:
        super().__init__(var, int(environ.get("PORT") or free_port()), [])
        kept = {name: value for name, value in os.environ.items() if name not in _UNSET}
        self.environ = kept | {"VAR_DIR": str(var), "PORT": str(self.port), **environ}
        self.process = subprocess.Popen(
            [sys.executable, "server/manage.py", "serve"],
            cwd=ROOT,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=becoming(account, (var, Path(sys.executable))) if account else None,
        )
        self._read_until("Dừng: Ctrl-C")
        self.start_cpu_s = self._cpu_s()

    def status(self, path: str = "/healthz") -> int:
        """Return the status of a request, 0 when there was no answer."""
        with suppress(OSError):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as r:
                    return int(r.status)
            except urllib.error.HTTPError as refused:
                return refused.code
        return 0

    def children(self) -> list[psutil.Process]:
        """Return its web processes, worker and clock, in the order they were started."""
        own = psutil.Process(self.process.pid)
        return [child for child in own.children() if _serves(child)]

    def family(self) -> list[psutil.Process]:
        """Return it and everything below it, PostgreSQL's processes too."""
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Stop it as a terminal does; return the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        assert self.process.stdout is not None
        self.process.stdout.read()
        return self.process.wait(60)

    def end(self) -> None:
        """Stop it, whatever state a test left it in, and see that nothing is left of it."""
        self.stop()
        self.wait_until_gone()

    def kill_everything(self) -> None:
        """Kill every process of it before it can do anything about it."""
        for process in self.family():
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait()

    def is_gone(self) -> bool:
        """Tell whether nothing of it runs any more."""
        return not [p for p in processes_of(self.var) if p.pid != os.getpid()]

    def wait_until_gone(self) -> None:
        """Wait until nothing of it runs any more."""
        wait_until(self.is_gone)

    def _cpu_s(self) -> float:
        """Return the CPU seconds it has used, those of children that have ended included."""
        with suppress(psutil.Error):
            times = psutil.Process(self.process.pid).cpu_times()
            return times.user + times.system + times.children_user + times.children_system
        return 0.0

    def _read_until(self, words: str) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.words.append(line)
            if words in line:
                return


def first() -> Started:
    """Return a server that was started for the first time and stopped with Ctrl-C.

    The first start publishes every form and takes many times as long as another one. Whoever
    needs a server that runs starts one in a copy.
    """
    folder = once("first-start", _start_and_stop)
    port, *words = json.loads((folder / "said.json").read_text())
    return Started(folder / "var", port, words)


def _start_and_stop(folder: Path) -> None:
    server = Server(folder / "var")
    was_ready = server.status()
    code = server.stop()
    assert (was_ready, code) == (200, 0), server.said
    (folder / "said.json").write_text(json.dumps([server.port, *server.words]))


def copy_of(started: Started, folder: Path) -> Path:
    """Copy its data folder into `folder`; return the copy."""
    copy = folder / started.var.name
    copy.mkdir()
    # Named from within: a command that names the folder would count as one that serves from it.
    subprocess.run(["cp", "-a", ".", str(copy)], cwd=started.var, check=True)
    return copy


def processes_of(var: Path) -> list[psutil.Process]:
    """Return every process that serves from `var`: those of PostgreSQL, and those told so."""
    found = running(var)
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get("VAR_DIR") == str(var) and _serves(process):
                found.append(process)
    return found


def _serves(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return process.status() != psutil.STATUS_ZOMBIE and "serve" in process.cmdline()
    return False
