"""Read the entity blocks of one filled-in form (openrosa.md §4.12). No Django.

Only what the instance says: whether it can be done is for `apply`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol
from unicodedata import normalize


class Node(Protocol):
    """An element of XML, as far as it is read here."""

    tag: Any
    text: str | None

    def get(self, key: str, /) -> str | None:
        """Return an attribute."""

    def __iter__(self) -> Any:
        """Give the children."""


@dataclass(frozen=True, slots=True)
class Block:
    """One `entity` element, and the answers that are saved to it. "" where nothing is said."""

    list_name: str
    path: str  # below the root: what holds its `meta`; "" for the form itself
    uuid: str  # as sent
    is_create: bool
    is_update: bool
    label: str
    base_version: str
    trunk_version: str
    branch_id: str
    properties: dict[str, str] = field(default_factory=dict)  # absent: untouched; "": emptied

    @property
    def acts(self) -> bool:
        """Whether it asks for anything at all."""
        return self.is_create or self.is_update


def read(root: Iterable[Any], saved: Mapping[str, str]) -> tuple[Block, ...]:
    """Return the blocks of an instance in document order.

    root: of the instance, as server.xml parses it. saved: path below the root -> property.
    An answer belongs to the block that stands nearest above it.
    """
    found: list[Block] = []
    _walk(root, "", {}, saved, found)
    return tuple(found)


def dump(blocks: Sequence[Block]) -> list[dict[str, Any]]:
    """Return blocks as JSON can hold them; `load` is the way back."""
    return [asdict(block) for block in blocks]


def load(json: Sequence[Mapping[str, Any]]) -> tuple[Block, ...]:
    """Return the blocks that `dump` wrote."""
    return tuple(Block(**given) for given in json)


def _walk(
    element: Iterable[Any],
    path: str,
    properties: dict[str, str],
    saved: Mapping[str, str],
    found: list[Block],
) -> None:
    for meta in element:
        blocks = [child for child in meta if _name(child) == "entity"]
        if _name(meta) == "meta" and blocks:
            properties = {}  # its own, from here on down
            found += [_block(block, path, properties) for block in blocks]
    for child in element:
        below = f"{path}/{_name(child)}".lstrip("/")
        if below in saved:
            properties.setdefault(saved[below], _text(child))
        if _name(child) != "meta":
            _walk(child, below, properties, saved, found)


def _block(element: Node, path: str, properties: dict[str, str]) -> Block:
    label = next((_text(child) for child in element if _name(child) == "label"), "")
    return Block(
        list_name=element.get("dataset") or "",
        path=path,
        uuid=(element.get("id") or "").strip(),
        is_create=element.get("create") in ("1", "true"),
        is_update=element.get("update") in ("1", "true"),
        label=label,
        base_version=(element.get("baseVersion") or "").strip(),
        trunk_version=(element.get("trunkVersion") or "").strip(),
        branch_id=(element.get("branchId") or "").strip(),
        properties=properties,
    )


def _name(element: Node) -> str:
    return str(element.tag).rpartition("}")[2]


def _text(element: Node) -> str:
    return normalize("NFC", (element.text or "").strip())
