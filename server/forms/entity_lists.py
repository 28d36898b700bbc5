"""Which entity lists a form makes and changes, read from the XForm that phones get.

Entities come from the form itself or from each row of a repeat (entities spec 2025.1); what is
checked is what Central checks on upload (openrosa.md §4.12, ET17, ET19, ET20). No Django.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from server.forms import xform
from server.forms.problems import EntitiesVersionUnknown, EntityNameInvalid
from server.forms.xform import XFORMS, Element, XForm, local

ENTITIES = "http://www.opendatakit.org/xforms/entities"
# Where entities may come from rows of a repeat, and from several blocks of one form.
SINCE_REPEATS = "2025.1"

_VERSION = re.compile(r"(2022|2023|2024|2025)\.1\.\d+")
_LIST = re.compile(r"(?!__)[^\W\d][\w-]*")
_PROPERTY = re.compile(r"(?!__|(?i:name|label)$)[^\W\d][\w.-]*")  # name, label: every list has them


@dataclass(frozen=True, slots=True)
class DeclaredList:
    """One entity block of a form: what it does to a list."""

    name: str  # of the list, as phones and CSV files spell it
    properties: tuple[str, ...]  # those that the form saves to, in the order of its questions
    path: str  # below the root: the group or repeat that holds the block; "" for the form itself
    can_create: bool
    can_update: bool


def read(document: bytes) -> tuple[DeclaredList, ...]:
    """Return the entity blocks of an XForm, in the order of its instance.

    Raises as xform.parse does; EntitiesVersionUnknown for a version of the specification that we
    do not know, or one that cannot do what the form does; EntityNameInvalid.
    """
    form = xform.parse(document)
    blocks = dict(_blocks(form))
    version = form.model.get(f"{{{ENTITIES}}}entities-version")
    _check_version(version, form, blocks)
    saved = _properties(form, blocks)
    for block in blocks.values():
        _check_name(block.get("dataset") or "", _LIST)
    return tuple(
        DeclaredList(
            name=block.get("dataset") or "",
            properties=saved[path],
            path=path,
            # Conditions are filled in later, so that the attribute is there at all is what counts.
            can_create=block.get("create") is not None,
            can_update=block.get("update") is not None,
        )
        for path, block in blocks.items()
    )


def check_list_name(name: str) -> None:
    """Refuse what no list may be called. Raises EntityNameInvalid."""
    _check_name(name, _LIST)


def check_property_name(name: str) -> None:
    """Refuse what no property may be called. Raises EntityNameInvalid."""
    _check_name(name, _PROPERTY)


def saved_to(document: bytes) -> dict[str, str]:
    """Return the property that each question of an XForm saves to, by its path below the root."""
    form = xform.parse(document)
    below = f"/{local(form.root)}/"
    return {
        (bind.get("nodeset") or "").removeprefix(below): name
        for bind in form.model.iterfind(f"{{{XFORMS}}}bind")
        if (name := bind.get(f"{{{ENTITIES}}}saveto")) is not None
    }


def dump(lists: Sequence[DeclaredList]) -> list[dict[str, Any]]:
    """Return the lists as JSON can hold them; `load` is the way back."""
    return [asdict(declared) for declared in lists]


def load(json: Sequence[Mapping[str, Any]]) -> tuple[DeclaredList, ...]:
    """Return the lists that `dump` wrote."""
    return tuple(
        DeclaredList(**{**given, "properties": tuple(given["properties"])}) for given in json
    )


def _blocks(form: XForm) -> Iterator[tuple[str, Element]]:
    """Yield each block by the path of what holds its `meta`; a template and a first row are one."""
    pending = [(child, "") for child in reversed(form.root)]
    while pending:
        element, above = pending.pop()
        if local(element) == "meta":
            yield from ((above, child) for child in element if local(child) == "entity")
            continue
        path = f"{above}/{local(element)}".lstrip("/")
        pending += [(child, path) for child in reversed(element)]


def _check_version(version: str | None, form: XForm, blocks: Mapping[str, Element]) -> None:
    if version is None and not blocks:
        return
    is_known = version is not None and _VERSION.fullmatch(version) is not None
    repeats = {repeat.get("nodeset") for repeat in form.body.iter(f"{{{XFORMS}}}repeat")}
    inside = any(_is_inside(f"/{local(form.root)}/{path}", repeats) for path in blocks)
    if is_known and inside and not (version or "").startswith(SINCE_REPEATS):
        is_known = False
    if not is_known:
        wanted = f"{SINCE_REPEATS}.0" if inside else "2024.1.0"
        raise EntitiesVersionUnknown(version=version or "", wanted=wanted)


def _is_inside(path: str, repeats: set[str | None]) -> bool:
    return any(repeat and f"{path}/".startswith(f"{repeat}/") for repeat in repeats)


def _properties(form: XForm, blocks: Mapping[str, Element]) -> dict[str, tuple[str, ...]]:
    """Return what is saved to by each block: by the questions that stand nearest to it."""
    saved: dict[str, list[str]] = {path: [] for path in blocks}
    for bind in form.model.iterfind(f"{{{XFORMS}}}bind"):
        name = bind.get(f"{{{ENTITIES}}}saveto")
        if name is None:
            continue
        _check_name(name, _PROPERTY)
        path = (bind.get("nodeset") or "").removeprefix(f"/{local(form.root)}/")
        around = [held for held in blocks if not held or path.startswith(f"{held}/")]
        if around:
            saved[max(around, key=len)].append(name)
    return {path: tuple(dict.fromkeys(names)) for path, names in saved.items()}


def _check_name(name: str, pattern: re.Pattern[str]) -> None:
    if not pattern.fullmatch(name):
        raise EntityNameInvalid(name=name)
