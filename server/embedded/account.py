"""Which account PostgreSQL runs under: it refuses to run as root.

As an ordinary user it runs as that user. As root it runs as `nobody`, in a folder that belongs to
`nobody` and is closed to everyone else. A clone may stand where `nobody` cannot go (a home of mode
700). Nobody's doors are opened for that: PostgreSQL gets Linux's right to read past modes
(CAP_DAC_READ_SEARCH) and nothing else; it can write only to its own folder.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# linux/capability.h and linux/prctl.h
_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 1, 2
_CAPABILITIES_V3 = 0x20080522
_PR_SET_PDEATHSIG, _PR_SET_KEEPCAPS, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE = 1, 8, 47, 2


@dataclass(frozen=True, slots=True)
class Account:
    """A user that is not root."""

    uid: int
    gid: int
    is_ours: bool  # whether we run under it already


class _Header(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _Data(ctypes.Structure):
    _fields_ = [
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    ]


def unprivileged() -> Account:
    """Return the account to run PostgreSQL under."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), is_ours=True)
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid, is_ours=False)


def own(path: Path, account: Account) -> None:
    """Give the folder to the account and close it to everyone else."""
    path.chmod(0o700)
    if not account.is_ours:
        os.chown(path, account.uid, account.gid)


def becoming(account: Account, places: tuple[Path, ...]) -> Callable[[], None]:
    """Return what a child calls before it execs, to run under `account` and end with its parent.

    places: what it must be able to read, wherever they stand.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    needs_passage = not account.is_ours and not all(_is_open(place) for place in places)

    def become() -> None:
        if not account.is_ours:
            if needs_passage:
                _keep_capabilities(libc)
            os.setgroups([])
            os.setgid(account.gid)
            os.setuid(account.uid)
            if needs_passage:
                _grant_passage(libc)
        if sys.platform == "linux":
            # After setuid, which clears it. SIGINT is PostgreSQL's fast, clean shutdown.
            libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGINT), 0, 0, 0)

    return become


def _is_open(place: Path) -> bool:
    """Tell whether anyone may read `place` and go through every folder above it."""
    return bool(place.stat().st_mode & stat.S_IROTH) and all(
        above.stat().st_mode & stat.S_IXOTH for above in place.resolve().parents
    )


def _keep_capabilities(libc: ctypes.CDLL) -> None:
    libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)


def _grant_passage(libc: ctypes.CDLL) -> None:
    # Containers often come without the narrower right; then the wider one has to do.
    for capability in (_CAP_DAC_READ_SEARCH, _CAP_DAC_OVERRIDE):
        header = _Header(_CAPABILITIES_V3, 0)
        bit = 1 << capability
        data = (_Data * 2)(_Data(bit, bit, bit), _Data(0, 0, 0))
        if libc.capset(ctypes.byref(header), ctypes.byref(data)) == 0:
            libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, capability, 0, 0)
            return
