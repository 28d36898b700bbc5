"""A file that somebody asks a served server for, and what is in it."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import time
import urllib.request
import zipfile
from collections.abc import Mapping
from pathlib import Path

import psutil

from sync.demo.host import Host
from tests.journeys import served

SUPERVISOR = "giamsat@soxa.local"
LONGEST_S = 60.0  # a worker is silent for ten seconds before another takes its place
_FORM = "kt_18_5"
_PATIENCE = 10  # what `serve` gives no other process than the one that makes files


def ask(server: Host, format: str, filters: Mapping[str, str]) -> int:
    """Ask for a file of a form's records; return its number."""
    wanted = {"format": format, "form": _FORM, "filters": filters, "purpose": "Kiểm thử"}
    return int(json.loads(_answer(server, "", json.dumps(wanted).encode()))["id"])


def content(server: Host, number: int) -> bytes:
    """Download it."""
    return _answer(server, f"/{number}/content")


def _answer(server: Host, below: str, body: bytes | None = None) -> bytes:
    password = base64.b64encode(f"{SUPERVISOR}:{served.PASSWORD}".encode()).decode()
    headers = {"Authorization": f"Basic {password}", "Content-Type": "application/json"}
    address = f"{server.base}/v1/projects/1/exports{below}"
    with urllib.request.urlopen(urllib.request.Request(address, body, headers)) as answer:
        return bytes(answer.read())


def wait_for(var: Path, number: int, state: str, *, attempts: int) -> None:
    """Wait until it is in a state. attempts: that somebody began and did not give it back."""
    sql = f"SELECT state, attempts FROM reports_export WHERE id = {number}"
    deadline = time.monotonic() + LONGEST_S
    while (found := served.rows(var, sql)) != [(state, attempts)]:
        assert time.monotonic() < deadline, found
        time.sleep(0.2)  # each question is a connection


def worker(server: Host) -> psutil.Process:
    """Return the process of a served server that makes files."""
    children = psutil.Process(server.process.pid).children()
    (found,) = [child for child in children if child.nice() == _PATIENCE]
    return found


def records(archive: bytes) -> list[str]:
    """Return the keys of the records in an archive as Central lays it out, sorted."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        table = opened.read(f"{_FORM}.csv").decode("utf-8-sig")
    return sorted(row["KEY"] for row in csv.DictReader(io.StringIO(table)))


def photos(archive: bytes) -> list[tuple[str, str]]:
    """Return the names of the files in it, and the SHA-256 of each, sorted. All of it is whole."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        names = [name for name in opened.namelist() if name.startswith("media/")]
        found = [(name, hashlib.sha256(opened.read(name)).hexdigest()) for name in names]
    return sorted((name.removeprefix("media/"), sha256) for name, sha256 in found)
