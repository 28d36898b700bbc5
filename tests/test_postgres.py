"""The database backend: a connection that PostgreSQL closed is noticed before it is used."""

from __future__ import annotations

import psycopg
import pytest
from django.db import close_old_connections, connection


def backend_pid() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_was_ended_meanwhile_is_opened_anew() -> None:
    first = backend_pid()
    with psycopg.connect(
        connection.connection.info.dsn, password=connection.settings_dict["PASSWORD"]
    ) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [first])

    close_old_connections()  # as between two requests

    assert backend_pid() != first


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_works_is_kept_and_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    # Other tests of this process may have set it to 0, so that their connections end.
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 600)
    connection.close()
    first = backend_pid()
    close_old_connections()
    monkeypatch.setattr("django.db.backends.postgresql.base.DatabaseWrapper.is_usable", None)

    assert backend_pid() == first
