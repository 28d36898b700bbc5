"""Slow down whoever tries keys and passwords, and nobody else.

Failures are counted for an account as tried from one address, with a low ceiling, and for an
address, with a ceiling that one broken phone cannot reach: a whole office stands behind one
address (NAT), and what is refused already is not counted again. Nothing is counted for an account
from everywhere: anyone could then shut out anyone. Only what may be a guess is counted: a key that
was revoked or is past its day was no guess, and is told so every time.

Counts stand in the database: every process sees them, and a restart forgets nothing. Who gives
the right key or device password costs nothing here and is never turned away, because those cannot
be guessed (128 random bits and more). People's passwords can be, and are slow to check, so
`guarded` looks first.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Callable, Iterable
from typing import TypeVar

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.crypto import salted_hmac

from server.projects.models import FailedTries
from server.projects.problems import TooManyTries

T = TypeVar("T")

# One statement: two processes at once count two. A window that is over begins again.
_COUNT = """
INSERT INTO projects_failedtries AS t (key, began_at, failures)
VALUES (%(pair)s, %(now)s, 1), (%(address)s, %(now)s, 1)
ON CONFLICT (key) DO UPDATE SET
    failures = CASE WHEN t.began_at <= %(due)s THEN 1 ELSE t.failures + 1 END,
    began_at = CASE WHEN t.began_at <= %(due)s THEN excluded.began_at ELSE t.began_at END
"""


def guarded(address: str, account: str, attempt: Callable[[], T | None]) -> T | None:
    """Return what one attempt with a password that could be guessed gives; None is a failure.

    Raises TooManyTries (429) without attempting anything while there were too many failures.
    """
    has_failed = _refuse(address, account)
    result = attempt()
    if result is None:
        failed(address, account)
    elif has_failed:
        FailedTries.objects.filter(key=_keys(address, account)[0]).delete()
    return result


def _refuse(address: str, account: str) -> bool:
    """Tell whether there were failures. Raises TooManyTries while there were too many."""
    pair, whole = _keys(address, account)
    most = {pair: settings.THROTTLE_TRIES, whole: settings.THROTTLE_ADDRESS_TRIES}
    counted = list(
        FailedTries.objects.filter(key__in=most, began_at__gt=timezone.now() - _window())
    )
    waits = [tries.began_at for tries in counted if tries.failures >= most[tries.key]]
    if waits:
        left = max(waits) + _window() - timezone.now()
        raise TooManyTries(wait_s=max(1, int(left.total_seconds())))
    return bool(counted)


def failed(address: str, account: str) -> None:
    """Count a failure. Raises TooManyTries when there were too many before this one.

    address: of the client, as the HTTP server tells it. account: what was tried, an e-mail
    address, a user name or a key; only a keyed hash of both is kept.
    """
    _refuse(address, account)
    pair, whole = _keys(address, account)
    now = timezone.now()
    over = FailedTries.objects.filter(began_at__lte=now - _window())
    if over.exists():
        over.delete()
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"pair": pair, "address": whole, "now": now, "due": now - _window()})


def _window() -> dt.timedelta:
    return dt.timedelta(seconds=settings.THROTTLE_WINDOW_S)


def _keys(address: str, account: str) -> tuple[str, str]:
    """Return the keys of the pair and of the address alone."""
    network = _network(address)
    return _hashed(("pair", network, account)), _hashed(("address", network))


def _network(address: str) -> str:
    """Return an IPv4 address, or the /64 of an IPv6 address: whoever has one has them all."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:  # none, over a socket file
        return address
    if known.version == 4:
        return str(known)
    return str(ipaddress.ip_network((known, 64), strict=False))


def _hashed(words: Iterable[str]) -> str:
    # What came in JSON may hold half a surrogate pair, which UTF-8 proper cannot.
    text = "\0".join(words).encode("utf-8", "surrogatepass")
    return salted_hmac("throttle", text, algorithm="sha256").hexdigest()
