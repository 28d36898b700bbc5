"""An XForm's parts by name: where the model, the instances and the controls are. No Django."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from server import xml
from server.forms.problems import FormUnusable

Element = etree._Element

XFORMS = "http://www.w3.org/2002/xforms"
XHTML = "http://www.w3.org/1999/xhtml"
LIMITS = xml.Limits(bytes=20_000_000, nodes=1_000_000)  # a province's villages as inline choices


@dataclass(frozen=True, slots=True)
class XForm:
    """A parsed form that phones can open."""

    title: str
    form_id: str
    version: str
    model: Element
    root: Element  # of the primary instance
    body: Element


def parse(xform: bytes) -> XForm:
    """Parse a form and check what a phone checks after a download (openrosa.md §3, FD11).

    Raises the Problems of server.xml (any DOCTYPE is refused); FormUnusable for a form without
    title, root or id, one that is too large, or one that would send its data to an address of
    its own.
    """
    try:
        document = xml.parse(xform, limits=LIMITS)
    except (xml.XmlTooLarge, xml.XmlTooComplex) as problem:  # its words are for inspectors
        raise FormUnusable(
            reason="quá lớn, hoặc quá nhiều nhóm lồng nhau",
            reason_en="it is too large, or nests too many groups",
        ) from problem
    model, body = document.find(f".//{{{XFORMS}}}model"), document.find(f"{{{XHTML}}}body")
    if model is None or body is None:
        raise FormUnusable(reason="thiếu model hoặc body", reason_en="it has no model or body")
    root = next((child for child in model.iterfind(f"{{{XFORMS}}}instance/*")), None)
    title = (document.findtext(f"{{{XHTML}}}head/{{{XHTML}}}title") or "").strip()
    if root is None or not root.get("id") or not title:
        raise FormUnusable(
            reason="thiếu tên biểu (title) hoặc mã biểu (id)", reason_en="it has no title or no id"
        )
    if any(element.get("action") for element in model.iterfind(f"{{{XFORMS}}}submission")):
        raise FormUnusable(
            reason="biểu ghi địa chỉ nộp riêng", reason_en="it names its own submission address"
        )
    return XForm(title, root.get("id", ""), root.get("version") or "", model, root, body)


def renamed(xform: bytes, version: str) -> bytes:
    """Return a form that says another version, and else the same. Raises as `parse` does."""
    form = parse(xform)
    form.root.set("version", version)
    return etree.tostring(form.root.getroottree(), encoding="UTF-8", xml_declaration=True)


def secondary_instances(form: XForm) -> Iterator[Element]:
    """Yield the instances that hold choices or name a file."""
    instances = form.model.iterfind(f"{{{XFORMS}}}instance")
    next(instances, None)
    yield from instances


def local(element: Element) -> str:
    """Return an element's name without its namespace."""
    return etree.QName(element).localname
