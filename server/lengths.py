"""How long lists are, and where in them a place is, without reading them.

Triggers of PostgreSQL note what a list gains and loses in the very statement that does it: one row
that says how many, of which list, in which block of ids. A note is added and never changed, so
nobody who writes waits for anybody, and the sum of the notes is exact for whatever moment a reader
sees. `fold` makes one note of many from time to time; `mend` counts what there is and notes where
that differs, which fills an empty table and otherwise finds nothing (docs/decisions/lengths.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, TypeVar

from django.db import connection, models, transaction
from django.db.models import QuerySet, Sum

BLOCK = 8192  # ids; the triggers shift them by 13 bits
_END = 2**63 - 1  # no id is higher
M = TypeVar("M", bound=models.Model)


class Length(models.Model):
    """How many rows a list gained or, below zero, lost in a block of ids."""

    # What a note is about: its columns, and what they are of in the rows of `COUNTED`.
    COUNTED: ClassVar[str]  # what follows FROM
    KEYS: ClassVar[dict[str, str]]
    MANY: ClassVar[str] = "count(*)"  # how many such rows are

    list_id = models.BigIntegerField()  # no foreign key: looking it up would cost each arrival
    block = models.BigIntegerField()  # id / BLOCK
    rows = models.BigIntegerField()

    class Meta:
        abstract = True


def total(notes: QuerySet[Length]) -> int:
    """Return how many rows there are of what some notes are about."""
    found: int | None = notes.aggregate(many=Sum("rows"))["many"]
    return found or 0


def skipped(found: QuerySet[M], notes: QuerySet[Length], many: int) -> QuerySet[M]:
    """Return what comes after the first `many` rows: two questions, of at most a block of rows.

    found: by falling number, all that the notes are about and nothing else.
    """
    return _from(found, *place(_blocks(notes), many))


def skipped_of_log(found: QuerySet[M], notes: QuerySet[Length], many: int) -> QuerySet[M]:
    """Return so what comes after the first `many` rows of what only ever grows at its end.

    notes: of its full blocks, all up to some block. What came since is counted.
    """
    blocks = _blocks(notes)
    fresh = found.filter(pk__gte=(blocks[0][0] + 1) * BLOCK) if blocks else found
    came = fresh.count()
    return _from(found, *(place(blocks, many - came) if many >= came else (_END, many)))


def _blocks(notes: QuerySet[Length]) -> list[tuple[int, int]]:
    """Return how many rows each block has, the last block first."""
    return list(notes.order_by("-block").values_list("block").annotate(held=Sum("rows")))


def place(blocks: Iterable[tuple[int, int]], many: int, size: int | None = None) -> tuple[int, int]:
    """Return the id below which a place is, and how many rows are to be skipped there still.

    blocks: how many rows each has, the last block first. size: of a block, in ids; None: BLOCK.
    """
    size = size or BLOCK
    for block, held in blocks:
        if many < held:
            return (block + 1) * size, many
        many -= held
    return 0, 0


def _from(found: QuerySet[M], below: int, rest: int) -> QuerySet[M]:
    # No lower end: of rows that went between two questions, the next block has others.
    begin = list(found.filter(pk__lt=below).values_list("pk", flat=True)[rest : rest + 1])
    return found.filter(pk__lte=begin[0]) if begin else found.none()


def fold(kind: type[Length]) -> int:
    """Make one note of all about the same block; return how many there were.

    Correct beside anybody who writes or folds: whoever removes a note first adds it up.
    """
    table, keys = kind._meta.db_table, ", ".join(kind.KEYS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH several AS (
              SELECT {keys} FROM {table} GROUP BY {keys} HAVING count(*) > 1 OR sum(rows) = 0
            ), gone AS (
              DELETE FROM {table} USING several
              WHERE ({_of(table, kind)}) = ({_of("several", kind)})
              RETURNING {_of(table, kind)}, {table}.rows
            ), kept AS (
              INSERT INTO {table} ({keys}, rows)
              SELECT {keys}, sum(rows) FROM gone GROUP BY {keys} HAVING sum(rows) <> 0
            )
            SELECT count(*) FROM gone
            """  # noqa: S608  (names of our own tables and columns)
        )
        (folded,) = cursor.fetchone()
    return int(folded)


def mend(kind: type[Length]) -> int:
    """Count the rows themselves and note by how much the notes are wrong; return where they were.

    Reads all rows: a tenth of a second for a million. What arrives meanwhile notes itself.
    """
    table, keys = kind._meta.db_table, ", ".join(kind.KEYS)
    with transaction.atomic(), connection.cursor() as cursor:
        # Two at once would each note the same difference.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [table])
        cursor.execute(
            f"""
            INSERT INTO {table} ({keys}, rows)
            SELECT {keys}, sum(rows) FROM (
              SELECT {", ".join(f"{value} AS {key}" for key, value in kind.KEYS.items())},
                     {kind.MANY} AS rows
              FROM {kind.COUNTED} GROUP BY {keys}
              UNION ALL SELECT {keys}, -rows FROM {table}
            ) AS compared GROUP BY {keys} HAVING sum(rows) <> 0
            """  # noqa: S608  (names of our own tables and columns)
        )
        return int(cursor.rowcount)


def _of(table: str, kind: type[Length]) -> str:
    return ", ".join(f"{table}.{key}" for key in kind.KEYS)
