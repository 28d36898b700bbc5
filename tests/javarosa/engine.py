"""One JavaRosa for each process of the tests, which fills whatever it is given until that ends.

Starting an engine takes longer than filling a hundred forms, and one that has filled some is twice
as quick. It reads from a pipe of ours, so that it ends when we do, however we end.
"""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import subprocess
import tempfile
import threading
from importlib import resources
from pathlib import Path
from typing import IO

import pytest

from tests.once import once

DONE = "done"  # what it answers to a task; anything else is the reason why not
_SOURCES = sorted(Path(__file__).parent.glob("*.java"))
_TIMEOUT_S = 300
_JVM = (
    "-Xmx384m",
    "-XX:+UseSerialGC",
    "-Djava.awt.headless=true",
    "-Dfile.encoding=UTF-8",  # JavaRosa reads CSV in the machine's own charset
    "-Duser.timezone=Asia/Ho_Chi_Minh",
)
# Compiled once and run for seconds: the second compiler costs more than it gives.
_JAVAC = ("-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC", "-proc:none", "-nowarn")


class Engine:
    """A Java process that does one task after another."""

    def __init__(self) -> None:
        path = f"{_jar()}{os.pathsep}{_classes()}"
        self._complaints: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  (as long as it runs)
        self._process = subprocess.Popen(
            ["java", *_JVM, "-cp", path, "Filler"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            text=True,
            encoding="utf-8",
        )

    def do(self, task: Path) -> str:
        """Do the task in a file (see Filler.java); return DONE, or why it could not be done."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        watch = threading.Timer(_TIMEOUT_S, self._process.kill)
        watch.start()
        try:
            self._process.stdin.write(f"{task}\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        finally:
            watch.cancel()
        return answer.rstrip("\n").replace("\0", "\n") or self._last_words()

    def end(self) -> None:
        """Let it end, and wait for that."""
        self._process.communicate()
        self._complaints.close()

    def _last_words(self) -> str:
        code = self._process.wait(_TIMEOUT_S)
        self._complaints.seek(0)
        text = self._complaints.read().decode(errors="replace")
        stop()  # the next task gets another engine
        return f"the engine ended with {code}: {text}"


_running: dict[int, Engine] = {}  # by our own pid: a fork must not talk to its parent's


def running() -> Engine:
    """Return the engine of this process; start it if there is none."""
    if os.getpid() not in _running:
        _running[os.getpid()] = Engine()
        atexit.register(stop)
    return _running[os.getpid()]


def stop() -> None:
    """End the engine of this process, if there is one; the next that is asked for is a new one."""
    engine = _running.pop(os.getpid(), None)
    if engine is not None:
        engine.end()


@functools.cache
def _classes() -> Path:
    """Compile the Java classes and return their folder, which goes when the session ends."""
    missing = [tool for tool in ("java", "javac") if shutil.which(tool) is None]
    if missing:
        reason = f"the phone's engine needs {' and '.join(missing)} (a JDK 17 or newer)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return once("javarosa-classes", _compile)


def _compile(folder: Path) -> None:
    sources = [str(source) for source in _SOURCES]
    command = ["javac", *_JAVAC, "-encoding", "UTF-8", "-cp", _jar(), "-d", str(folder), *sources]
    subprocess.run(command, timeout=_TIMEOUT_S, check=True)


def _jar() -> str:
    return str(resources.files("pyxform") / "validators/odk_validate/bin/ODK_Validate.jar")
