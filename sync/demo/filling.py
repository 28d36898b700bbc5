"""Fill in a blank form as a phone would: from the XForm it downloaded to the instance it sends.

Reads and writes XML; knows neither Django nor the questions of any form. A phone leaves out what
was not relevant and calculates as it goes; here both are left to the caller, who knows which
questions were asked and what the calculations come to, or asks `sync.demo.calculating`. Notes,
which hold no answer, are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree

from server import xml

_OPENROSA = "http://openrosa.org/xforms"
_CONSTANT = re.compile(r"\s*'([^']*)'\s*")

Answers = Mapping[str, str]  # {name of a question: answer}; one left out was not relevant


@dataclass(frozen=True, slots=True)
class Bind:
    """What a form says of one of its questions or groups, in XPath; "" where it says nothing."""

    path: str  # "/data/a/a_plan"
    relevant: str
    calculate: str
    is_readonly: bool  # a note, unless it is calculated

    @property
    def name(self) -> str:
        """Return the last step of the path."""
        return _last(self.path)


@dataclass(frozen=True, slots=True)
class Entity:
    """What an instance, or a row of a repeat, says about an entity."""

    uuid: str
    label: str = ""  # of a new one
    base_version: int | None = None  # that an update starts from; None makes a new entity


@dataclass(frozen=True, slots=True)
class BlankForm:
    """What a phone keeps of a form that it downloaded."""

    form_id: str
    version: str
    skeleton: etree._Element  # the root of the primary instance, repeats once
    repeats: frozenset[str]  # names
    paths: Mapping[str, str]  # {name of a question outside repeats: path below the root}
    constants: Mapping[str, str]  # {name: what a calculation without questions comes to}
    binds: Sequence[Bind] = ()  # in the form's order


@dataclass(frozen=True, slots=True)
class Filled:
    """What was answered in one sitting."""

    instance_id: str
    answers: Answers
    repeats: Mapping[str, Sequence[Answers]] = field(default_factory=dict)
    instance_name: str = ""
    deprecated_id: str = ""  # of the version that this one corrects
    audit: str = ""  # name of the file that says which question was answered when
    entity: Entity | None = None  # of the whole form
    # {name of a repeat: of each of its rows}; empty where rows say nothing about entities
    row_entities: Mapping[str, Sequence[Entity]] = field(default_factory=dict)


def read(xform: bytes) -> BlankForm:
    """Read a downloaded form. Raises the Problems of `server.xml`."""
    document = xml.parse(xform)
    root = next(_named(document, "instance"))[0]
    repeats = frozenset(_last(str(repeat.get("nodeset"))) for repeat in _named(document, "repeat"))
    return BlankForm(
        form_id=str(root.get("id")),
        version=root.get("version") or "",
        skeleton=root,
        repeats=repeats,
        paths=dict(_paths(root, repeats, "")),
        constants=dict(_constants(document)),
        binds=tuple(_binds(document)),
    )


def fill(form: BlankForm, filled: Filled) -> bytes:
    """Return the instance as a phone writes it: UTF-8, no namespace but that of `meta`."""
    root = etree.Element(_name(form.skeleton), nsmap={"orx": _OPENROSA})
    root.set("id", form.form_id)
    if form.version:
        root.set("version", form.version)
    root.extend(_children(form, form.skeleton, filled, filled.answers))
    root.append(_meta(form, filled))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _children(
    form: BlankForm, template: etree._Element, filled: Filled, answers: Answers
) -> Iterator[etree._Element]:
    """Yield what becomes of the nodes below `template`, in the form's order."""
    done = set()
    for node in template:
        name = _name(node)
        if name == "meta" or name in done:
            continue
        if name in form.repeats:
            done.add(name)  # a template and a first row may both stand in the skeleton
            entities = filled.row_entities.get(name, ())
            for number, row in enumerate(filled.repeats.get(name, ())):
                group = _group(form, node, filled, row)
                if entities:
                    group.append(_row_meta(node, entities[number]))
                yield group
        elif len(node):
            group = _group(form, node, filled, answers)
            if len(group):
                yield group
        elif name in answers:
            leaf = etree.Element(name)
            leaf.text = answers[name] or None
            yield leaf


def _group(
    form: BlankForm, node: etree._Element, filled: Filled, answers: Answers
) -> etree._Element:
    group = etree.Element(_name(node))
    group.extend(_children(form, node, filled, answers))
    return group


def _row_meta(template: etree._Element, entity: Entity) -> etree._Element:
    meta = etree.Element("meta")
    meta.append(_entity(template, entity))
    return meta


def _entity(template: etree._Element, entity: Entity) -> etree._Element:
    """Return an entity block, for the list that the form names in `template` (entities spec)."""
    declared = next(_named(template, "entity"))
    block = etree.Element(_name(declared), dataset=str(declared.get("dataset")), id=entity.uuid)
    if entity.base_version is None:
        block.set("create", "1")
        etree.SubElement(block, "label").text = entity.label
    else:  # a list that came from the server leaves trunk and branch blank
        block.set("update", "1")
        block.set("baseVersion", str(entity.base_version))
        block.set("trunkVersion", "")
        block.set("branchId", "")
    return block


def _meta(form: BlankForm, filled: Filled) -> etree._Element:
    meta = etree.Element(f"{{{_OPENROSA}}}meta")
    if filled.entity is not None:
        meta.append(_entity(form.skeleton, filled.entity))
    for name, text in (
        ("audit", filled.audit),
        ("instanceID", filled.instance_id),
        ("deprecatedID", filled.deprecated_id),
        ("instanceName", filled.instance_name),
    ):
        if text:
            etree.SubElement(meta, f"{{{_OPENROSA}}}{name}").text = text
    return meta


def _paths(node: etree._Element, repeats: frozenset[str], above: str) -> Iterator[tuple[str, str]]:
    for child in node:
        name = _name(child)
        if name in repeats:
            continue
        if len(child):
            yield from _paths(child, repeats, f"{above}{name}/")
        else:
            yield name, above + name


def _constants(document: etree._Element) -> Iterator[tuple[str, str]]:
    for bind in _named(document, "bind"):
        constant = _CONSTANT.fullmatch(bind.get("calculate") or "")
        if constant:
            yield _last(str(bind.get("nodeset"))), constant[1]


def _binds(document: etree._Element) -> Iterator[Bind]:
    for bind in _named(document, "bind"):
        path = str(bind.get("nodeset"))
        if "/meta" not in path:
            yield Bind(
                path,
                bind.get("relevant") or "",
                bind.get("calculate") or "",
                bind.get("readonly") == "true()",
            )


def _named(document: etree._Element, name: str) -> Iterator[etree._Element]:
    return document.iter(f"{{*}}{name}")


def _name(node: etree._Element) -> str:
    return etree.QName(node).localname


def _last(path: str) -> str:
    return path.rsplit("/", 1)[-1]
