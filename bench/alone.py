"""Django with a throw-away PostgreSQL of this process, for benches that call the code itself.

Import it before anything of `server`: the settings read the environment once. The database has
no fsync; nothing here measures writing. With BENCH_DIR=FOLDER it is one that stays there, for who
measures again what took long to fill.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import django

from server import embedded

os.environ.pop("DATABASE_URL", None)
KEPT = os.environ.get("BENCH_DIR", "")
os.environ["VAR_DIR"] = KEPT or tempfile.mkdtemp(prefix="so-xa-bench-")
os.environ["LOG_LEVEL"] = "WARNING"
os.environ["DJANGO_SETTINGS_MODULE"] = "server.settings"
# Held until the process ends: the kernel lets go of it then, however it ends.
IN_USE = embedded.use(Path(os.environ["VAR_DIR"]), is_throwaway=not KEPT)
django.setup()
