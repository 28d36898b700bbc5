"""Who stands back where the cores are busy, as the kernel tells it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from django.db import connection

from server.embedded.places import ROOT

DATABASE = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT")
STAND_BACK = """
import json, os, sys
from pathlib import Path
import django
from django.conf import settings
settings.configure(DATABASES={"default": json.loads(sys.argv[1])})
django.setup()
from django.db import connection
from server.serving import patience

def told(pid):
    session = Path(f"/proc/{pid}/autogroup")
    tells = session.exists() and session.read_text().split()[-1]
    return [os.getpriority(os.PRIO_PROCESS, pid), tells]

patience.stand_back(7, has_database_here=sys.argv[2] == "here")
connection.ensure_connection()
print(json.dumps([told(os.getpid()), told(connection.connection.info.backend_pid)]))
"""


@pytest.mark.django_db
def test_who_stands_back_does_so_as_a_session_and_so_does_its_database() -> None:
    process, database = _told("here")

    assert process in ([7, "7"], [7, False])  # False: a kernel that shares out by nice alone
    assert database == process


@pytest.mark.django_db
def test_a_database_elsewhere_is_nothing_to_us() -> None:
    process, database = _told("elsewhere")

    assert process[0] == 7
    assert database in ([0, "0"], [0, False])


def _told(where: str) -> list[list[object]]:
    """Return nice and nice of the session of a process that stands back, and of its backend."""
    settings = {name: connection.settings_dict[name] for name in DATABASE}
    ran = subprocess.run(
        [sys.executable, "-c", STAND_BACK, json.dumps(settings), where],
        cwd=ROOT,
        check=True,
        start_new_session=True,
        stdout=subprocess.PIPE,
    )
    told: list[list[object]] = json.loads(ran.stdout)
    return told
