"""ODK Validate: whether the phone's own engine accepts a form.

The jar comes inside pyxform; it runs when Java is on the PATH. pyxform itself lets through what
only an XPath engine can see (clients.md §1). No Django.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from server import xml
from server.forms import xform
from server.forms.compiled import Places
from server.forms.problems import Complaint, Invalid, WorkbookRefused
from server.forms.survey import CALCULATION, RELEVANT

TIMEOUT_S = 60
SKIPPED = "ODK Validate was not run: there is no Java on this server."

_JVM = (
    "-Xmx256m",
    "-XX:TieredStopAtLevel=1",  # one short run: the second compiler costs more than it gives
    "-Djava.awt.headless=true",
    "-Dfile.encoding=UTF-8",
)
_NOISE = re.compile(
    r"^\s*(>>.*|at [\w.$]+\(.*|\.\.\. \d+ more|Result: .*|The following files .*|Validating: .*"
    r"|Caused by: .*|\S*\.xml)?$"
)
_JAVA_CLASS = re.compile(r"^(?:[a-z]+\.)+[A-Za-z.]*(?:Exception|Error):? ?")
_FORMULA = re.compile(
    r"Invalid (\w+) for|located in (\w+) expression|invalid (\w+) expression|display (condition)"
)
_HEADERS = {  # the engine's word: the columns that can hold such a formula
    "calculate": CALCULATION,
    "condition": RELEVANT,
    "constraint": ("constraint", "bind::constraint"),
}


def is_available() -> bool:
    """Tell whether there is a Java to run it with."""
    return shutil.which("java") is not None


def check(document: bytes, places: Places) -> tuple[str, ...]:
    """Return what ODK Validate warns of.

    Raises WorkbookRefused when the form is invalid or takes more than TIMEOUT_S. The engine
    follows external entities, so a DOCTYPE is refused before it sees the form (server.xml).
    """
    xml.parse(document, limits=xform.LIMITS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "form.xml"
        path.write_bytes(document)
        command = ["java", *_JVM, "-jar", str(_jar()), str(path)]
        try:
            done = subprocess.run(  # noqa: S603  # our own command line, our own file
                command, capture_output=True, timeout=TIMEOUT_S, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise WorkbookRefused([Invalid(original=f"> {TIMEOUT_S} s")]) from error
    said = _said(done.stderr.decode("utf-8", "replace"))
    if done.returncode != 0:
        raise WorkbookRefused([_complaint(said, places)])
    return tuple(said)


def _said(output: str) -> list[str]:
    """Return what the engine said without its stack traces, each line once."""
    lines = (_JAVA_CLASS.sub("", line).strip() for line in output.splitlines())
    kept = (line for line in lines if not _NOISE.match(line))
    return list(dict.fromkeys(kept))


def _complaint(said: list[str], places: Places) -> Complaint:
    text = " ".join(said)
    path = next((path for path in _paths(text) if path in places.rows), "")
    formula = _FORMULA.search(text)
    word = next((group for group in formula.groups() if group), "") if formula else ""
    header = next((h for h in _HEADERS.get(word.lower(), ()) if h in places.columns), "")
    return Invalid(**places.at(path, header), original=text)


def _paths(text: str) -> list[str]:
    """Return the paths below the root that a text mentions: h/h_date of /data/h/h_date."""
    return [found.partition("/")[2] for found in re.findall(r"/([\w.-]+(?:/[\w.-]+)+)", text)]


def _jar() -> Path:
    # Found without importing pyxform, whose only door is `compile`.
    package = importlib.util.find_spec("pyxform")
    if package is None or not package.submodule_search_locations:
        raise FileNotFoundError("pyxform is not installed")
    folder = Path(package.submodule_search_locations[0])
    return folder / "validators/odk_validate/bin/ODK_Validate.jar"
