"""The database backend: what is lost is noticed, silence ends, plans are kept."""

from __future__ import annotations

import time
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import OperationalError, close_old_connections, connection, transaction

from server.postgres.patience import waiting_at_most
from server.statements import one_row


def answer(sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0] if cursor.description else None


def backend_pid() -> int:
    return int(answer("SELECT pg_backend_pid()"))


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


@pytest.mark.django_db(transaction=True)
def test_a_request_does_not_wait_for_an_answer_that_never_comes() -> None:
    first = backend_pid()
    started = time.monotonic()

    with waiting_at_most(0.3), pytest.raises(OperationalError):
        answer("SELECT pg_sleep(1.5)")

    assert 0.3 <= time.monotonic() - started < 1.4
    close_old_connections()  # as when the request is over
    assert backend_pid() != first


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_waited_in_vain_is_over() -> None:
    with waiting_at_most(0.3), pytest.raises(OperationalError), transaction.atomic():
        answer("CREATE TABLE half_done ()")
        answer("SELECT pg_sleep(1.5)")
    close_old_connections()

    assert answer("SELECT to_regclass('half_done')") is None


@pytest.mark.django_db(transaction=True)
def test_an_error_in_time_leaves_the_connection_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 600)
    connection.close()
    first = backend_pid()

    with waiting_at_most(5.0), pytest.raises(OperationalError):
        answer("SET statement_timeout = 10; SELECT pg_sleep(1.5)")
    close_old_connections()

    assert backend_pid() == first


@pytest.mark.django_db(transaction=True)
def test_the_worker_waits_as_long_as_it_takes() -> None:
    with waiting_at_most(0.1):
        pass

    assert answer("SELECT pg_sleep(0.3)::text || 'done'") == "done"


@pytest.mark.django_db(transaction=True)
def test_a_statement_that_comes_back_is_planned_for_good() -> None:
    connection.close()

    rows = [one_row("SELECT 'planned' || %s", [str(number)]) for number in range(3)]

    assert rows == [("planned0",), ("planned1",), ("planned2",)]
    assert answer("SELECT count(*) FROM pg_prepared_statements WHERE statement ~ 'planned'") == 1


@pytest.mark.django_db(transaction=True)
def test_bytes_are_sent_as_they_are() -> None:
    connection.close()
    sent = bytes(range(256)) * 4

    kept, said = one_row("SELECT %s::bytea, octet_length(current_query())", [sent]) or (b"", 0)

    assert bytes(kept) == sent
    assert said < len(sent)  # written into the statement they would be twice as long


@pytest.mark.django_db
def test_the_migrations_make_what_the_models_say() -> None:
    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)
