"""Which files a form needs with it (openrosa.md §2.2, Central's rule in full). No Django."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from server.forms import xform
from server.forms.problems import SearchUnreadable
from server.forms.xform import XFORMS, XForm, local

ITEMSETS = "itemsets.csv"

_KINDS = {"image": "image", "big-image": "image", "audio": "audio", "video": "video"}
_SOURCE = re.compile(r"jr://(?:file|file-csv|images|audio|video)/([^/]+)")
_MEDIA = re.compile(r"jr://(?:images|audio|video)/([^/]+)")
_IMAGE = re.compile(r"jr://images/([^/]+)")
_SEARCH = re.compile(r"\bsearch\s*\(")
_SEARCHED = re.compile(r"""\s*(?:'([^'"]*)'|"([^'"]*)")\s*[,)]""")


@dataclass(frozen=True, slots=True)
class ExpectedFile:
    """A file that the form refers to."""

    name: str
    kind: str  # file, image, audio, video


def read(document: bytes) -> tuple[ExpectedFile, ...]:
    """Return every file that an XForm refers to, each name and kind once.

    Raises as xform.parse does; SearchUnreadable for a `search()` whose quotes do not close.
    """
    form = xform.parse(document)
    every = (*_sources(form), *_itext(form), *_defaults(form), *_searched(form), *_queried(form))
    return tuple(dict.fromkeys(every))


def _sources(form: XForm) -> Iterator[ExpectedFile]:
    for instance in xform.secondary_instances(form):
        if found := _SOURCE.fullmatch(instance.get("src") or ""):
            yield ExpectedFile(found[1], "file")


def _itext(form: XForm) -> Iterator[ExpectedFile]:
    for value in form.model.iterfind(f"{{{XFORMS}}}itext//{{{XFORMS}}}value"):
        kind = _KINDS.get(value.get("form") or "")
        found = _MEDIA.fullmatch((value.text or "").strip())
        if kind and found:
            yield ExpectedFile(found[1], kind)


def _defaults(form: XForm) -> Iterator[ExpectedFile]:
    for element in form.root.iter():
        if found := _IMAGE.fullmatch((element.text or "").strip()):
            yield ExpectedFile(found[1], "image")


def _searched(form: XForm) -> Iterator[ExpectedFile]:
    for element in form.body.iter():
        appearance = element.get("appearance") or ""
        start = _SEARCH.search(appearance) if local(element).startswith("select") else None
        if start is None:
            continue
        found = _SEARCHED.match(appearance, start.end())
        if found is None:
            raise SearchUnreadable(appearance=appearance)
        name = (found[1] or found[2] or "").strip()
        if name:
            yield ExpectedFile(name if name.endswith(".csv") else f"{name}.csv", "file")


def _queried(form: XForm) -> Iterator[ExpectedFile]:
    if any(element.get("query") for element in form.body.iter(f"{{{XFORMS}}}input")):
        yield ExpectedFile(ITEMSETS, "file")
