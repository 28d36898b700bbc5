"""Read what a filled-in form says about entities: which to make, which to change, and to what.

As Central reads it (openrosa.md §4.12). A block stands in the `meta` of the form or of a row of a
repeat; which questions are its properties only the form's version can say (`saveto`). No Django.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
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
    found = _find(root, properties)
    return tuple(_block(one) for one in found if _asks(one, "create") or _asks(one, "update"))


def _find(root: etree._Element, properties: Mapping[str, str]) -> list[_Found]:
    """Return the blocks, in the order of what holds them, with what was answered for each."""
    holders: dict[etree._Element, _Found] = {}
    for entity in root.iter("{*}entity"):
        meta = entity.getparent()
        holder = meta.getparent() if meta is not None and _name(meta) == "meta" else None
        if holder is None or holder in holders:
            continue
        steps = [_name(step) for step in (holder, *holder.iterancestors())][-2::-1]
        if "meta" not in steps:
            holders[holder] = _Found("/".join(steps), entity)
    groups = {path[:end] for path in properties for end, sign in enumerate(path) if sign == "/"}
    answers = _Answers(properties, groups, holders)
    for holder, found in holders.items():
        answers.give(found, holder, found.path)
    return [holders[element] for element in root.iter() if element in holders]


@dataclass(frozen=True, slots=True)
class _Answers:
    """Which answers are properties, and where they may stand."""

    properties: Mapping[str, str]
    groups: Collection[str]  # paths of all that stands around one
    holders: Collection[etree._Element]

    def give(self, found: _Found, element: etree._Element, path: str) -> None:
        """Give a block the answers from here down, but for those that are nearer to another."""
        for child in element:
            below = f"{path}/{_name(child)}".lstrip("/")
            if not len(child) and below in self.properties:
                found.data.setdefault(self.properties[below], _text(child))
            elif below in self.groups and _name(child) != "meta" and child not in self.holders:
                self.give(found, child, below)


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
