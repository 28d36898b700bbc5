"""A worker in a process of its own, as `celery -A server.celery worker` starts it."""

from __future__ import annotations

import subprocess
import sys

from tests.serving.server import ROOT

BEGIN = """
import sys
from server.celery import app
app.loader.import_default_modules()
print(len(app.tasks), "server.reports.making" in sys.modules, "server.urls" in sys.modules)
print(*sys.modules.keys() & {"numpy", "shapely", "pyproj", "highspy"})
"""


def test_a_worker_holds_its_tasks_and_no_page_and_no_geometry_before_somebody_asks() -> None:
    began = subprocess.run(
        [sys.executable, "-c", BEGIN], cwd=ROOT, check=True, stdout=subprocess.PIPE
    )

    tasks, makes_exports, has_pages, *libraries = began.stdout.split()
    assert int(tasks) > 10
    assert (makes_exports, has_pages) == (b"True", b"False")
    assert not libraries
