"""The PostgreSQL that comes with the project, used, left, and killed at every joint."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from server import embedded
from server.embedded.cluster import MAX_SOCKET_PATH, Cluster
from server.embedded.places import ROOT
from server.errors import Problem
from tests.embedded.processes import (
    User,
    everything,
    is_keeper,
    keeper,
    ordinary,
    postmaster,
    running,
    wait_until,
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cluster that has been made and shut down; making one takes a second or two."""
    var = tmp_path_factory.mktemp("made") / "var"
    user = User(var)
    user.write("first")
    assert user.leave() == 0
    return var


@pytest.fixture
def var(made: Path, tmp_path: Path) -> Iterator[Path]:
    """A cluster of the test's own, with one row in it; whatever is left running is ended."""
    own = tmp_path / "var"
    subprocess.run(["cp", "-a", str(made), str(own)], check=True)
    yield own
    for process in everything(own):
        with suppress(psutil.NoSuchProcess):
            process.kill()


def test_the_last_user_to_leave_shuts_it_down(var: Path) -> None:
    one, other = User(var), User(var)

    one.leave()
    still_there = other.write("second")
    other.leave()

    assert still_there == ["first", "second"]
    assert running(var) == []


def test_a_start_of_an_existing_cluster_takes_less_than_six_seconds(var: Path) -> None:
    begun = time.monotonic()

    with embedded.used(var):
        took_s = time.monotonic() - begun

    assert took_s < 6


def test_it_ends_by_itself_when_its_only_user_is_killed(var: Path) -> None:
    user = User(var)

    user.kill()

    wait_until(lambda: running(var) == [])


def test_a_killed_postmaster_is_started_again_with_everything_committed(var: Path) -> None:
    user = User(var)
    user.write("second")
    killed = postmaster(var)

    killed.kill()
    wait_until(lambda: any(p.name() == "postgres" and p != killed for p in running(var)))

    assert User(var).write("third") == ["first", "second", "third"]


def test_a_killed_keeper_is_replaced_by_the_next_user(var: Path) -> None:
    User(var).write("second")

    keeper(var).kill()

    assert User(var).write("third") == ["first", "second", "third"]


def test_a_user_that_stays_brings_a_killed_keeper_back(var: Path) -> None:
    with embedded.used(var) as mine:
        keeper(var).kill()
        wait_until(lambda: not any(is_keeper(process) for process in running(var)))

        mine.look_after()

        assert User(var).write("second") == ["first", "second"]


def test_nothing_committed_is_lost_when_everything_is_killed_at_once(var: Path) -> None:
    user = User(var)
    user.write("second")

    for process in everything(var):
        with suppress(psutil.NoSuchProcess):
            process.kill()
    user.process.wait()

    assert User(var).write("third") == ["first", "second", "third"]


@pytest.mark.parametrize("pause_s", [0.1, 0.4, 0.8])
def test_it_can_be_killed_at_any_moment_of_its_start(var: Path, pause_s: float) -> None:
    starting = subprocess.Popen(
        [sys.executable, "-c", _ENTER, str(var)],
        cwd=ROOT,
    )
    time.sleep(pause_s)

    for process in everything(var):
        with suppress(psutil.NoSuchProcess):
            process.kill()
    starting.wait()

    assert User(var).write("second") == ["first", "second"]


_ENTER = "import sys, pathlib; from server import embedded; embedded.use(pathlib.Path(sys.argv[1]))"


def test_a_cluster_that_was_being_made_when_it_was_killed_is_made_anew(tmp_path: Path) -> None:
    var = tmp_path / "var"
    starting = subprocess.Popen(
        [sys.executable, "-c", _ENTER, str(var)],
        cwd=ROOT,
    )
    wait_until(lambda: any((var / "pg").glob("data.new.*")))

    for process in everything(var):
        with suppress(psutil.NoSuchProcess):
            process.kill()
    starting.wait()

    user = User(var)
    assert user.write("first") == ["first"]
    user.leave()


def test_a_stale_pid_file_that_names_somebody_else_harms_nobody(var: Path) -> None:
    stranger = subprocess.Popen(["sleep", "60"])
    (Cluster(var).data / "postmaster.pid").write_text(
        f"{stranger.pid}\n{Cluster(var).data}\n1\n5432\n{Cluster(var).sockets}\n\n0 0\nready\n"
    )

    rows = User(var).write("second")

    assert rows == ["first", "second"]
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_a_clone_deeper_than_a_socket_path_may_be_works(made: Path, tmp_path: Path) -> None:
    deep = tmp_path / ("rất-sâu-" * 8) / ("d" * 60) / "var"
    deep.parent.mkdir(parents=True)
    subprocess.run(["cp", "-a", str(made), str(deep)], check=True)

    user = User(deep)

    assert user.write("second") == ["first", "second"]
    assert len(os.fsencode(Cluster(deep).sockets)) < MAX_SOCKET_PATH
    user.leave()
    Cluster(deep).sockets.rmdir()


def test_an_ordinary_user_runs_it_under_its_own_name(tmp_path: Path) -> None:
    account = ordinary()
    var = tmp_path / "var"
    var.mkdir()
    uid = account.uid if account else os.geteuid()
    os.chown(var, uid, -1)

    user = User(var, account)

    assert user.write("first") == ["first"]
    assert postmaster(var).uids().effective == uid
    assert user.leave() == 0
    assert running(var) == []


def test_the_postmaster_never_runs_as_root(var: Path) -> None:
    User(var)

    assert postmaster(var).uids().effective != 0


def test_its_files_and_its_socket_are_closed_to_everyone_else(var: Path) -> None:
    User(var)

    for path in (Cluster(var).home, Cluster(var).data, Cluster(var).sockets):
        assert path.stat().st_mode & 0o077 == 0


def test_it_listens_on_no_network_address(var: Path) -> None:
    User(var)

    assert [c for p in running(var) for c in p.net_connections(kind="inet")] == []


def test_a_statement_that_fails_leaves_no_answer_in_the_log(var: Path) -> None:
    user = User(var)
    user.write("canary")

    user.write("canary")  # a second time: refused, and the user ends with the error
    user.process.wait()

    log = Cluster(var).log.read_text()
    assert "duplicate key" in log
    assert "canary" not in log


def test_a_cluster_whose_secrets_were_lost_says_so_and_can_be_let_in_again(var: Path) -> None:
    shutil.rmtree(var / "secrets")

    with pytest.raises(Problem) as told, embedded.used(var):
        pass
    wait_until(lambda: running(var) == [])
    embedded.reset_password(var)
    user = User(var)

    assert told.value.code == "database.password_unknown"
    assert "reset_database_password" in told.value.sentence()
    assert user.write("second") == ["first", "second"]


def test_the_password_of_a_cluster_in_use_is_not_reset(var: Path) -> None:
    user = User(var)

    with pytest.raises(Problem) as told:
        embedded.reset_password(var)

    assert told.value.code == "database.in_use"
    assert user.write("second") == ["first", "second"]
