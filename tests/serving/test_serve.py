"""`make serve` from outside: what it prints, keeps, survives and leaves behind."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.embedded.processes import keeper, ordinary, postmaster, wait_until
from tests.serving.server import ROOT, Server, Started, copy_of, first, processes_of

CHOSEN = "chosen-by-a-script"


@pytest.fixture(scope="module")
def made() -> Started:
    """A server that was started for the first time and stopped with Ctrl-C."""
    return first()


@pytest.fixture(scope="module")
def server(made: Started, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The same, started again, for the tests that need one that runs."""
    again = Server(copy_of(made, tmp_path_factory.mktemp("again")))
    yield again
    again.end()


@pytest.fixture(scope="module")
def scripted(made: Started, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The same, after a kill in the middle of a post, started as a script would."""
    var = copy_of(made, tmp_path_factory.mktemp("scripted"))
    (var / "uploads" / "left.upload").write_bytes(b"half a photo")
    (var / "broker" / "waiting" / "1_left.celery.msg").write_bytes(b"")
    chosen = {"ADMIN_EMAIL": "Lan@Example.org", "ADMIN_PASSWORD": CHOSEN}
    server = Server(var, None, FIRST_APP_USER="false", **chosen)
    yield server
    server.end()


def test_it_prints_address_password_device_url_and_qr_code(made: Started) -> None:
    base = f"http://127.0.0.1:{made.port}"

    assert made.after("Sổ Xã đang chạy tại") == base
    assert made.after("Tài khoản giám sát") == "giamsat@soxa.local"
    assert re.fullmatch(r"(?:[a-z2-7]{4}-){3}[a-z2-7]{4}", made.after("Mật khẩu"))
    assert re.fullmatch(base + r"/v1/key/[A-Za-z0-9!$]{64}/projects/1", made.device_url())
    assert made.said.count("█") > 100


def test_ctrl_c_leaves_no_process_behind(made: Started) -> None:
    assert processes_of(made.var) == []


def test_secrets_are_closed_to_everyone_else(made: Started) -> None:
    folder = made.var / "secrets"

    assert folder.stat().st_mode & 0o077 == 0
    assert [f.name for f in folder.iterdir() if f.stat().st_mode & 0o777 != 0o600] == []


def test_the_second_start_costs_less_than_six_seconds_of_one_core(server: Server) -> None:
    # Of a core and not of the clock, which other tests share; on a machine that does nothing else
    # the clock shows less, because there are two.
    assert server.start_cpu_s < 6


def test_the_second_start_gives_the_same_key_and_does_not_repeat_the_password(
    made: Started, server: Server
) -> None:
    key = made.device_url().split("/v1/key/")[1]

    assert server.device_url().split("/v1/key/")[1] == key
    assert made.after("Mật khẩu") not in server.said


def test_the_device_url_that_it_prints_works(server: Server) -> None:
    request = urllib.request.Request(
        server.device_url() + "/formList", headers={"X-OpenRosa-Version": "1.0"}
    )

    with urllib.request.urlopen(request) as answer:
        assert b"kt_18_5" in answer.read()


def test_its_processes_hold_less_than_a_gigabyte_together(server: Server) -> None:
    held = []
    for process in server.family():
        with suppress(psutil.NoSuchProcess):  # a connection's process of PostgreSQL, meanwhile
            held.append(process.memory_full_info().pss)

    assert len(held) >= len(server.children()) > 0
    assert sum(held) < 1_000_000_000


def test_it_can_be_asked_for_a_key_while_it_runs(server: Server) -> None:
    made = subprocess.run(
        [sys.executable, "server/manage.py", "create_app_user", "Máy thử", "--json"],
        cwd=ROOT,
        env=server.environ,
        capture_output=True,
        text=True,
        check=True,
    )

    assert "/v1/key/" in json.loads(made.stdout)["url"]


def test_a_second_server_in_the_same_folder_says_that_one_runs(server: Server) -> None:
    second = Server(server.var)

    assert second.stop() == 1
    assert f"đang chạy rồi (tiến trình {server.process.pid})" in second.said
    assert server.status() == 200


def test_a_port_that_is_taken_is_said_with_what_to_do(
    made: Started, server: Server, tmp_path: Path
) -> None:
    other = Server(copy_of(made, tmp_path), PORT=str(server.port))

    assert other.stop() == 1
    assert f"Cổng {server.port}" in other.said
    assert "PORT=8001 make serve" in other.said
    assert "Traceback" not in other.said


def test_whoever_dies_is_started_again(server: Server) -> None:
    before = server.children()

    for child in before:
        child.kill()

    wait_until(lambda: len(server.children()) == len(before) and server.status() == 200)
    assert not {child.pid for child in before} & {child.pid for child in server.children()}


def test_whoever_is_stopped_goes_on(server: Server) -> None:
    before = server.children()

    for child in before:
        child.suspend()

    wait_until(lambda: psutil.STATUS_STOPPED not in {child.status() for child in before})
    assert server.status() == 200
    assert {child.pid for child in before} == {child.pid for child in server.children()}


def test_a_killed_database_comes_back(server: Server) -> None:
    old = postmaster(server.var)
    keeper(server.var).kill()
    old.kill()

    wait_until(lambda: not old.is_running() or old.status() == psutil.STATUS_ZOMBIE)
    wait_until(lambda: server.status() == 200)

    assert postmaster(server.var) != old


def test_the_administrator_that_the_environment_names_can_enter(scripted: Server) -> None:
    body = json.dumps({"email": "lan@example.org", "password": CHOSEN}).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{scripted.port}/v1/sessions", body, {"Content-Type": "application/json"}
    )

    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200
    assert CHOSEN not in scripted.said


def test_a_worker_of_its_own_makes_the_files_that_are_asked_for(scripted: Server) -> None:
    wanted = {"format": "people_csv", "form": "kt_18_5", "purpose": "Kiểm thử máy chủ"}
    password = base64.b64encode(f"lan@example.org:{CHOSEN}".encode()).decode()
    base = f"http://127.0.0.1:{scripted.port}/v1/projects/1/exports"

    def asked(address: str, body: bytes | None = None) -> bytes:
        headers = {"Authorization": f"Basic {password}", "Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(address, body, headers)) as answer:
            return bytes(answer.read())

    number = json.loads(asked(base, json.dumps(wanted).encode()))["id"]
    wait_until(lambda: json.loads(asked(f"{base}/{number}"))["state"] == "ready")
    content = asked(f"{base}/{number}/content")

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert archive.read("Hồ sơ.csv").decode().count("\n") == 1  # no records: the heading


def test_where_output_is_kept_as_a_log_no_key_is_printed(scripted: Server) -> None:
    assert "/v1/key/" not in scripted.said
    assert "create_app_user" in scripted.said


def test_what_a_power_cut_left_is_removed_at_the_next_start(scripted: Server) -> None:
    assert not (scripted.var / "uploads" / "left.upload").exists()
    assert not (scripted.var / "broker" / "waiting" / "1_left.celery.msg").exists()
    assert "Unrecoverable" not in scripted.said


def test_closing_the_terminal_stops_it_like_ctrl_c(scripted: Server) -> None:
    assert scripted.stop(signal.SIGHUP) == 0
    assert scripted.is_gone()


def test_it_recovers_from_kills_of_the_parent_and_then_of_everything(
    made: Started, server: Server
) -> None:
    server.process.kill()  # nobody below asks for it
    server.wait_until_gone()

    second = Server(server.var)
    second.kill_everything()
    third = Server(server.var)

    assert third.status() == 200
    assert third.device_url().split("/v1/key/")[1] == made.device_url().split("/v1/key/")[1]
    third.end()


def test_a_bad_setting_is_one_sentence_that_names_it(tmp_path: Path) -> None:
    server = Server(tmp_path / "var", LOG_LEVEL="LOUD")

    assert server.stop() != 0
    assert "LOG_LEVEL='LOUD': must be one of" in server.said.strip().splitlines()[-1]


def test_an_ordinary_user_can_run_it(made: Started, tmp_path: Path) -> None:
    account = ordinary()
    uid = account.uid if account else os.geteuid()
    var = copy_of(made, tmp_path)  # that it makes a cluster of its own: tests/embedded
    for folder in ("broker", "static", "uploads"):
        shutil.rmtree(var / folder)  # and makes these anew
    for path in (var, *var.rglob("*")):
        os.chown(path, uid, -1, follow_symlinks=False)

    server = Server(var, account)
    status, owners = server.status(), {process.uids().effective for process in server.family()}
    server.stop()

    assert status == 200
    assert owners == {uid}
    assert {path.stat().st_uid for path in var.iterdir()} == {uid}
    assert server.is_gone()
