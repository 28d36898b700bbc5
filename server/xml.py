"""Read XML that strangers sent, without letting it do anything.

One parser for everything that comes from outside (ASVS 5.0, 1.5.3). A document type is refused
before the parser sees it: entities, external files and amplification all start there, and no
ODK client sends one. What is left is capped, because lxml alone accepts a million siblings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lxml import etree

from server.errors import Problem


@dataclass(frozen=True, slots=True)
class Limits:
    """What a document may hold at the most. A real inspection has 6 kB, 200 nodes, depth 4."""

    bytes: int = 5_000_000  # as received
    nodes: int = 50_000  # elements; and as many attributes
    attributes: int = 64  # of one element
    depth: int = 64  # elements inside one another; readers may recurse


DEFAULT = Limits()


class XmlTooLarge(Problem):
    """More bytes than any form has."""

    code = "xml.too_large"
    status = 413
    vi = "Phiếu quá lớn ({size} byte, tối đa {most}). Giữ nguyên phiếu và báo đơn vị quản lý."
    en = "The form is too large ({size} bytes, at most {most}). Keep it and tell your supervisor."


class XmlUnreadableEncoding(Problem):
    """Letters in an encoding that we do not read, or that are not what they claim to be."""

    code = "xml.encoding"
    vi = "Phiếu dùng bảng mã chữ không đọc được ({encoding}). Hãy gửi lại bằng UTF-8."
    en = "The form is in an encoding that cannot be read ({encoding}). Send it as UTF-8."


class XmlDoctype(Problem):
    """A DOCTYPE: no ODK client sends one, and every entity attack starts with one."""

    code = "xml.doctype"
    vi = "Phiếu có khai báo DOCTYPE nên không được nhận. Bỏ khai báo này rồi gửi lại."
    en = "The form has a DOCTYPE, which is not accepted. Remove it and send the form again."


class XmlMalformed(Problem):
    """Not XML, or cut short."""

    code = "xml.malformed"
    vi = "Phiếu không phải XML hợp lệ (dòng {line}). Gửi lại; nếu vẫn lỗi, báo đơn vị quản lý."
    en = "The form is not well-formed XML (line {line}). Send it again, or tell your supervisor."
    central = 400.1


class XmlTooComplex(Problem):
    """Nested, attributed or populated beyond anything a form makes."""

    code = "xml.too_complex"
    vi = (
        "Phiếu có cấu trúc quá phức tạp (tối đa {nodes} thẻ, {attributes} thuộc tính "
        "mỗi thẻ, {depth} tầng). Giữ nguyên phiếu và báo đơn vị quản lý."
    )
    en = (
        "The form's structure is too complex (at most {nodes} elements, "
        "{attributes} attributes of one element, {depth} levels). Keep it and tell your supervisor."
    )


def parse(xml: bytes, *, limits: Limits = DEFAULT) -> etree._Element:
    """Return the root of a document; comments and processing instructions are left out.

    Reads UTF-8, UTF-16, ASCII, Latin-1 and Windows-1252, with or without a byte order mark.
    Nothing is fetched, expanded or executed, and memory stays in proportion to `limits`.

    Raises XmlTooLarge, XmlUnreadableEncoding, XmlDoctype, XmlMalformed, XmlTooComplex.
    """
    if len(xml) > limits.bytes:
        raise XmlTooLarge(size=len(xml), most=limits.bytes)
    document = _in_utf8(xml)
    if document.startswith(b"<!DOCTYPE", _end_of_prolog(document)):
        raise XmlDoctype
    signs_of_attributes = document.count(b"=")
    if signs_of_attributes > limits.nodes or _is_crowded(document, limits.nodes):
        raise _too_complex(limits)
    try:
        root = etree.fromstring(document, etree.XMLParser(**_SAFE))
    except etree.XMLSyntaxError as error:
        raise _refusal(error, limits) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise XmlDoctype  # the scan above missed it: two readers must never disagree on this
    if _is_too_deep(root, limits.depth):
        raise _too_complex(limits)
    if signs_of_attributes > limits.attributes and _is_overloaded(root, limits.attributes):
        raise _too_complex(limits)
    return root


def parse_again(xml: bytes) -> etree._Element:
    """Return the root of a document that `parse` took when it came, in two thirds of its time.

    What it counted then is not counted again; a document type is refused all the same.
    Raises XmlUnreadableEncoding, XmlDoctype, XmlMalformed.
    """
    document = _in_utf8(xml)
    if document.startswith(b"<!DOCTYPE", _end_of_prolog(document)):
        raise XmlDoctype
    try:
        return etree.fromstring(document, etree.XMLParser(**_SAFE))
    except etree.XMLSyntaxError as error:
        raise _refusal(error, DEFAULT) from error


# libxml2's own limits (depth 256, names of 50 000 letters ...), which stand behind ours.
_LIMIT_CODES = frozenset({etree.ErrorTypes.ERR_RESOURCE_LIMIT, etree.ErrorTypes.ERR_NAME_TOO_LONG})

_SAFE: dict[str, Any] = {  # keyword arguments of lxml's parsers
    "encoding": "utf-8",
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,  # so that the text of an element is one piece
    "remove_pis": True,
}


def _is_crowded(document: bytes, nodes: int) -> bool:
    # Before a tree is built, which takes fifty times the memory of the text. Every element opens
    # with "<", every attribute and declared prefix has a "=": an upper bound, and one that only
    # a text with as many of these signs in it could exceed wrongly. "<a/>" is the shortest.
    if len(document) <= 4 * nodes:
        return False
    return document.count(b"<") - document.count(b"</") > nodes


def _is_too_deep(root: etree._Element, depth: int) -> bool:
    return bool(_question("boolean(" + "/*" * (depth + 1) + ")")(root))


def _is_overloaded(root: etree._Element, attributes: int) -> bool:
    return bool(_question(f"boolean(//@*[{attributes + 1}])")(root))


@lru_cache(maxsize=8)
def _question(xpath: str) -> etree.XPath:
    # Compiled once: putting a question together takes longer than answering it.
    return etree.XPath(xpath)


def _refusal(error: etree.XMLSyntaxError, limits: Limits) -> Exception:
    code: int = error.code  # type: ignore[attr-defined]  # the stubs forgot it
    if code == etree.ErrorTypes.ERR_NO_MEMORY:
        return MemoryError()  # ours, not the document's: nobody may be told to mend it
    if code in _LIMIT_CODES:
        return _too_complex(limits)
    return XmlMalformed(line=error.lineno or 1)


def _too_complex(limits: Limits) -> XmlTooComplex:
    return XmlTooComplex(nodes=limits.nodes, attributes=limits.attributes, depth=limits.depth)


# The parser is always given UTF-8: encodings that hide a DOCTYPE from a scan of bytes (UTF-7,
# EBCDIC, UTF-32) are never tried.
_MARKS = {
    b"\xef\xbb\xbf": "utf-8",
    b"\xff\xfe": "utf-16-le",
    b"\xfe\xff": "utf-16-be",
    b"<\0": "utf-16-le",
    b"\0<": "utf-16-be",
}
_DECLARED = re.compile(rb"<\?xml\s[^>]*?\bencoding\s*=\s*[\"']([A-Za-z0-9._-]*)[\"']")
_READ_AS = {
    "": "utf-8",
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "utf-16": "utf-8",  # said of a text that was UTF-16 in the client's memory, then sent as UTF-8
    "iso-8859-1": "latin-1",
    "windows-1252": "cp1252",
}


def _in_utf8(xml: bytes) -> bytes:
    mark = next((mark for mark in _MARKS if xml.startswith(mark)), b"")
    if mark:
        encoding = _MARKS[mark]
    else:
        declared = _DECLARED.match(xml)
        name = declared[1].decode().lower() if declared else ""
        if name not in _READ_AS:
            raise XmlUnreadableEncoding(encoding=name)
        encoding = _READ_AS[name]
    if encoding == "utf-8":
        return xml.removeprefix(b"\xef\xbb\xbf")
    try:
        return xml.decode(encoding).removeprefix("\ufeff").encode()
    except UnicodeError as error:
        raise XmlUnreadableEncoding(encoding=encoding) from error


_PIECE_OF_PROLOG = re.compile(rb"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)


def _end_of_prolog(document: bytes) -> int:
    """Return where the document type or the root element starts."""
    # Piece by piece: one expression for all of them keeps a hundred bytes for each in memory.
    end = 0
    while piece := _PIECE_OF_PROLOG.match(document, end):
        end = piece.end()
    return end
