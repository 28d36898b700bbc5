"""Give one reader inputs that grow towards code it has not run yet (libFuzzer, through atheris).

Each module beside this one is a program: `python -m tests.attacks.fuzz.geopoint --seconds 600`.
It says what must hold whatever comes, and exits with an error on the first input for which it
does not, after writing that input to a file named on its standard error.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import atheris

MEGABYTES = 1000  # resident, the fuzzer's own included; more counts as a finding
SLOW_S = 2  # one input; inputs are a few kilobytes at most


def run(
    check: Callable[[bytes], None], seeds: Sequence[bytes], words: Sequence[bytes], longest: int
) -> None:
    """Fuzz until the time is up or the runs are done; never returns.

    seeds: inputs to start from. words: pieces worth inserting. longest: bytes of an input.
    """
    asked = argparse.ArgumentParser(description=check.__doc__)
    how_long = asked.add_mutually_exclusive_group(required=True)
    how_long.add_argument("--seconds", type=int, default=0)
    how_long.add_argument("--runs", type=int, default=-1, help="inputs to try")
    asked.add_argument("--findings", default=".", help="folder for an input that fails")
    options = asked.parse_args()
    corpus = Path(tempfile.mkdtemp(prefix="so-xa-fuzz-"))
    for number, seed in enumerate(seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    dictionary = corpus.with_suffix(".words")
    dictionary.write_text("".join(f'"{_escaped(word)}"\n' for word in words))
    arguments = (
        f"-max_total_time={options.seconds}",
        f"-runs={options.runs}",
        f"-max_len={longest}",
        f"-rss_limit_mb={MEGABYTES}",
        f"-timeout={SLOW_S}",
        f"-dict={dictionary}",
        f"-artifact_prefix={options.findings}/",
        "-print_final_stats=1",
        "-verbosity=0",
    )
    atheris.Setup([sys.argv[0], *arguments, str(corpus)], check)
    atheris.Fuzz()


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)
