"""How a form is laid out: its groups with their words, and what in it is asked of a person.

The schema knows questions by path; this knows the headings that they stand under. No Django.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from server.forms import schema, xform
from server.forms.xform import XFORMS, Element, XForm, local

_GROUPS = ("group", "repeat")
_NEVER = ("true()", "'yes'", '"yes"')


@dataclass(frozen=True, slots=True)
class Outline:
    """Paths stand below the root: `a/a3_key_f`."""

    groups: Mapping[str, Mapping[str, str]]  # words by language; none for a group without a title
    asked: frozenset[str]  # questions that a person answers; no notes, no calculations
    ticked: frozenset[str]  # of them those that one only confirms to have read
    picked: frozenset[str]  # and those that one picks from a list, of the form or in a file


def read(document: bytes) -> Outline:
    """Read how an XForm is laid out. Raises as xform.parse does."""
    form = xform.parse(document)
    top = f"/{local(form.root)}/"
    said = schema.texts(form)
    groups: dict[str, Mapping[str, str]] = {}
    for element in form.body.iter(*(f"{{{XFORMS}}}{name}" for name in _GROUPS)):
        place = element.get("ref") or element.get("nodeset") or ""
        # A repeat stands in a group of the same name, which has its words.
        if place.startswith(top) and not groups.get(place.removeprefix(top)):
            groups[place.removeprefix(top)] = schema.label_of(element, said)
    shut, controls = _read_only(form), schema.controls(form)
    asked = (place.removeprefix(top) for place in controls if place not in shut)
    return Outline(
        groups,
        frozenset(asked),
        ticked=_asked_by(controls, top, ("trigger",)),
        picked=_asked_by(controls, top, ("select1", "select")),
    )


def _asked_by(controls: Mapping[str, Element], top: str, kinds: Sequence[str]) -> frozenset[str]:
    return frozenset(
        place.removeprefix(top) for place, asks in controls.items() if local(asks) in kinds
    )


def _read_only(form: XForm) -> frozenset[str]:
    """Return what a person cannot fill in: notes, and what is calculated before their eyes."""
    return frozenset(
        bind.get("nodeset", "")
        for bind in form.model.iterfind(f"{{{XFORMS}}}bind")
        if (bind.get("readonly") or "").strip() in _NEVER
    )
