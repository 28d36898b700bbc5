"""What the rows say of files: which blobs they name, and what content they hold themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import connection, models

from server.statements import all_rows

# Columns whose name ends in `sha256` name blobs, but for those of keys and for these.
_OF_KEYS = "token_sha256"
NO_BLOBS = frozenset(
    {
        "communes.Coverage.file_sha256",  # of a file that is not kept
        "forms.RuleVersion.sha256",
        "plans.Snapshot.sha256",
        "projects.RecoveryCode.code_sha256",
        "submissions.DraftSubmission.xml_sha256",
        "submissions.Quarantined.xml_sha256",
        "submissions.SubmissionVersion.xml_sha256",
    }
)
# Names blobs that can be made anew, unless a row of another model names the same.
MADE_ANEW = "submissions.Thumbnails"
# Content that stands in a row itself, beside its hash: model, content, hash, function of both.
HELD = (
    ("submissions.SubmissionVersion", "xml", "xml_sha256", "encode(sha256({}), 'hex')"),
    ("submissions.Quarantined", "xml", "xml_sha256", "encode(sha256({}), 'hex')"),
    ("submissions.DraftSubmission", "xml", "xml_sha256", "encode(sha256({}), 'hex')"),
    ("plans.Snapshot", "content", "sha256", "encode(sha256({}), 'hex')"),
    ("forms.FormVersion", "xform", "md5", "md5({})"),
    ("forms.Draft", "xform", "md5", "md5({})"),
)


@dataclass(frozen=True, slots=True)
class Named:
    """A blob as a row names it."""

    sha256: str
    size: int | None  # bytes, where the row says so
    model: str  # e.g. "submissions.SubmissionAttachment"
    pk: str


def blobs_named(beginning: str) -> dict[str, Named]:
    """Return the blobs that any row names and whose SHA-256 begins so, each by one of its rows.

    By one of MADE_ANEW only where no other names it.
    """
    statement = " UNION ALL ".join(_selects())
    rows = all_rows(statement, [beginning] * statement.count("%s"))
    return {sha256: Named(sha256, size, model, pk) for sha256, size, model, pk in rows}


def columns() -> Iterator[tuple[type[models.Model], str]]:
    """Give each column that names one blob, and its model."""
    for model in sorted(apps.get_models(), key=lambda model: model._meta.label != MADE_ANEW):
        for field in model._meta.get_fields():
            if not (isinstance(field, models.CharField) and field.name.endswith("sha256")):
                continue
            label = f"{model._meta.label}.{field.name}"
            if field.name != _OF_KEYS and label not in NO_BLOBS:
                yield model, field.name


def _selects() -> Iterator[str]:
    """Give a statement for each column, and for each list of files."""
    for model, column in columns():
        beside = column.replace("sha256", "size")
        has_size = any(field.name == beside for field in model._meta.get_fields())
        yield _select(model, column, beside if has_size else "NULL::bigint", "")
    for model in apps.get_models():
        if any(isinstance(f, models.JSONField) and f.name == "files" for f in model._meta.fields):
            lists = "jsonb_to_recordset(files) AS file (sha256 text, size bigint)"
            yield _select(model, "file.sha256", "file.size", f", {lists}")


def _select(model: type[models.Model], column: str, size: str, source: str) -> str:
    quoted = connection.ops.quote_name
    table = quoted(model._meta.db_table)
    pk = quoted((model._meta.pk and model._meta.pk.column) or "id")
    return (  # names of our own tables and columns
        f"SELECT {column}, {size}, '{model._meta.label}', {table}.{pk}::text"  # noqa: S608
        f" FROM {table}{source} WHERE {column} LIKE %s || '%%' AND {column} <> ''"
    )


def rows_that_differ() -> Iterator[Named]:
    """Give the rows whose content is not what the hash beside it says; the database reads it."""
    for label, content, column, function in HELD:
        table = apps.get_model(label)._meta.db_table
        statement = (
            f"SELECT {column}, octet_length({content}), id::text FROM {table}"  # noqa: S608
            f" WHERE {function.format(content)} <> {column} ORDER BY id"
        )
        for sha256, size, pk in all_rows(statement, []):
            yield Named(sha256, size, label, pk)
