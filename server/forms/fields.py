"""The questions of a form with the groups around them, as ODK Central lists them. No Django."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from server.forms.schema import Schema

_NOT_FIRST = re.compile(r"^(?=[^A-Za-z_])")
_ODD = re.compile(r"[^A-Za-z0-9_]+")
_SYSTEM = ("__id", "__system")  # columns that a feed has beside the questions


@dataclass(frozen=True, slots=True)
class ListedField:
    """One question, repeat or group (`structure`)."""

    path: str  # "/h/h_date"
    name: str
    type: str
    binary: bool | None = None  # True or nothing, as Central
    is_multiple: bool | None = None  # the same


def listed(schema: Schema, *, as_odata: bool = False) -> Iterator[ListedField]:
    """Give every field in the order of the form, each group before what is in it.

    as_odata: steps of paths are written as the OData feed names them.
    """
    seen: set[str] = set()
    said: dict[str, dict[str, str]] = {}  # by what stands above
    for field in schema.fields:
        steps = field.path.split("/")
        if as_odata:
            steps = [
                said_among(said.setdefault("/".join(steps[:at]), {}), step)
                for at, step in enumerate(steps)
            ]
        for end in range(1, len(steps)):
            group = "/" + "/".join(steps[:end])
            if group not in seen:
                seen.add(group)
                yield ListedField(group, steps[end - 1], "structure")
        path = "/" + "/".join(steps)
        seen.add(path)
        yield ListedField(
            path, steps[-1], field.type, field.is_binary or None, field.is_multiple or None
        )


def odata_name(name: str) -> str:
    """Return a name as OData can spell it, ASCII letters, digits and underscores: Central's rule.

    Names that differ in Vietnamese letters alone are one: see `said_among`.
    """
    return _ODD.sub("_", _NOT_FIRST.sub("_", name))


def said_among(taken: dict[str, str], name: str) -> str:
    """Return how OData spells a name beside others, and note it there.

    taken: spellings by name, of those that stand in the same place. A second name that would be
    spelt as an earlier one gets a number (`s_`, `s__2` for số and sổ), so that neither hides the
    other; Central gives both the same key. Nor does a question hide what feeds say of themselves.
    """
    if name not in taken:
        plain = spelt = odata_name(name)
        number = 1
        while spelt in _SYSTEM or spelt in taken.values():
            number += 1
            spelt = f"{plain}_{number}"
        taken[name] = spelt
    return taken[name]


def odata_names(names: Iterable[str]) -> dict[str, str]:
    """Return how OData spells names that stand in one place, by name and in order."""
    taken: dict[str, str] = {}
    return {name: said_among(taken, name) for name in names}
