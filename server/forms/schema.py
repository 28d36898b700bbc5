"""The questions of a form, read from the XForm that phones get. No Django."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from server.forms import xform
from server.forms.compiled import Extra
from server.forms.xform import XFORMS, Element, XForm, local

_INSTANCE = re.compile(r"""instance\(\s*['"]([^'"]+)['"]\s*\)""")
_ITEXT = re.compile(r"""jr:itext\(\s*['"]([^'"]+)['"]\s*\)""")
_LANGUAGE = re.compile(r"\(([\w-]+)\)\s*$")
_ONLY_LANGUAGE = "vi"  # of a form without translations
_SELECTS = ("select1", "select", "rank")
_CONTROLS = (*_SELECTS, "input", "secret", "upload", "trigger", "range")

Texts = Mapping[str, Mapping[str, str]]  # itext: by id, by language


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer that a select offers."""

    name: str
    label: Mapping[str, str]  # by language


@dataclass(frozen=True, slots=True)
class Field:
    """One question of a version, or one repeat, by path."""

    path: str  # below the root: "h/h_date"
    name: str
    type: str  # of the bind: string, int, decimal, date, dateTime, geopoint, binary …
    repeat: str = ""  # path of the nearest repeat around it
    is_repeat: bool = False
    is_binary: bool = False  # the answer is a file's name
    is_multiple: bool = False  # the answer is several choices, separated by spaces
    label: Mapping[str, str] = field(default_factory=dict)  # by language
    choice_list: str = ""  # key of Schema.choices; "" for none and for a list in a file
    sensitivity: str = ""  # public, internal, restricted
    evidence_for: tuple[str, ...] = ()  # codes of conditions

    @property
    def is_meta(self) -> bool:
        """Tell whether it is about the instance, as its ids and its log; nobody is asked it."""
        return self.path.startswith("meta/")


@dataclass(frozen=True, slots=True)
class Schema:
    """All questions and repeats of a version in the order of its instance, and their choices."""

    fields: tuple[Field, ...]
    choices: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict)  # by list

    def choice_names(self, of: Field) -> frozenset[str]:
        """Return what a question offers; nothing for one that is no select of ours."""
        return frozenset(choice.name for choice in self.choices.get(of.choice_list, ()))


def shape(of: Schema) -> dict[str, str]:
    """Return what stands at each path: `group`, `repeat` or `question`."""
    found = {f.path: "repeat" if f.is_repeat else "question" for f in of.fields}
    for each in of.fields:
        above = each.path.rpartition("/")[0]
        while above and above not in found:
            found[above] = "group"
            above = above.rpartition("/")[0]
    return found


def read(document: bytes, extras: Mapping[str, Extra] | None = None) -> Schema:
    """Read the questions of an XForm.

    extras: what the workbook says in the columns that pyxform ignores, by path.
    Groups are only steps of a path. Raises as xform.parse does.
    """
    form = xform.parse(document)
    said = texts(form)
    lists = _Lists(form, said)
    asked_by = controls(form)
    types = {
        bind.get("nodeset", ""): (bind.get("type") or "string").removeprefix("xsd:")
        for bind in form.model.iterfind(f"{{{XFORMS}}}bind")
    }
    found: dict[str, Field] = {}
    for node in _nodes(form):
        if node.path not in found:
            control, extra = asked_by.get(node.xpath), (extras or {}).get(node.path, Extra())
            kind = "repeat" if node.is_repeat else types.get(node.xpath, "string")
            found[node.path] = Field(
                path=node.path,
                name=node.path.rpartition("/")[2],
                type=kind,
                repeat=node.repeat,
                is_repeat=node.is_repeat,
                is_binary=kind == "binary",
                is_multiple=control is not None and local(control) in ("select", "rank"),
                label=label_of(control, said),
                choice_list=lists.of(control, node.path),
                sensitivity=extra.sensitivity,
                evidence_for=extra.evidence_for,
            )
    return Schema(tuple(found.values()), lists.used)


def dump(schema: Schema) -> dict[str, Any]:
    """Return the schema as JSON can hold it; `load` is the way back."""
    return asdict(schema)


def load(json: Mapping[str, Any]) -> Schema:
    """Return the schema that `dump` wrote."""
    return Schema(
        tuple(Field(**{**f, "evidence_for": tuple(f["evidence_for"])}) for f in json["fields"]),
        {name: tuple(Choice(**c) for c in given) for name, given in json["choices"].items()},
    )


