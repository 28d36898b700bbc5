"""Read one filled-in form: who it is, what it answers, which files it names. No Django here.

Prefixes and namespaces are looked through: `meta` and `orx:meta` both occur in the field
(openrosa.md §4.3), and an encrypted instance comes in either of two namespaces (§4.9).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import normalize

from lxml import etree

from server import xml as reader
from server.submissions.problems import (
    EncryptedWithoutId,
    FormIdMissing,
    IdAmbiguous,
    IdTooLong,
)

MAX_ID = 255  # characters; longer ones would not fit their column, and no client makes them

_META = ("instanceID", "deprecatedID", "instanceName")
AUDIT = "meta/audit"  # names the log of how the form was filled in

# {"h/": {"h_date": "h/h_date"}}: from above an element and its name to its path. Putting a path
# together and hashing it, for each element of each submission, takes half the time of reading it.
Steps = Mapping[str, Mapping[str, str]]
_NO_STEPS: Steps = {}
_NOWHERE: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Instance:
    """The XML of one filled-in form, parsed. "" stands for what it does not say."""

    root: etree._Element
    form_id: str
    version: str
    instance_id: str
    deprecated_id: str
    instance_name: str  # NFC
    is_encrypted: bool


@dataclass(frozen=True, slots=True)
class Answers:
    """What an instance answers, by path below the root; text is NFC and stripped.

    flat: `{"h/h_date": "2026-05-04"}`, everything outside repeats; "" where left blank.
    repeats: `{"photos": ({"photos/photo": "1.jpg"}, …)}`, one mapping for each time round, in
    document order. A repeat within a repeat has its rows under its own path.
    """

    flat: Mapping[str, str]
    repeats: Mapping[str, tuple[Mapping[str, str], ...]]


def parse(xml: bytes) -> Instance:
    """Return the instance in `xml`.

    Raises the Problems of server.xml, FormIdMissing, IdAmbiguous, IdTooLong and
    EncryptedWithoutId, all of which mean that the sender must be told.
    """
    root = reader.parse(xml)
    meta = _meta(root)
    instance = Instance(
        root=root,
        form_id=root.get("id", ""),
        version=root.get("version", ""),
        instance_id=_id(meta, "instanceID"),
        deprecated_id=_id(meta, "deprecatedID"),
        instance_name=_clean(next(iter(meta["instanceName"]), "")),
        is_encrypted=root.get("encrypted") == "yes",
    )
    if not instance.form_id:
        raise FormIdMissing
    if instance.is_encrypted and not instance.instance_id:
        raise EncryptedWithoutId
    return instance


def steps_to(paths: Iterable[str]) -> Steps:
    """Return the steps that lead from the root to each of some paths."""
    steps: dict[str, dict[str, str]] = {}
    for path in paths:
        above = ""
        for name in path.split("/"):
            steps.setdefault(above, {})[name] = above + name
            above += name + "/"
    return steps


def answers(
    root: etree._Element, repeat_paths: frozenset[str], steps: Steps = _NO_STEPS
) -> Answers:
    """Return what an instance answers.

    repeat_paths: the repeats of its form version, below the root. Where an element that is no
    repeat stands twice, the first counts.
    steps: those to the fields of its version (`steps_to`); they change how long it takes, not what
    it finds.
    """
    flat: dict[str, str] = {}
    repeats: dict[str, list[dict[str, str]]] = {path: [] for path in sorted(repeat_paths)}

    def collect(element: etree._Element, above: str, row: dict[str, str]) -> None:
        known = steps.get(above, _NOWHERE)
        for child in element:
            path = known.get(child.tag) or above + _name(child)
            answered = row
            if path in repeat_paths:
                answered = {}
                repeats[path].append(answered)
            if len(child):
                collect(child, path + "/", answered)
            elif path not in answered:
                text = (child.text or "").strip()  # as `_clean` does, without a call for each
                answered[path] = text if text.isascii() else normalize("NFC", text)

    collect(root, "", flat)
    return Answers(flat, {path: tuple(rows) for path, rows in repeats.items()})


def expected_files(instance: Instance, binary_paths: frozenset[str]) -> tuple[str, ...]:
    """Return the names of the files that an instance refers to, each once, in document order.

    binary_paths: the fields of its form version that hold file names. The audit log is looked for
    in any case. An encrypted instance names its own: media first, its XML last, in an order that
    decryption needs (openrosa.md §4.9).
    """
    if instance.is_encrypted:
        named = _encrypted_files(instance.root)
    else:
        named = _named_at(instance.root, _steps_to_files(binary_paths))
    return tuple(dict.fromkeys(name for name in named if name))


def _encrypted_files(root: etree._Element) -> Iterator[str]:
    for media in _children(root, "media"):
        yield from (_text(file) for file in _children(media, "file"))
    yield from (_text(file) for file in _children(root, "encryptedXmlFile"))


@lru_cache(maxsize=256)  # one for each form version
def _steps_to_files(binary_paths: frozenset[str]) -> Steps:
    return steps_to(binary_paths | {AUDIT})


def _named_at(element: etree._Element, steps: Steps, above: str = "") -> Iterator[str]:
    """Give the texts at the ends of some steps; whatever leads nowhere is not looked into."""
    known = steps.get(above, _NOWHERE)
    for child in element:
        path = known.get(_name(child))
        if path is None:
            continue
        if len(child):
            yield from _named_at(child, steps, path + "/")
        elif path + "/" not in steps:
            yield _text(child)


def _meta(root: etree._Element) -> Mapping[str, list[str]]:
    """Return the texts in `meta` by name; an instanceID right under the root counts as well."""
    found: dict[str, list[str]] = {name: [] for name in _META}
    for meta in _children(root, "meta"):
        for element in meta:
            if (name := _name(element)) in found and (text := _text(element)):
                found[name].append(text)
    if not found["instanceID"]:  # where forms older than OpenRosa have it (openrosa.md SB41)
        found["instanceID"] = [_text(element) for element in _children(root, "instanceID")]
    return found


def _id(meta: Mapping[str, list[str]], name: str) -> str:
    found = set(filter(None, meta[name]))
    if len(found) > 1:
        raise IdAmbiguous(name=name)
    text = found.pop() if found else ""
    if len(text) > MAX_ID:
        raise IdTooLong(name=name, most=MAX_ID)
    return text


def _children(element: etree._Element, name: str) -> list[etree._Element]:
    return [child for child in element if _name(child) == name]


def _name(element: etree._Element) -> str:
    # The parser leaves out comments, whose tag is no text. QName takes five times as long.
    tag = str(element.tag)
    return tag.rpartition("}")[2] if "}" in tag else tag


def _text(element: etree._Element) -> str:
    return (element.text or "").strip()


def _clean(text: str) -> str:
    stripped = text.strip()
    return stripped if stripped.isascii() else normalize("NFC", stripped)
