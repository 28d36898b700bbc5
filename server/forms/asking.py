"""How a form comes by each answer: typed, chosen, told by the phone, computed. No Django.

The schema says what an answer is; this says where it comes from, which decides whether it can hold
what somebody typed about somebody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from server.forms import schema, xform
from server.forms.xform import XFORMS, Element, XForm, local

_JAVAROSA = "{http://openrosa.org/javarosa}"
_INSTANCE = re.compile(r"""instance\(\s*['"]([^'"]+)['"]\s*\)""")
_NAME = re.compile(r"[\w.\-]+")


class Way(StrEnum):
    """How an answer comes about."""

    TYPED = "typed"
    CHOSEN = "chosen"  # from choices of the form
    LISTED = "listed"  # from a file beside the form
    CONFIRMED = "confirmed"  # «OK»
    TAKEN = "taken"  # a photo, a sound, a file
    DEVICE = "device"  # what the phone says of itself or its holder
    COMPUTED = "computed"
    SHOWN = "shown"  # a note: nobody answers


@dataclass(frozen=True, slots=True)
class Asking:
    """One question's way, and what it rests on."""

    way: Way
    file: str = ""  # of LISTED: communes.csv
    names: frozenset[str] = frozenset()  # of COMPUTED: every name in the expression


def read(document: bytes) -> Mapping[str, Asking]:
    """Return how each question of an XForm is asked, by its path. Raises as xform.parse."""
    form = xform.parse(document)
    controls, files = schema.controls(form), _files(form)
    top = f"/{local(form.root)}/"
    return {
        bind.get("nodeset", "").removeprefix(top): _asking(
            bind, controls.get(bind.get("nodeset", "")), files
        )
        for bind in form.model.iterfind(f"{{{XFORMS}}}bind")
    }


def counts(document: bytes) -> Mapping[str, frozenset[str]]:
    """Return every name in what says how often a repeat stands, by the repeat's path.

    Those that people add to at will are not among them. Raises as xform.parse.
    """
    form = xform.parse(document)
    top = f"/{local(form.root)}/"
    return {
        repeat.get("nodeset", "").removeprefix(top): frozenset(_NAME.findall(count))
        for repeat in form.body.iter(f"{{{XFORMS}}}repeat")
        if (count := repeat.get(f"{_JAVAROSA}count"))
    }


def _asking(bind: Element, control: Element | None, files: Mapping[str, str]) -> Asking:
    kind = "" if control is None else local(control)
    calculate = bind.get("calculate") or ""
    if bind.get(f"{_JAVAROSA}preload") == "property":
        return Asking(Way.DEVICE)
    if kind == "upload":
        return Asking(Way.TAKEN)
    if kind == "trigger":
        return Asking(Way.CONFIRMED)
    if kind in ("select1", "select", "rank") and control is not None:
        file = _file(control, files)
        return Asking(Way.LISTED, file) if file else Asking(Way.CHOSEN)
    if calculate or control is None:
        return Asking(Way.COMPUTED, names=frozenset(_NAME.findall(calculate)))
    if (bind.get("readonly") or "").strip() == "true()":
        return Asking(Way.SHOWN)
    return Asking(Way.TYPED)


def _files(form: XForm) -> dict[str, str]:
    """Return the names of the files that hold lists, by instance."""
    return {
        instance.get("id") or "": (instance.get("src") or "").rpartition("/")[2]
        for instance in xform.secondary_instances(form)
        if instance.get("src")
    }


def _file(control: Element, files: Mapping[str, str]) -> str:
    itemset = control.find(f"{{{XFORMS}}}itemset")
    named = _INSTANCE.search("" if itemset is None else itemset.get("nodeset") or "")
    return files.get(named[1], "") if named else ""