# The instance ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Node:
    xpath: str  # "/data/h/h_date"
    path: str  # "h/h_date"
    repeat: str
    is_repeat: bool


def _nodes(form: XForm) -> Iterator[_Node]:
    """Yield every repeat and every question; a repeat's template and first row come alike."""
    repeats = {repeat.get("nodeset") for repeat in form.body.iter(f"{{{XFORMS}}}repeat")}
    top = f"/{local(form.root)}"
    pending = [(child, "", "") for child in reversed(form.root)]  # element, path above, repeat
    while pending:
        element, above, repeat = pending.pop()
        if local(element) == "entity" and above.rpartition("/")[2] == "meta":
            continue  # no question: what the form does to an entity list
        path = f"{above}/{local(element)}".lstrip("/")
        here = f"{top}/{path}"
        is_repeat = here in repeats
        if is_repeat or not len(element):
            yield _Node(here, path, repeat, is_repeat)
        inner = path if is_repeat else repeat
        pending += [(child, path, inner) for child in reversed(element)]


# Words and choices -------------------------------------------------------------------------------


def controls(form: XForm) -> dict[str, Element]:
    """Return what asks each question by its XPath; for a repeat, the group that names it."""
    controls: dict[str, Element] = {}
    for element in form.body.iter():
        group = element.getparent()
        if local(element) in _CONTROLS:
            controls[element.get("ref", "")] = element
        elif local(element) == "repeat" and group is not None:
            controls[element.get("nodeset", "")] = group
    return controls


def texts(form: XForm) -> dict[str, dict[str, str]]:
    """Return the plain texts of a form by id, by language."""
    found: dict[str, dict[str, str]] = {}
    for translation in form.model.iterfind(f"{{{XFORMS}}}itext/{{{XFORMS}}}translation"):
        name = translation.get("lang") or ""
        code = _LANGUAGE.search(name)
        for text in translation.iterfind(f"{{{XFORMS}}}text"):
            plain = (v for v in text.iterfind(f"{{{XFORMS}}}value") if v.get("form") is None)
            for value in plain:
                found.setdefault(text.get("id") or "", {})[code[1] if code else name] = _said(value)
    return found


def _said(element: Element) -> str:
    """Return the text of a label, a reference to another question as `${name}`."""
    parts = [element.text or ""]
    for child in element:
        name = (child.get("value") or "").strip().rpartition("/")[2]
        parts += [f"${{{name}}}" if local(child) == "output" else _said(child), child.tail or ""]
    return "".join(parts).strip()


def label_of(control: Element | None, texts: Texts) -> Mapping[str, str]:
    """Return the words of a question or a group, by language; nothing where it has none."""
    label = None if control is None else control.find(f"{{{XFORMS}}}label")
    if label is None:
        return {}
    named = _ITEXT.match(label.get("ref") or "")
    if named:
        return texts.get(named[1], {})
    return {_ONLY_LANGUAGE: said} if (said := _said(label)) else {}


class _Lists:
    """The choice lists of a form; `used` fills with those that a question has asked for."""

    def __init__(self, form: XForm, texts: Texts) -> None:
        self._texts = texts
        self._instances = {
            instance.get("id") or "": instance
            for instance in xform.secondary_instances(form)
            if not instance.get("src")
        }
        self.used: dict[str, tuple[Choice, ...]] = {}

    def of(self, control: Element | None, path: str) -> str:
        """Return the key of the list that a control offers, or ""."""
        if control is None or local(control) not in _SELECTS:
            return ""
        itemset = control.find(f"{{{XFORMS}}}itemset")
        if itemset is None:
            items = control.findall(f"{{{XFORMS}}}item")
            self.used[path] = tuple(
                Choice(i.findtext(f"{{{XFORMS}}}value") or "", label_of(i, self._texts))
                for i in items
            )
            return path
        named = _INSTANCE.search(itemset.get("nodeset") or "")
        if named is None or named[1] not in self._instances:
            return ""
        self.used[named[1]] = tuple(
            self._choice(item) for item in self._instances[named[1]].iterfind(".//{*}item")
        )
        return named[1]

    def _choice(self, item: Element) -> Choice:
        text = item.findtext("{*}itextId")
        label = self._texts.get(text, {}) if text else {}
        plain = item.findtext("{*}label")
        return Choice(
            item.findtext("{*}name") or "", label or ({_ONLY_LANGUAGE: plain} if plain else {})
        )
