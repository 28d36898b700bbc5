"""A bad road: a TCP proxy between one phone and the server that cuts the line again and again.

Where it cuts is drawn from a seed, line by line, so that a failure can be looked at again.
"""

from __future__ import annotations

import random
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from selectors import EVENT_READ, DefaultSelector
from urllib.parse import urlsplit

CHUNK = 64 * 1024  # bytes
LONGEST_QUESTION, LONGEST_ANSWER = 15_000, 400  # bytes; cuts are drawn below
_RESET = struct.pack("ii", 1, 0)  # linger for 0 s: what is on its way is thrown away


@dataclass(frozen=True, slots=True)
class Cut:
    """Where one line breaks."""

    exchange: int  # not before this question and its answer, 0 for the first on the line
    is_in_answer: bool
    after: int  # bytes of it; 0 in an answer: the question has arrived, and nothing comes back
    is_reset: bool  # by RST, else by FIN


@dataclass(slots=True)
class Road:
    """The road of one phone, which has one line at a time."""

    server: tuple[str, int]
    rng: random.Random
    cuts: int  # how many are to be made; afterwards the road is good
    made: list[Cut] = field(default_factory=list)
    lines: list[socket.socket] = field(default_factory=list)

    def follow(self, listener: socket.socket) -> None:
        """Carry one line after the other, until the listener is shut down."""
        with suppress(OSError):
            while True:
                phone, _ = listener.accept()
                with phone, socket.create_connection(self.server) as server:
                    self._carry(phone, server)

    def _carry(self, phone: socket.socket, server: socket.socket) -> None:
        cut = _drawn(self.rng) if len(self.made) < self.cuts else None
        exchange, passed, was_answer = 0, 0, False
        for data, is_answer in _flow(phone, server):
            if is_answer != was_answer:
                exchange, passed, was_answer = exchange + was_answer, 0, is_answer
            onwards = phone if is_answer else server
            is_here = (
                cut is not None
                and cut.is_in_answer == is_answer
                and cut.exchange <= exchange
                and cut.after < passed + len(data)
            )
            if cut is not None and is_here:
                self.made.append(cut)
                _break_off(cut, onwards, data[: cut.after - passed], phone, server)
                return
            passed += len(data)
            onwards.sendall(data)


@contextmanager
def road(base: str, seed: str, cuts: int) -> Iterator[tuple[str, Road]]:
    """Open a road to the server at `base`; give the address at its near end, and the road."""
    place = urlsplit(base)
    way = Road((place.hostname or "", place.port or 80), random.Random(seed), cuts)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        following = threading.Thread(target=way.follow, args=(listener,), daemon=True)
        following.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", way
        finally:
            listener.shutdown(socket.SHUT_RDWR)


def _drawn(rng: random.Random) -> Cut:
    is_in_answer = rng.random() < 0.5
    longest = LONGEST_ANSWER if is_in_answer else LONGEST_QUESTION
    return Cut(
        exchange=rng.choice((0, 1, 1, 1)),  # a HEAD comes first, then the post
        is_in_answer=is_in_answer,
        after=0 if is_in_answer and rng.random() < 0.5 else rng.randrange(1, longest),
        is_reset=rng.random() < 0.5,
    )


def _flow(phone: socket.socket, server: socket.socket) -> Iterator[tuple[bytes, bool]]:
    """Give what either side says, and whether it is the server, until one of them hangs up."""
    with DefaultSelector() as either, suppress(ConnectionError):
        either.register(phone, EVENT_READ)
        either.register(server, EVENT_READ)
        while True:
            for key, _ in either.select():
                side = phone if key.fileobj is phone else server
                data = side.recv(CHUNK)
                if not data:
                    return
                yield data, side is server


def _break_off(
    cut: Cut, onwards: socket.socket, last: bytes, phone: socket.socket, server: socket.socket
) -> None:
    with suppress(ConnectionError):
        onwards.sendall(last)
    for side in (phone, server):
        if cut.is_reset:
            side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        side.close()
