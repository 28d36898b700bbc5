"""Passwords of devices that have a user name and password in place of a key in the URL.

They are machine-made, 128 random bits, and open nothing that a person's password opens. HTTP
Digest makes a server keep HA1 = MD5(username:realm:password), which is as good as the password:
it is kept sealed (server.projects.sealing), so that a dump of the database or a backup opens
nothing (docs/decisions/passwords-of-devices.md).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from server.projects.models import AppUser, DevicePassword, NonceCount
from server.projects.sealing import seal, unseal

REALM = "so-xa"  # part of every HA1: another word makes all passwords void
_USERNAME = re.compile(r"u([1-9][0-9]{0,17})", re.ASCII)
_USE_OF_SEAL = b"so-xa device passwords"


@dataclass(frozen=True, slots=True)
class Proof:
    """A device, and what its answers to Digest are checked against."""

    app_user: AppUser
    ha1: str  # 32 hex digits; as secret as the password


def keep(app_user: AppUser, password: str) -> None:
    """Make this the password of a device, in place of any other."""
    plain = bytes.fromhex(ha1(app_user.username, password))
    sealed = seal(plain, use=_USE_OF_SEAL, row=app_user.pk)
    DevicePassword.objects.update_or_create(app_user=app_user, defaults={"sealed_ha1": sealed})


def proof(username: str, project_id: int) -> Proof | None:
    """Return what a device of this project must prove; None when it has no password, or is none.

    Whether it was shut out or its time is over is not looked at: that is told only to one who
    knows the password.
    """
    match = _USERNAME.fullmatch(username)
    if match is None:
        return None
    found = (
        DevicePassword.objects.filter(pk=int(match[1]), app_user__project=project_id)
        .select_related("app_user")
        .first()
    )
    if found is None:
        return None
    return Proof(found.app_user, _unsealed(found))


def ha1(username: str, password: str) -> str:
    """Return HA1 of RFC 7616 §3.4.2 for our realm."""
    # MD5, because phones know no other; the 128 random bits do what its slowness cannot.
    text = f"{username}:{REALM}:{password}".encode()
    return hashlib.md5(text, usedforsecurity=False).hexdigest()


def _unsealed(kept: DevicePassword) -> str:
    # Sealed under another SECRET_KEY, or moved here from another row: no answer matches "", and a
    # device is told what it is told of a wrong password, to get a new one.
    plain = unseal(bytes(kept.sealed_ha1), use=_USE_OF_SEAL, row=kept.app_user_id)
    return "" if plain is None else plain.hex()


# One statement, so that of two equal uses at once, in whatever processes, one wins.
_USE = """
INSERT INTO projects_noncecount AS t (nonce, last_count, first_used_at)
VALUES (%(nonce)s, %(count)s, %(now)s)
ON CONFLICT (nonce) DO UPDATE SET last_count = excluded.last_count
WHERE t.last_count < excluded.last_count
RETURNING first_used_at = %(now)s
"""


def use_nonce(nonce: str, count: int, life_s: float) -> bool:
    """Tell whether this use of a nonce is new: no use with this count or a higher one was seen.

    life_s: for how long a nonce is good; what is known of older ones is forgotten.
    """
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(_USE, {"nonce": nonce, "count": count, "now": now})
        row = cursor.fetchone()
    if row is not None and row[0]:  # once for each nonce, so that the table stays small
        # Twice its life: clocks of two machines differ.
        over = now - dt.timedelta(seconds=2 * life_s)
        NonceCount.objects.filter(first_used_at__lt=over).delete()
    return row is not None
