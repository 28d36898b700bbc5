"""The lists that phones hold and the server renders from its tables: communes.csv, inspectors.csv.

Same tables, same bytes: rows in a fixed order, one dialect. A phone compares the md5 in the
manifest with the md5 of what it holds, so an unstable list would look updated for ever
(openrosa.md SY10).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from collections.abc import Collection, Iterable
from functools import lru_cache

from django.db.models import Count, Max
from django.utils import timezone

from server.communes.changes import last_change
from server.communes.lists import commune_rows
from server.csv_rows import RowWriter
from server.entities import rendering
from server.entities.apply import OWNERS
from server.entities.models import EntityList
from server.entities.problems import EntityListUnknown, EntityPropertyUnknown
from server.entities.rendering import Scope
from server.forms import entity_lists
from server.forms.attachments import OWN_ENTITY_LISTS
from server.forms.models import AttachmentSource, FormVersion, NeededFile
from server.inspections.kept_lists import Kept, Rendered
from server.projects.models import AppUser

_INSPECTOR = ("name", "label", "username")


# In each web process; a list of 5,000 recommendations is some 2 MB.
KEPT_BYTES = 32_000_000
kept = Kept(KEPT_BYTES)


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
        return entities_csv(project_id, attachment.list_name, scope)
    else:
        raise ValueError(f"{attachment.name} is a file, not a list")
    return _rendered(content)


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
        AppUser.objects.inspectors().alive(timezone.now()).filter(project=project_id).order_by("pk")
    )
    rows = ((user.username, user.display_name, user.username) for user in app_users)
    return _csv(_INSPECTOR, rows)


def entities_csv(project_id: int, list_name: str, scope: Scope | None = None) -> Rendered:
    """Return an entity list, for one device or without rows; kept until something changes it.

    A form that asks for the list cannot even be opened without the file and the columns that it
    filters by.
    """
    entity_list = EntityList.objects.filter(project=project_id, name=list_name).first()
    columns = properties(project_id, list_name, entity_list)
    if entity_list is None or scope is None:
        return _entities(columns, ())
    state = (entity_list.changes, entity_list.owner_property, columns)
    return kept.get(
        (entity_list.pk, rendering.limits(entity_list, columns, scope)),
        state,
        lambda: _entities(columns, rendering.rows(entity_list, columns, scope)),
    )


def properties(
    project_id: int, list_name: str, entity_list: EntityList | None = None
) -> tuple[str, ...]:
    """Return what the entities of a list have, by any published version of a form; in order.

    With its row, also what programs gave it.
    """
    versions = FormVersion.objects.filter(form__project=project_id).exclude(entity_lists=[])
    stand = versions.order_by().aggregate(Count("pk"), Max("pk"))  # versions never change
    of_forms = _properties(project_id, list_name, stand["pk__count"], stand["pk__max"])
    declared = entity_list.declared if entity_list is not None else ()
    return tuple(sorted({*of_forms, *declared})) if declared else of_forms


def open_declared(project_id: int) -> None:
    """Make the entity lists that published forms write to and that nothing has made yet.

    At Central publishing makes them, so that a program can fill a list before any phone sends
    something. Repeatable.
    """
    versions = FormVersion.objects.filter(form__project=project_id).exclude(entity_lists=[])
    since: dict[str, dt.datetime] = {}
    for declared, at in versions.order_by("pk").values_list("entity_lists", "published_at"):
        for found in entity_lists.load(declared):
            since.setdefault(found.name, at)
    standing = EntityList.objects.filter(project=project_id).values_list("name", flat=True)
    for name in sorted(set(since).difference(standing)):
        made = {"owner_property": OWNERS.get(name, ""), "created_at": since[name]}
        EntityList.objects.get_or_create(project_id=project_id, name=name, defaults=made)


def check_list(project_id: int, list_name: str, owner_property: str = "") -> None:
    """Refuse a list without any property, or an owner that its entities do not have.

    With such an owner no phone would get any row. Raises EntityListUnknown, EntityPropertyUnknown.
    """
    entity_list = EntityList.objects.filter(project=project_id, name=list_name).first()
    known = properties(project_id, list_name, entity_list)
    if not known:
        raise EntityListUnknown(list=list_name)
    if owner_property and owner_property not in known:
        raise EntityPropertyUnknown(list=list_name, property=owner_property, known=", ".join(known))


@lru_cache(maxsize=256)
def _properties(project_id: int, list_name: str, _count: int, _last: int | None) -> tuple[str, ...]:
    versions = FormVersion.objects.filter(form__project=project_id).exclude(entity_lists=[])
    named = {
        name
        for declared in versions.values_list("entity_lists", flat=True)
        for found in entity_lists.load(declared)
        if found.name == list_name
        for name in found.properties
    }
    return tuple(sorted(named.union(OWN_ENTITY_LISTS.get(list_name, ()))))


def _entities(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Rendered:
    return _rendered(_csv(("name", "label", "__version", *columns), rows))


def _rendered(content: bytes) -> Rendered:
    return Rendered(content, hashlib.md5(content, usedforsecurity=False).hexdigest())


def _csv(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> bytes:
    out = io.StringIO(newline="")
    writer = RowWriter(out)
    writer.row(header)
    writer.rows(rows)
    return out.getvalue().encode()
