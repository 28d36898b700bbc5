"""`python -m server.forms.sandboxed`: compile the workbook on stdin, answer on stdout.

Run by `sandbox`, never by hand. No Django.
"""

from __future__ import annotations

import resource
import sys

from server.errors import Problem
from server.forms import wire
from server.forms.compile import compile_workbook
from server.forms.compiled import CompiledForm
from server.forms.sandbox import TOO_DEAR


def main() -> int:
    """Compile within the limits given as arguments: seconds of processor time, megabytes."""
    seconds, megabytes = (int(argument) for argument in sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    try:
        sys.stdout.buffer.write(wire.dump(_compiled(sys.stdin.buffer.read())))
    except MemoryError:
        return TOO_DEAR
    return 0


def _compiled(workbook: bytes) -> CompiledForm | Problem:
    try:
        return compile_workbook(workbook)
    except Problem as problem:
        return problem


if __name__ == "__main__":
    sys.exit(main())
