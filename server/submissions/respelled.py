"""An instance with its elements in the namespaces that its form has them in. No Django here.

Phones write `orx:meta` whatever the form calls it (openrosa.md §4.2); ODK Web Forms finds only what
is spelled as in the form, would give the record another `meta`, and lose whose edit it is.
"""

from __future__ import annotations

from lxml import etree

from server import xml as reader
from server.forms import xform
from server.forms.xform import XFORMS


def as_in_form(instance: bytes, form: bytes) -> bytes:
    """Return an instance, whose texts and attributes stay as they are.

    What its form does not have stays as it is spelled. Raises the Problems of server.xml.
    """
    root = reader.parse(instance)
    _respell(root, xform.parse(form).root)
    etree.cleanup_namespaces(root)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def _respell(element: etree._Element, model: etree._Element) -> None:
    known = {_name(child): child for child in model if isinstance(child.tag, str)}
    for child in element:
        like = known.get(_name(child)) if isinstance(child.tag, str) else None
        if like is not None:
            space = etree.QName(like).namespace
            # The form's own namespace is none in an instance.
            child.tag = etree.QName(None if space == XFORMS else space, _name(child)).text
            _respell(child, like)


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""
