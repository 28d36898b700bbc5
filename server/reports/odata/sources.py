"""What the rows of a feed are read from: the submissions of a form, or what tries its draft.

Both are told in the same columns, so that filters, orders and pages need not know which it is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Case,
    Count,
    DateTimeField,
    F,
    OuterRef,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce

from server import xml as reader
from server.forms import schema
from server.forms.models import Draft
from server.inspections.whole_list import WholeList
from server.reports.odata.narrowing import with_first
from server.reports.odata.values import NULL, quoted
from server.submissions import arrival, instance
from server.submissions.models import (
    DraftSubmission,
    ReviewState,
    SubmissionAttachment,
    SubmissionVersion,
)

_NOT_DECRYPTED, _MISSING = "notDecrypted", "missingEncryptedFormData"


@dataclass(frozen=True, slots=True)
class Kept:
    """One submission as it stands in the database."""

    pk: int
    instance_id: str  # the first
    root: Any  # of its XML; None: encrypted
    system: Mapping[str, str]  # JSON


@dataclass(frozen=True, slots=True)
class Source:
    """Which submissions there are, and how they are read.

    found: those that the reader may see, deleted ones among them, with the columns that
    `conditions` asks about. told: the columns of some of them, the key first. kept: what one such
    row says. whole: all of them but the deleted, where it is known how to find them quickly.
    """

    found: QuerySet[Any]
    told: Callable[[QuerySet[Any]], QuerySet[Any, tuple[Any, ...]]]
    kept: Callable[[tuple[Any, ...]], Kept]
    whole: WholeList | None = None


class _Told(NamedTuple):
    """What stands of one submission in the database."""

    pk: int
    instance_id: str
    xml: bytes | None
    is_encrypted: bool
    expected: list[str] | None  # names of files
    present: list[str]
    created_at: dt.datetime
    updated_at: dt.datetime | None
    deleted_at: dt.datetime | None
    review_state: str
    app_user_id: int | None
    person_id: int | None
    device_name: str | None
    person_name: str | None
    device_id: str | None
    form_version: str | None
    versions: int


def _kept(row: tuple[Any, ...]) -> Kept:
    told = _Told(*row)
    sent_by = told.person_id if told.app_user_id is None else told.app_user_id
    name = told.person_name if told.app_user_id is None else told.device_name
    status = NULL
    if told.is_encrypted:
        # Its own XML is the last of its files (openrosa.md §4.9).
        has_data = (told.expected or [""])[-1] in told.present
        status = quoted(_NOT_DECRYPTED if has_data else _MISSING)
    state = told.review_state
    system = {
        "submissionDate": _moment(told.created_at),
        "updatedAt": _moment(told.updated_at),
        "submitterId": NULL if sent_by is None else f'"{sent_by}"',
        "submitterName": quoted(name) if name else NULL,
        "attachmentsPresent": str(len(told.present)),
        "attachmentsExpected": str(len(told.expected or ())),
        "status": status,
        "reviewState": NULL if state == ReviewState.RECEIVED else f'"{state}"',
        "deviceId": quoted(told.device_id) if told.device_id else NULL,
        "edits": str(told.versions - 1),
        "formVersion": NULL if told.form_version is None else quoted(told.form_version),
        "deletedAt": _moment(told.deleted_at),
    }
    root = None
    if told.xml is not None and not told.is_encrypted:
        root = reader.parse_again(bytes(told.xml))
    return Kept(told.pk, told.instance_id, root, system)


def _moment(moment: dt.datetime | None) -> str:
    if moment is None:
        return NULL
    return f'"{moment.astimezone(dt.UTC).isoformat(timespec="milliseconds")[:-6]}Z"'


# Submissions -------------------------------------------------------------------------------------

_COLUMNS = (
    "pk",
    "instance_id",
    "current_version__xml",
    "current_version__is_encrypted",
    "current_version__expected_files",
    "present",
    "created_at",
    "updated_at",
    "deleted_at",
    "review_state",
    "first__app_user_id",
    "first__person_id",
    "first__app_user__display_name",
    "first__person__display_name",
    "first__device_id",
    "first__form_version__version",
    "versions_in_all",
)


def of_submissions(whole: WholeList) -> Source:
    """Return those of a form."""
    return Source(with_first(whole.with_deleted()), _told, _kept, whole)


def _told(chosen: QuerySet[Any]) -> QuerySet[Any, tuple[Any, ...]]:
    present = SubmissionAttachment.objects.filter(
        version=OuterRef("current_version"), is_expected=True
    ).values("name")
    counted = (
        SubmissionVersion.objects.filter(submission=OuterRef("pk"))
        .order_by()
        .values("submission")
        .annotate(many=Count("pk"))
        .values("many")
    )
    found: QuerySet[Any, tuple[Any, ...]] = chosen.annotate(
        present=ArraySubquery(present.distinct()),
        versions_in_all=Coalesce(Subquery(counted), 1),
    ).values_list(*_COLUMNS)
    return found


# What tries a draft ------------------------------------------------------------------------------


def of_draft(draft: Draft) -> Source:
    """Return what was sent to try a draft; nobody knows by whom, and it is never reviewed."""
    edits = DraftSubmission.objects.filter(original=OuterRef("pk")).order_by("-pk")
    found = draft.submissions.filter(original=None).alias(
        created_at=F("received_at"),
        updated_at=Subquery(edits.values("received_at")[:1]),
        deleted_at=Value(None, DateTimeField()),
        submitter=Value(None, TextField()),
    )
    state = Case(When(updated_at=None, then=Value(ReviewState.RECEIVED)), default=Value("edited"))
    return Source(found.alias(review_state=Cast(state, TextField())), _tried, _Trying(draft).kept)


def _tried(chosen: QuerySet[Any]) -> QuerySet[Any, tuple[Any, ...]]:
    edits = DraftSubmission.objects.filter(original=OuterRef("pk")).order_by("-pk")
    counted = edits.order_by().values("original").annotate(many=Count("pk")).values("many")
    found: QuerySet[Any, tuple[Any, ...]] = chosen.annotate(
        xml_now=Coalesce(Subquery(edits.values("xml")[:1]), F("xml")),
        files_now=Coalesce(Subquery(edits.values("files")[:1]), F("files")),
        edited_times=Coalesce(Subquery(counted), 0),
        edited_at=F("updated_at"),
        state=F("review_state"),
    ).values_list(
        *("pk", "instance_id", "xml_now", "files_now", "received_at", "edited_at", "state"),
        *("device_id", "edited_times"),
    )
    return found


class _Trying:
    """Reads what was sent to a draft."""

    def __init__(self, draft: Draft) -> None:
        fields = schema.load(draft.schema).fields
        self._version = draft.version
        self._binary_paths = frozenset(field.path for field in fields if field.is_binary)

    def kept(self, row: tuple[Any, ...]) -> Kept:
        """Return one; which files it names is not kept, so its XML is asked."""
        pk, instance_id, xml, files, received_at, edited_at, state, device_id, edits = row
        said = instance.parse(bytes(xml))
        expected = arrival.files_named(said, self._binary_paths)
        here = {file["name"] for file in files}
        told = _Told(
            pk=pk,
            instance_id=instance_id,
            xml=xml,
            is_encrypted=said.is_encrypted,
            expected=list(expected),
            present=[name for name in expected if name in here],
            created_at=received_at,
            updated_at=edited_at,
            deleted_at=None,
            review_state=state,
            app_user_id=None,
            person_id=None,
            device_name=None,
            person_name=None,
            device_id=device_id,
            form_version=self._version,
            versions=edits + 1,
        )
        return _kept(told)
