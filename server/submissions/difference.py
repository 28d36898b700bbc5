"""What differs between two instances of one form, question by question. No Django here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from server.forms.schema import Schema
from server.submissions.instance import answers

_IDS = frozenset({"meta/instanceID", "meta/deprecatedID", "instanceID"})  # differ by nature


@dataclass(frozen=True, slots=True)
class Change:
    """One answer that is not the same in both."""

    path: str  # "h/h_date"; in a repeat "photos[2]/photo", counted from 1
    old: str  # "" when there is none
    new: str
    is_restricted: bool  # its question is, or no question of the form has such a path


def changes(
    old: etree._Element, new: etree._Element, schemas: Sequence[Schema]
) -> tuple[Change, ...]:
    """Return what differs, in the order of the paths.

    schemas: of the form versions of both.
    """
    fields = [field for schema in schemas for field in schema.fields]
    known = {field.path for field in fields}
    restricted = {field.path for field in fields if field.sensitivity == "restricted"}
    repeats = frozenset(field.path for field in fields if field.is_repeat)
    before, after = _by_place(old, repeats), _by_place(new, repeats)
    found = []
    for place in sorted({*before, *after}):
        path, text = before.get(place) or (after[place][0], "")
        _, other = after.get(place) or (path, "")
        if text != other and path not in _IDS:
            is_restricted = path in restricted or path not in known
            found.append(Change(place, text, other, is_restricted))
    return tuple(found)


def _by_place(root: etree._Element, repeats: frozenset[str]) -> Mapping[str, tuple[str, str]]:
    """Return each answer with its path, by the place where it stands."""
    found = answers(root, repeats)
    flat = {path: (path, text) for path, text in found.flat.items()}
    return flat | dict(_repeated(found.repeats))


def _repeated(
    repeats: Mapping[str, tuple[Mapping[str, str], ...]],
) -> Iterator[tuple[str, tuple[str, str]]]:
    for repeat, rows in repeats.items():
        for number, row in enumerate(rows, 1):
            for path, text in row.items():
                yield f"{repeat}[{number}]{path.removeprefix(repeat)}", (path, text)
