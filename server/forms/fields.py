"""The questions of a form with the groups around them, as ODK Central lists them. No Django."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from server.forms.schema import Schema

_ODD = re.compile(r"[^A-Za-z0-9_]+")


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
    for field in schema.fields:
        steps = [odata_name(step) if as_odata else step for step in field.path.split("/")]
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
    """Return a name as OData can spell it: Central's rule."""
    plain = _ODD.sub("_", name)
    return plain if plain[:1].isalpha() or plain.startswith("_") else f"_{plain}"
