"""Statements written out by hand, for the few that every request needs.

Django's ORM takes longer to put such a statement together than PostgreSQL takes to answer it
(bench/README.md), and it cannot write two tables in one. So here a model says what its columns
are, and the statement around them is plain SQL.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from django.db import connection, transaction
from django.db.models import Field, Model

from server.postgres.base import DatabaseWrapper


@contextmanager
def one_moment() -> Iterator[None]:
    """Let all that is asked inside see the database as it was when the first question came.

    For reading alone: what is written inside is refused. In a transaction that stands already
    (in tests) it changes nothing.
    """
    is_first = not connection.in_atomic_block
    with transaction.atomic():
        if is_first:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def one_row(sql: str, parameters: Sequence[Any]) -> tuple[Any, ...] | None:
    """Run a statement and return its first row, None when it has none."""
    return next(iter(all_rows(sql, parameters)), None)


def all_rows(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Run a statement that is always the same but for its parameters; return its rows."""
    with cast(DatabaseWrapper, connection).cursor_of_plans() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def packed_rows(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return what `all_rows` does, in a third of its time where bytes are among the columns.

    Values come as the database holds them and not written out: of bytes, half as many.
    """
    with (
        connection.wrap_database_errors,
        cast(DatabaseWrapper, connection).cursor_of_plans() as cursor,
    ):
        cursor.cursor.execute(sql, parameters, binary=True)
        rows: list[tuple[Any, ...]] = cursor.cursor.fetchall()
        return rows


def binary(sql: str, parameters: Sequence[Any]) -> Iterator[bytes]:
    """Run a statement whose one column is bytes, never NULL; parameters as the ORM gives them.

    They come as they are, where Django's cursors have two hexadecimal digits sent for each, and row
    by row: a connection keeps the room that its largest row took for as long as it lives.
    """
    with connection.cursor() as cursor:
        whole = cursor.mogrify(sql, parameters)
    with (
        connection.wrap_database_errors,
        cast(DatabaseWrapper, connection).cursor_of_plans() as cursor,
    ):
        for (value,) in cursor.cursor.stream(whole, binary=True):
            yield value


def copy(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Add rows to a table as COPY does, for a third of what INSERT costs.

    None is NULL; JSON comes as text. Errors are Django's, as of any other statement.
    """
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(statement) as writing,
    ):
        for row in rows:
            writing.write_row(row)


@dataclass(frozen=True)
class Columns:
    """The columns of a model, all but some, in their order."""

    model: type[Model]
    without: frozenset[str] = frozenset()  # names of columns

    @cached_property
    def _fields(self) -> tuple[Field[Any, Any], ...]:
        fields = self.model._meta.concrete_fields
        return tuple(field for field in fields if field.column not in self.without)

    @cached_property
    def names(self) -> str:
        """Return them as SQL lists them: `form_id, instance_id`."""
        return ", ".join(str(field.column) for field in self._fields)

    def of(self, alias: str) -> str:
        """Return them as those of a table under another name: `m.id, m.role`."""
        return ", ".join(f"{alias}.{field.column}" for field in self._fields)

    @cached_property
    def marks(self) -> str:
        """Return a parameter for each: `%s, %s`."""
        return ", ".join("%s" for _ in self._fields)

    @cached_property
    def types(self) -> str:
        """Return them as `jsonb_to_recordset` wants them: `position smallint, value bigint`."""
        typed = ((field.column, field.db_type(connection) or "text") for field in self._fields)
        return ", ".join(f"{name} {kind}" for name, kind in typed)

    def read(self, row: Sequence[Any]) -> Any:
        """Return the model that a row of these columns is; none of them may need a converter."""
        return self.model.from_db("default", [field.attname for field in self._fields], row)

    def values(self, row: Model) -> list[Any]:
        """Return what a row that is not saved yet puts into them; none may need a converter."""
        return [getattr(row, field.attname) for field in self._fields]

    def as_json(self, rows: Iterable[Model]) -> str:
        """Return what some rows put into them, as `jsonb_to_recordset` reads it."""
        return json.dumps(
            [{field.column: getattr(row, field.attname) for field in self._fields} for row in rows],
            default=str,  # times
        )
