"""Read what a filled-in form says about entities: which to make, which to change, and to what.

As Central reads it (openrosa.md §4.12). A block stands in the `meta` of the form or of a row of a
repeat; which questions are its properties only the form's version can say (`saveto`). No Django.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from unicodedata import normalize

from lxml import etree

from server.entities.problems import (
    EntityBaseInvalid,
    EntityBranchMissing,
    EntityIdInvalid,
    EntityLabelMissing,
    EntityListMissing,
)

_UUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_VERSION = re.compile("[0-9]{1,9}")
_YES = frozenset({"1", "true"})


@dataclass(frozen=True, slots=True)
class Block:
    """What one block asks for. Asked for both, it changes the entity if there is one (ET06)."""

    path: str  # below the root: what holds its `meta`; "" for the form itself
    list_name: str
    uuid: str  # lower case, without prefix
    does_create: bool
    does_update: bool
    label: str  # "" keeps the old one
    data: Mapping[str, str]  # by property; "" empties it, one that is absent stays as it is
    base_version: int | None  # that it changes; None without an update
    trunk_version: int | None  # the last that came from the server; None for one made offline
    branch_id: str  # of updates made offline, else ""


@dataclass(slots=True)
class _Found:
    path: str
    element: etree._Element
    data: dict[str, str] = field(default_factory=dict)


def read(root: etree._Element, properties: Mapping[str, str]) -> tuple[Block, ...]:
    """Return the blocks of an instance that ask for anything, in document order.

    properties: the property that each question saves to, by its path below the root.
    Raises EntityListMissing, EntityIdInvalid, EntityLabelMissing, EntityBaseInvalid or
    EntityBranchMissing for the first block that is wrong: all act or none (ET18).
    """
    found = list(_find(root, "", None, properties))
    return tuple(_block(one) for one in found if _asks(one, "create") or _asks(one, "update"))


def _find(
    element: etree._Element, path: str, around: _Found | None, properties: Mapping[str, str]
) -> Iterator[_Found]:
    """Yield the blocks from here down. A question belongs to the nearest block around it."""
    own = _entity(element)
    holder = _Found(path, own) if own is not None else around
    if holder is not None and holder is not around:
        yield holder
    for child in element:
        below = f"{path}/{_name(child)}".lstrip("/")
        if holder is not None and not len(child) and below in properties:
            holder.data.setdefault(properties[below], _text(child))
        elif _name(child) != "meta":
            yield from _find(child, below, holder, properties)


def _entity(element: etree._Element) -> etree._Element | None:
    metas = (child for child in element if _name(child) == "meta")
    return next((e for meta in metas for e in meta if _name(e) == "entity"), None)


def _asks(found: _Found, action: str) -> bool:
    return found.element.get(action, "") in _YES


def _block(found: _Found) -> Block:
    list_name = found.element.get("dataset", "")
    if not list_name:
        raise EntityListMissing
    does_create, does_update = _asks(found, "create"), _asks(found, "update")
    label = _label(found.element)
    if does_create and not does_update and not label:
        raise EntityLabelMissing
    base, trunk, branch = _ancestry(found.element) if does_update else (None, None, "")
    return Block(
        path=found.path,
        list_name=list_name,
        uuid=_uuid(found.element.get("id", "")),
        does_create=does_create,
        does_update=does_update,
        label=label,
        data=found.data,
        base_version=base,
        trunk_version=trunk,
        branch_id=branch,
    )


def _ancestry(element: etree._Element) -> tuple[int | None, int | None, str]:
    """Return base version, trunk version and branch. Collect leaves blank what is not offline.

    Asked for both, an entity that is new to the device has no base version.
    """
    trunk, branch = element.get("trunkVersion", ""), element.get("branchId", "").strip().lower()
    if (trunk and not branch) or (branch and not _UUID.fullmatch(branch)):
        raise EntityBranchMissing
    may_lack_base = element.get("create", "") in _YES
    base = _version(element, "baseVersion")
    if base is None and not may_lack_base:
        raise EntityBaseInvalid(attribute="baseVersion")
    return base, _version(element, "trunkVersion"), branch


def _version(element: etree._Element, attribute: str) -> int | None:
    given = element.get(attribute, "")
    if given and not _VERSION.fullmatch(given):
        raise EntityBaseInvalid(attribute=attribute)
    return int(given) if given else None


def _uuid(given: str) -> str:
    found = given.strip().lower().removeprefix("uuid:")
    if not _UUID.fullmatch(found):
        raise EntityIdInvalid
    return found


def _label(element: etree._Element) -> str:
    return next((_text(child) for child in element if _name(child) == "label"), "")


def _name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _text(element: etree._Element) -> str:
    return normalize("NFC", (element.text or "").strip())
