"""Who stands still in this database: several transactions played one after the other's lock."""

from __future__ import annotations

from django.db import connection

# Of this database alone: the other workers' are in the same cluster. Who waits for a transaction to
# end waits for a lock of no database, but holds others in its own.
_WAITING = """
SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN (
    SELECT pid FROM pg_locks JOIN pg_database ON pg_database.oid = database
    WHERE datname = current_database()
)
"""


def waiting() -> int:
    """Return how many connections to this database wait for a lock."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING)
        return int(cursor.fetchone()[0])
