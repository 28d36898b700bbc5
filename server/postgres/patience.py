"""How long a request waits for one answer of PostgreSQL.

A PostgreSQL that is gone says so by itself: its connections end. One that hangs (a machine that is
frozen, a disk that does not come back) keeps them open and says nothing, its own timeouts stand
still with it, and TCP's never notice, because the kernel goes on taking what is sent. So the limit
is ours. It holds for requests, which somebody waits for; the worker and the commands have time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from psycopg import Connection, OperationalError
from psycopg.abc import RV, PQGen
from psycopg.pq import TransactionStatus

_limit_s: ContextVar[float | None] = ContextVar("limit_s", default=None)


@contextmanager
def waiting_at_most(seconds: float) -> Iterator[None]:
    """Let each statement of this thread take so long, for the length of the block.

    One that takes longer raises django.db.OperationalError, and its connection is closed: whether
    PostgreSQL still did it is not known, as when a connection breaks.
    """
    token = _limit_s.set(seconds)
    try:
        yield
    finally:
        _limit_s.reset(token)


class PatientConnection(Connection[Any]):
    """psycopg's own, that does not wait for ever."""

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Wait for what PostgreSQL answers. Raises OperationalError after the limit."""
        limit_s = _limit_s.get()
        if timeout is not None or limit_s is None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, limit_s)
        except OperationalError:
            # Ours, or the connection broke. PostgreSQL is still busy with the statement, or seems
            # so: nothing more can be asked on this connection, not even to cancel it.
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.close()
            raise
