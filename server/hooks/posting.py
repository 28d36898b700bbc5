"""Post to an address that somebody else has chosen, and reach nothing else. No Django.

The name is resolved once, every address that it has is looked at, and the connection goes to one of
those: a name that means another address a moment later (DNS rebinding) reaches nothing. TLS and
`Host` still have the name. Nothing is followed, little is read, and all of it ends in time.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from urllib.parse import urlsplit

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

_MOST_ANSWER = 16_384  # bytes of the body that are read, and thrown away
_MOST_ADDRESSES = 2  # of a name that are tried: IPv6, then IPv4
# What `is_global` of older Pythons lets through, or carries another address within.
_NEVER = tuple(
    ipaddress.ip_network(text)
    for text in (
        *("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15"),
        *("224.0.0.0/4", "240.0.0.0/4"),
        *("::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/23", "2002::/16", "5f00::/16"),
        *("fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"),
    )
)


class Failure(StrEnum):
    """Why nobody was told."""

    ADDRESS = "address"  # none that we post to: its scheme, its form
    UNKNOWN_NAME = "unknown_name"
    FORBIDDEN = "forbidden"  # a name with an address of a private network
    NO_CONNECTION = "no_connection"
    TLS = "tls"
    TIME = "time"
    ANSWER = "answer"  # none that is HTTP
    REDIRECT = "redirect"
    STATUS = "status"  # not 2xx


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be reached, and for how long."""

    timeout_s: float = 10.0  # for everything but asking for the name
    allowed: tuple[Network, ...] = ()  # private networks that may be reached all the same
    allows_http: bool = False


@dataclass(frozen=True, slots=True)
class Posted:
    """What came of it."""

    status: int | None = None  # of HTTP
    failure: Failure | None = None

    @property
    def is_told(self) -> bool:
        """Tell whether it was taken."""
        return self.failure is None


@dataclass(frozen=True, slots=True)
class Target:
    """An address, taken apart."""

    host: str
    port: int
    path: str
    is_tls: bool


class Refused(Exception):
    """It is not to be reached."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure = failure


def target(url: str, limits: Limits) -> Target:
    """Return an address that may be posted to, as far as it can be told without asking anybody.

    Raises Refused.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        host = host.encode("idna").decode("ascii") if not host.isascii() else host
    except (ValueError, UnicodeError) as error:
        raise Refused(Failure.ADDRESS) from error
    is_tls = parts.scheme == "https"
    is_plain = parts.scheme == "http" and limits.allows_http
    has_key = "@" in parts.netloc  # it would stand in logs
    if not (is_tls or is_plain) or not host or has_key or parts.fragment or port == 0:
        raise Refused(Failure.ADDRESS)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not path.isascii() or not path.isprintable() or " " in path:
        raise Refused(Failure.ADDRESS)
    with contextlib.suppress(ValueError):
        _refuse(ipaddress.ip_address(host), limits.allowed)
    return Target(host, port or (443 if is_tls else 80), path, is_tls)


def post(url: str, body: bytes, headers: Mapping[str, str], limits: Limits) -> Posted:
    """Post JSON; return what came of it. Never raises for anything that a target can do."""
    try:
        to = target(url, limits)
        plain = _connected(to, _resolved(to, limits.allowed), limits.timeout_s)
    except Refused as refused:
        return Posted(failure=refused.failure)
    line = _Line(plain)
    # A byte now and then would outlast the timeout of each read.
    clock = threading.Timer(limits.timeout_s, line.cut)
    clock.daemon = True
    clock.start()
    try:
        found = _exchange(line, to, body, headers)
    finally:
        clock.cancel()
        line.socket.close()
    is_late = found.status is None and line.is_cut.is_set()
    return Posted(failure=Failure.TIME) if is_late else found


class _Line:
    """A connection that another thread can cut, whichever socket it goes by at the time."""

    def __init__(self, plain: socket.socket) -> None:
        self.socket = plain
        self.is_cut = threading.Event()

    def secure(self, to: Target) -> None:
        """Go on by TLS. Raises TimeoutError when it was cut meanwhile, OSError."""
        # What is wrapped has no connection any more: cutting it would do nothing. So the other
        # takes its place before hands are shaken, and whoever cut the former is heard here.
        wrapped = _tls().wrap_socket(
            self.socket, server_hostname=to.host, do_handshake_on_connect=False
        )
        self.socket = wrapped
        if self.is_cut.is_set():
            raise TimeoutError
        wrapped.do_handshake()

    def cut(self) -> None:
        """End it now, for whoever reads or writes."""
        self.is_cut.set()
        with contextlib.suppress(OSError):
            # Not that of SSLSocket, which would let the other thread go on without TLS.
            socket.socket.shutdown(self.socket, socket.SHUT_RDWR)


def _connected(to: Target, addresses: Sequence[Address], timeout_s: float) -> socket.socket:
    """Connect to one of some addresses, which were looked at. Raises Refused."""
    failure = Failure.NO_CONNECTION
    for address in addresses[:_MOST_ADDRESSES]:
        try:
            found = socket.create_connection((str(address), to.port), timeout_s / _MOST_ADDRESSES)
        except TimeoutError:
            failure = Failure.TIME
        except OSError:
            failure = Failure.NO_CONNECTION
        else:
            found.settimeout(timeout_s)  # from here on all of it is one target's
            return found
    raise Refused(failure)


def _exchange(line: _Line, to: Target, body: bytes, headers: Mapping[str, str]) -> Posted:
    try:
        connection = http.client.HTTPConnection(to.host, to.port)
        if to.is_tls:
            connection = http.client.HTTPSConnection(to.host, to.port, context=_tls())
            line.secure(to)
        connection.sock = line.socket  # to the address that was looked at
        connection.request("POST", to.path, body, dict(headers))
        with connection.getresponse() as answer:
            status = answer.status
            with contextlib.suppress(OSError, http.client.HTTPException):
                answer.read(_MOST_ANSWER)
    except ssl.SSLError:
        return Posted(failure=Failure.TLS)
    except TimeoutError:
        return Posted(failure=Failure.TIME)
    except (OSError, http.client.HTTPException, ValueError):
        return Posted(failure=Failure.ANSWER)
    if 200 <= status < 300:
        return Posted(status)
    return Posted(status, Failure.REDIRECT if 300 <= status < 400 else Failure.STATUS)


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _resolved(to: Target, allowed: Sequence[Network]) -> list[Address]:
    """Return the addresses of a host. Raises Refused, also when one of several is forbidden."""
    try:
        found = socket.getaddrinfo(to.host, to.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Refused(Failure.UNKNOWN_NAME) from error
    addresses = [ipaddress.ip_address(str(place[0]).partition("%")[0]) for *_, place in found]
    for address in addresses:
        _refuse(address, allowed)
    return addresses


def _refuse(address: Address, allowed: Sequence[Network]) -> None:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    address = mapped or address
    if any(address in network for network in allowed):
        return
    is_open = address.is_global and not address.is_multicast and not address.is_reserved
    if not is_open or any(address in network for network in _NEVER):
        raise Refused(Failure.FORBIDDEN)
