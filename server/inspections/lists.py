"""The lists that phones hold and the server renders from its tables: communes.csv, inspectors.csv.

Same tables, same bytes: rows in a fixed order, one dialect. A phone compares the md5 in the
manifest with the md5 of what it holds, so an unstable list would look updated for ever
(openrosa.md SY10).
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import Q
from django.utils import timezone

from server.communes.changes import last_change
from server.communes.lists import commune_rows
from server.entities import rendering
from server.entities.rendering import Scope
from server.forms import entity_lists
from server.forms.attachments import OWN_ENTITY_LISTS
from server.forms.models import AttachmentSource, FormVersion, NeededFile
from server.projects.models import AppUser

_INSPECTOR = ("name", "label", "username")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A list as phones get it."""

    content: bytes  # CSV, UTF-8 without BOM, LF
    md5: str


def rendered(
    attachment: NeededFile,
    project_id: int,
    commune_uids: Collection[str] = (),
    *,
    is_public: bool = False,
    scope: Scope | None = None,
) -> Rendered:
    """Render the list that an attachment stands for.

    commune_uids: the communes that the device may choose; empty for all.
    is_public: for anybody, who is not told who the inspectors are.
    scope: whose entities; None for nobody, who gets lists without rows.
    Raises ValueError for an attachment that is an ordinary file.
    """
    if attachment.source == AttachmentSource.COMMUNES:
        content = communes_csv(commune_uids)
    elif attachment.source == AttachmentSource.INSPECTORS:
        content = _csv(_INSPECTOR, ()) if is_public else inspectors_csv(project_id)
    elif attachment.source == AttachmentSource.ENTITIES:
        content = entities_csv(project_id, attachment.list_name, scope)
    else:
        raise ValueError(f"{attachment.name} is a file, not a list")
    return Rendered(content, hashlib.md5(content, usedforsecurity=False).hexdigest())


def communes_csv(only: Collection[str] = ()) -> bytes:
    """Return every commune version since 2023, or some, for the date-aware filter of the forms."""
    return _communes_csv(last_change(), frozenset(only))


# Every manifest needs its md5, and rendering it takes 14 ms; it changes with a reform.
@lru_cache(maxsize=64)
def _communes_csv(_change: dt.datetime | None, only: frozenset[str]) -> bytes:
    rows = (
        (row.name, row.label, row.type, row.area, row.valid_from, row.valid_to)
        for row in commune_rows()
        if not only or row.name in only
    )
    return _csv(("name", "label", "type", "area", "valid_from", "valid_to"), rows)


def inspectors_csv(project_id: int) -> bytes:
    """Return the inspectors of a project whose devices may still send, by when they joined."""
    app_users = (
        AppUser.objects.inspectors()
        .filter(
            Q(expires_at=None) | Q(expires_at__gt=timezone.now()),
            project=project_id,
            revoked_at=None,
        )
        .order_by("pk")
    )
    rows = ((user.username, user.display_name, user.username) for user in app_users)
    return _csv(_INSPECTOR, rows)


def entities_csv(project_id: int, list_name: str, scope: Scope | None = None) -> bytes:
    """Return an entity list, for one device or without rows.

    A form that asks for the list cannot even be opened without the file and the columns that it
    filters by.
    """
    stored = FormVersion.objects.filter(form__project=project_id).values_list(
        "entity_lists", flat=True
    )
    properties = {
        name
        for declared in stored.exclude(entity_lists=[])
        for found in entity_lists.load(declared)
        if found.name == list_name
        for name in found.properties
    }
    own = OWN_ENTITY_LISTS.get(list_name, ())
    columns = sorted(properties.union(own))
    rows = rendering.rows(project_id, list_name, columns, scope) if scope else ()
    return _csv(("name", "label", "__version", *columns), rows)


def _csv(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode()
