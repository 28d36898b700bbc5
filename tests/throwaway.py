"""A PostgreSQL of the tests' own, gone when the last test process is gone.

A plugin that pytest loads before Django's settings (`-p tests.throwaway` in pyproject.toml),
because the settings read the environment once. xdist's workers inherit the environment, and so
share the cluster; each has a database of its own in it. With DATABASE_URL set, yours is used.
"""

from __future__ import annotations

import atexit
import compileall
import gc
import os
import shutil
import sys
import tempfile
from pathlib import Path

from server import embedded

ROOT = Path(__file__).resolve().parents[1]
MARK = "SO_XA_TEST_VAR"  # the folder of everything that is gone after the session

FRESH = "SO_XA_TEST_FRESH"  # set where nothing of the tests was compiled before

# A run starts some hundred Pythons, and each would compile all of it again where the environment
# keeps it from writing down what it compiled; so would pytest every test, in both workers.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Thousands of tests and all of our modules come to stay: the collector, which would walk them again
# and again while they come, is turned on when all are there (tests/conftest.py).
gc.disable()

if MARK not in os.environ:
    # In a fresh clone every worker would compile all of it, at the same time as the others.
    if not (ROOT / "tests/api/__pycache__").exists():
        os.environ[FRESH] = "yes"
        for package in ("server", "sync"):
            compileall.compile_dir(ROOT / package, quiet=1, workers=2)
    os.environ[MARK] = os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="so-xa-test-")
    (Path(os.environ[MARK]) / "static").mkdir()  # WhiteNoise warns of each server that has none
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    if os.environ.get("DATABASE_URL"):  # else PostgreSQL's keeper removes it
        atexit.register(shutil.rmtree, os.environ[MARK], ignore_errors=True)
if not os.environ.get("DATABASE_URL"):
    # Held until the process ends: the kernel lets go of it then, however it ends.
    IN_USE = embedded.use(Path(os.environ[MARK]), is_throwaway=True)
