"""The backend; Django wants it under this name."""

from __future__ import annotations

import select
from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.postgresql.operations import DatabaseOperations
from django.db.backends.postgresql.psycopg_any import IsolationLevel

from server.postgres.patience import PatientConnection


class _Operations(DatabaseOperations):
    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> str:
        """Return the statement; one that was planned before without its parameters."""
        return super().last_executed_query(cursor, sql, params) or str(sql)


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, with a cheaper look at its connection, and statements that are planned once."""

    ops_class = _Operations

    def get_new_connection(self, conn_params: dict[str, Any]) -> PatientConnection:
        """Connect, as Django does, but to what can be told how long to wait."""
        self.isolation_level = IsolationLevel.READ_COMMITTED  # PostgreSQL's default
        return PatientConnection.connect(**conn_params)

    def is_usable(self) -> bool:
        """Tell whether the connection works.

        Django sends a statement to find out: 0.2 ms of processor time, where a form list takes 1.
        A PostgreSQL that has gone leaves word in the socket, or its end: while there is nothing
        to be read, nothing has happened.
        """
        if self.connection is None or self.errors_occurred or self._has_word():
            return super().is_usable()
        return True

    def cursor_of_plans(self) -> Any:
        """Return a cursor for statements that are always the same but for their parameters.

        PostgreSQL keeps what it made of them for as long as the connection lives: to parse and
        plan one takes it longer than to run it. Parameters go beside the statement, not in it, so
        that the bytes of an instance are not written out as hexadecimal digits. Django's own
        cursors do neither, because its ORM relies on literals.
        """
        self.close_if_health_check_failed()
        self.ensure_connection()
        with self.wrap_database_errors:
            cursor = base.ServerBindingCursor(self.connection)  # type: ignore[call-arg]
            return self._prepare_cursor(cursor)  # type: ignore[attr-defined]

    def _has_word(self) -> bool:
        socket = select.poll()  # not select(), which stops at 1,024 open files
        socket.register(self.connection.fileno(), select.POLLIN)
        return bool(socket.poll(0))
