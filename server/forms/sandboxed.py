"""`python -m server.forms.sandboxed`: compile the workbook on stdin, answer on stdout.

Run by `sandbox`, never by hand. No Django.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from server.errors import Problem
from server.forms import wire
from server.forms.compile import compile_workbook
from server.forms.compiled import CompiledForm
from server.forms.sandbox import TOO_DEAR


def main() -> int:
    """Compile within the limits given as arguments: seconds of processor time, megabytes."""
    seconds, megabytes = (int(argument) for argument in sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    # Above what the interpreter has mapped already, which differs between machines by gigabytes:
    # numpy, which openpyxl imports when it is there, reserves room for a thread per core.
    most = _mapped() + (megabytes << 20)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    try:
        sys.stdout.buffer.write(wire.dump(_compiled(sys.stdin.buffer.read())))
    except MemoryError:
        return TOO_DEAR
    return 0


def _mapped() -> int:
    """Return how many bytes of addresses this process has mapped; 0 where nobody tells."""
    statistics = Path("/proc/self/statm")
    if not statistics.exists():
        return 0
    return int(statistics.read_text().split()[0]) * resource.getpagesize()


def _compiled(workbook: bytes) -> CompiledForm | Problem:
    try:
        return compile_workbook(workbook)
    except Problem as problem:
        return problem


if __name__ == "__main__":
    sys.exit(main())
