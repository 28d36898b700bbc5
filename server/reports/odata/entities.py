"""The entities of a list as a table of OData, with ODK Central's columns (openrosa.md §6.4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from server.entities.models import EntityList
from server.forms.fields import odata_name, odata_names
from server.inspections import entity_desk
from server.inspections.entity_desk import Told
from server.inspections.entity_part import entity_part
from server.inspections.entity_review import withheld
from server.projects.models import Membership
from server.reports.odata import flat
from server.reports.odata.flat import Asked, Row, Rows, chunk
from server.reports.odata.metadata import flat_edmx

NAME = "Entities"
_CHUNK = 500  # entities that are read at once
_SYSTEM = {
    "createdAt": "Edm.DateTimeOffset",
    "creatorId": "Edm.String",
    "creatorName": "Edm.String",
    "updates": "Edm.Int64",
    "updatedAt": "Edm.DateTimeOffset",
    "version": "Edm.Int64",
    "conflict": "Edm.String",
}
FIELDS = {
    "__id": "Edm.String",
    "label": "Edm.String",
    **{f"__system/{name}": kind for name, kind in _SYSTEM.items()},
}


def columns(properties: Sequence[str]) -> dict[str, str]:
    """Return the columns of a list that has some properties, with their types, in order."""
    own = dict.fromkeys(odata_names(properties).values(), "Edm.String")
    return {"__id": "Edm.String", "label": "Edm.String", "__system": "metadata", **own}


def rows(
    membership: Membership,
    entity_list: EntityList,
    properties: Sequence[str],
    asked: Asked,
) -> Rows:
    """Return how to read the entities that a person may see, the newest first.

    asked: what will be told of them.
    """
    named = [(column, name) for name, column in odata_names(properties).items()]
    found = entity_part(membership, entity_list.pk)
    many = chunk(asked, _CHUNK)

    def below(after: int | None, skip: int) -> Iterator[tuple[int, Row]]:
        while True:
            told = entity_desk.told(found.part(many, skip=skip, below=after))
            kept = withheld([one.entity.pk for one in told], membership)
            conflicts = entity_desk.conflicts_of([one.entity.pk for one in told])
            names = entity_desk.maker_names(membership, told)
            for one in told:
                is_hidden = one.entity.pk in kept
                conflict = conflicts.get(one.entity.pk)
                row = _row(one, {} if is_hidden else one.entity.data, named)
                row["label"] = "" if is_hidden else one.entity.label
                name = names.get(one.entity.pk)
                row["__system"] = _system(one, entity_desk.maker_id(one.first), name, conflict)
                yield one.entity.pk, row
            if len(told) < many:
                return
            after, skip = told[-1].entity.pk, 0

    return Rows(below, found.count)


def numbers(
    membership: Membership,
    entity_list: EntityList,
    given: Mapping[str, str],
) -> frozenset[int]:
    """Return which of a list's entities a `$filter` and a `$search` let through.

    Raises FilterMalformed, FilterUnsupported, FilterFieldUnsupported.
    """
    properties = entity_desk.columns(entity_list)
    asked = flat.read(given, columns(properties), FIELDS, is_searched=True)
    return frozenset(flat.kept(asked, rows(membership, entity_list, properties, asked)))


def _row(told: Told, data: Mapping[str, str], named: list[tuple[str, str]]) -> dict[str, Any]:
    said = {column: data.get(name) for column, name in named}
    return {"__id": str(told.entity.uuid), **said}


def _system(
    told: Told, creator_id: int, creator_name: str | None, conflict: str | None
) -> dict[str, Any]:
    entity = told.entity
    return {
        "createdAt": entity.created_at,
        "creatorId": str(creator_id),
        "creatorName": creator_name,
        "updates": entity.version - 1,
        "updatedAt": entity.updated_at if entity.version > 1 else None,
        "version": entity.version,
        "conflict": conflict,
    }


def edmx(entity_list: EntityList) -> str:
    """Return the description of the table, as XML."""
    space = f"org.opendatakit.entity.{odata_name(entity_list.name)}"
    return flat_edmx(space, NAME, columns(entity_desk.columns(entity_list)), _SYSTEM)
