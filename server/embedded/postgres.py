"""Use of the PostgreSQL that comes with the project, from any number of processes.

Each user holds a shared lock for as long as it uses the cluster. The first one starts the keeper,
which starts PostgreSQL; the last one to leave has it shut down. Nobody counts: the kernel lets go
of a lock when its holder dies, so `kill -9` needs no clearing up.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from server.embedded.cluster import DATABASE, ROLE, Cluster, clear, give_password
from server.embedded.locks import Lock, alone, is_held, open_lock
from server.embedded.places import ROOT, folder, secret
from server.errors import Problem

# PostgreSQL's words with LC_MESSAGES=C; a connection that failed has no SQLSTATE in psycopg.
_PASSWORD_REFUSED = "password authentication failed"  # noqa: S105  (words, no password)
STARTING_S = 300  # recovery after a crash reads back minutes of work at most


class DatabaseDidNotStart(Problem):
    """The PostgreSQL that comes with the project would not start."""

    code = "database.did_not_start"
    status = 503
    vi = "PostgreSQL không khởi động được. Xem {log}. Dòng cuối: {last}"
    en = "PostgreSQL did not start. See {log}. It ends: {last}"


class DatabasePasswordUnknown(Problem):
    """The cluster was made with another password than the one kept; `secrets/` was lost."""

    code = "database.password_unknown"
    status = 503
    vi = (
        "Cơ sở dữ liệu trong {data} không nhận mật khẩu ở {secret}: thư mục secrets đã bị xoá hoặc "
        "thay. Dữ liệu vẫn còn nguyên. Hãy chép lại tệp ấy từ bản sao lưu; nếu đã mất hẳn: "
        "manage.py reset_database_password"
    )
    en = (
        "The database in {data} does not take the password in {secret}: the folder of secrets was "
        "removed or replaced. The data are untouched. Copy that file back from a backup; if it is "
        "lost: manage.py reset_database_password"
    )


class DatabaseInUse(Problem):
    """Something uses the cluster, and what was asked needs it alone."""

    code = "database.in_use"
    status = 409
    vi = "Cơ sở dữ liệu trong {data} đang được dùng. Hãy dừng máy chủ (Ctrl-C) rồi chạy lại."
    en = "The database in {data} is in use. Stop the server (Ctrl-C) and try again."


@dataclass(frozen=True, slots=True)
class Use:
    """One process's use of the cluster."""

    cluster: Cluster
    held: Lock

    def look_after(self) -> None:
        """Start the keeper again if it was killed; a PostgreSQL that was killed is its own care.

        Raises DatabaseDidNotStart.
        """
        if not is_held(self.cluster.keeper):
            with alone(self.cluster.door):
                _wait_for_an_answer(self.cluster)

    def leave(self) -> None:
        """Stop using it. If nobody else does, return when PostgreSQL has been shut down."""
        with alone(self.cluster.door):
            self.held.release()
            if self.held.can_take():
                self.held.release()
                _tell_keeper_to_stop(self.cluster)
                _wait_for_keeper(self.cluster)
            elif not self.held.can_share():  # the keeper saw it first, and is shutting down
                _wait_for_keeper(self.cluster)
            self.held.close()


def use(var: Path, *, is_throwaway: bool = False) -> Use:
    """Start to use the cluster in `var/pg`; return when it answers.

    It is made and started if need be, and recovers from whatever happened to it before.
    is_throwaway: for tests; without fsync, and `var` is removed when the last user is gone.
    Raises DatabaseDidNotStart, DatabasePasswordUnknown.
    """
    cluster = Cluster(var, is_throwaway)
    folder(var, "pg")
    held = open_lock(cluster.users)
    held.share()  # waits while the last user's shutdown is under way
    try:
        with alone(cluster.door):
            _wait_for_an_answer(cluster)
    except BaseException:
        held.close()
        raise
    return Use(cluster, held)


@contextmanager
def used(var: Path) -> Iterator[Use]:
    """Use the cluster for the length of the block."""
    mine = use(var)
    try:
        yield mine
    finally:
        mine.leave()


def reset_password(var: Path) -> None:
    """Let the cluster in `var/pg` take the password that `secrets/` holds now.

    For a folder whose secrets were lost; whoever may read the cluster's files has its data anyway.
    Raises DatabaseInUse, DatabaseDidNotStart.
    """
    cluster = Cluster(var)
    if not cluster.data.exists():
        raise DatabaseDidNotStart(log=cluster.log, last=f"no {cluster.data}")
    with closing(open_lock(cluster.users)) as users:
        if not users.can_take():
            raise DatabaseInUse(data=cluster.data)
        clear(cluster)
        try:
            give_password(cluster)
        except subprocess.CalledProcessError as failed:
            raise DatabaseDidNotStart(log=cluster.log, last=_last_words(cluster)) from failed


def database(var: Path) -> dict[str, Any]:
    """Return Django's settings for the PostgreSQL that comes with the project."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": str(Cluster(var).sockets),
        "NAME": DATABASE,
        "USER": ROLE,
        "PASSWORD": secret(var, "database"),
    }


def _wait_for_an_answer(cluster: Cluster) -> None:
    keeper: subprocess.Popen[bytes] | None = None
    deadline = time.monotonic() + STARTING_S
    try:
        while not _answers(cluster):
            if keeper is None and not is_held(cluster.keeper):
                keeper = _start_keeper(cluster)
            if (keeper is not None and keeper.poll() is not None) or time.monotonic() > deadline:
                raise DatabaseDidNotStart(log=cluster.log, last=_last_words(cluster))
            time.sleep(0.05)
    finally:
        if keeper is not None:
            keeper.returncode = 0  # it outlives us on purpose, so nobody waits for it


def _answers(cluster: Cluster) -> bool:
    # A connection that answers, not a pid file: the file outlives a postmaster that was killed.
    if not is_held(cluster.keeper) or not (cluster.sockets / ".s.PGSQL.5432").exists():
        return False
    where = database(cluster.var)
    try:
        with psycopg.connect(
            host=where["HOST"],
            dbname=where["NAME"],
            user=where["USER"],
            password=where["PASSWORD"],
            connect_timeout=5,
        ) as connection:
            connection.execute("SELECT 1")
    except psycopg.OperationalError as refused:
        if _PASSWORD_REFUSED in str(refused):
            path = cluster.var / "secrets" / "database"
            raise DatabasePasswordUnknown(data=cluster.data, secret=path) from None
        return False
    return True


def _start_keeper(cluster: Cluster) -> subprocess.Popen[bytes]:
    options = ["--throwaway"] if cluster.is_throwaway else []
    with cluster.log.open("ab") as log:
        return subprocess.Popen(  # noqa: S603  (our own program)
            [sys.executable, "-m", "server.embedded.keeper", str(cluster.var), *options],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _tell_keeper_to_stop(cluster: Cluster) -> None:
    with suppress(FileNotFoundError, ValueError, ProcessLookupError):
        if is_held(cluster.keeper):
            os.kill(int(cluster.keeper.read_text()), signal.SIGTERM)


def _wait_for_keeper(cluster: Cluster) -> None:
    with suppress(FileNotFoundError):  # a throw-away cluster takes its locks with it
        lock = open_lock(cluster.keeper)
        lock.take()
        lock.close()


def _last_words(cluster: Cluster) -> str:
    lines = (
        cluster.log.read_text(errors="replace").strip().splitlines() if cluster.log.exists() else []
    )
    return lines[-1] if lines else "-"
