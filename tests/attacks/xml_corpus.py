"""XML that means harm, or does harm unmeant (features.md T1 to T4).

Each entry: what it is, its bytes, our answer to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from server.errors import Problem
from server.submissions import instance

MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Attack:
    """One document and the code of the Problem it must meet; "" where it is harmless to read."""

    code: str
    xml: Callable[[], bytes]


def entities(amplification: int) -> str:
    """Return a DOCTYPE whose last entity stands for 10 ** amplification times `ha`."""
    steps = [f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, amplification)]
    return f'<!DOCTYPE d [<!ENTITY l0 "ha">{"".join(steps)}]>'


def nested(depth: int) -> bytes:
    return b'<d id="f">' + b"<a>" * (depth - 1) + b"</a>" * (depth - 1) + b"</d>"


def attributes(count: int, text: str = 'a{}=""') -> bytes:
    return f'<d id="f" {" ".join(text.format(n) for n in range(count))}/>'.encode()


LAUGHS = f'{entities(9)}<d id="f">&l8;</d>'
EXTERNAL = '<!DOCTYPE d SYSTEM "{url}"><d id="f"/>'
CANARY = '<!DOCTYPE d [<!ENTITY x SYSTEM "{url}">]><d id="f">&x;</d>'

DOCTYPE, DEEP, BAD = "xml.doctype", "xml.too_complex", "xml.malformed"

CORPUS: Mapping[str, Attack] = {
    # Document types, in every disguise
    "billion laughs": Attack(DOCTYPE, LAUGHS.encode),
    "billion laughs in UTF-16": Attack(DOCTYPE, lambda: LAUGHS.encode("utf-16")),
    "billion laughs in UTF-16 without a mark": Attack(DOCTYPE, lambda: LAUGHS.encode("utf-16-be")),
    "billion laughs in an attribute": Attack(
        DOCTYPE, lambda: f'{entities(9)}<d id="f" a="&l8;"/>'.encode()
    ),
    "quadratic blow-up": Attack(
        DOCTYPE,
        lambda: f'<!DOCTYPE d [<!ENTITY x "{"x" * MB}">]><d id="f">{"&x;" * MB}</d>'.encode(),
    ),
    "empty document type": Attack(DOCTYPE, lambda: b'<!DOCTYPE d><d id="f"/>'),
    "document type behind a comment": Attack(
        DOCTYPE, lambda: b'<!-- <d> --><?p <d?>\n<!DOCTYPE d><d id="f"/>'
    ),
    "document type behind a megabyte of blanks": Attack(
        DOCTYPE, lambda: b" " * MB + b'<!DOCTYPE d><d id="f"/>'
    ),
    "parameter entity": Attack(
        DOCTYPE, lambda: b'<!DOCTYPE d [<!ENTITY % p "<!ENTITY x \'y\'>">%p;]><d id="f">&x;</d>'
    ),
    "document type without an end": Attack(DOCTYPE, lambda: b"<!DOCTYPE d [<!ENTITY x '"),
    # Encodings that hide one
    "UTF-7": Attack(
        "xml.encoding",
        lambda: b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE d+AD4APA-d/+AD4-',
    ),
    "UTF-32": Attack(BAD, lambda: LAUGHS.encode("utf-32")),
    "EBCDIC": Attack(BAD, lambda: LAUGHS.encode("cp037")),
    "EBCDIC that says so in ASCII": Attack(
        "xml.encoding", lambda: b'<?xml version="1.0" encoding="cp037"?>' + LAUGHS.encode("cp037")
    ),
    "two encodings": Attack(
        DOCTYPE,
        lambda: f'<?xml version="1.0" encoding="UTF-8"?>{LAUGHS}'.encode("utf-16"),
    ),
    # Sizes
    "six megabytes": Attack("xml.too_large", lambda: b"x" * (6 * MB)),
    "depth 65": Attack(DEEP, lambda: nested(65)),
    "depth 300": Attack(DEEP, lambda: nested(300)),
    "depth 300 000": Attack(DEEP, lambda: b'<d id="f">' + b"<a>" * 300_000),
    "65 attributes": Attack(DEEP, lambda: attributes(64)),
    "450 000 attributes": Attack(DEEP, lambda: attributes(450_000)),
    "250 000 prefixes": Attack(DEEP, lambda: attributes(250_000, 'xmlns:a{}="u"')),
    "one million siblings": Attack(DEEP, lambda: b'<d id="f">' + b"<a/>" * MB + b"</d>"),
    "50 000 siblings of 20 attributes": Attack(
        DEEP,
        lambda: (
            b'<d id="f">' + (b"<a " + b"".join(b'a%d=""' % n for n in range(9)) + b"/>") * 50_000
        ),
    ),
    "a name of 4 MB": Attack(DEEP, lambda: b'<d id="f"><' + b"a" * (4 * MB) + b"/></d>"),
    "700 000 comments": Attack(DEEP, lambda: b'<d id="f">' + b"<!---->" * 700_000 + b"</d>"),
    "document type behind 700 000 comments": Attack(
        DOCTYPE, lambda: b"<!---->" * 700_000 + b'<!DOCTYPE d><d id="f"/>'
    ),
    # Not XML
    "nothing": Attack(BAD, lambda: b""),
    "cut short": Attack(BAD, lambda: b'<d id="f"><meta><instanceID>uuid:a</inst'),
    "a NUL": Attack(BAD, lambda: b'<d id="f">\0</d>'),
    "a forbidden character": Attack(BAD, lambda: b'<d id="f">&#x1;</d>'),
    "bytes that are no UTF-8": Attack(BAD, lambda: b'<d id="f">\xff\xfe\xed\xa0\x80</d>'),
    "half a UTF-16 letter": Attack("xml.encoding", lambda: b"\xff\xfe<\0d\0/\0>\0\0\xd8"),
    "an entity of nobody": Attack(BAD, lambda: b'<d id="f">&nobody;</d>'),
    "a picture": Attack(BAD, lambda: b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256))),
    "JSON": Attack(BAD, lambda: b'{"id": "f"}'),
    "two roots": Attack(BAD, lambda: b'<d id="f"/><d id="g"/>'),
    "an unbound prefix that repeats an attribute": Attack(BAD, lambda: b'<d id="f" id="g"/>'),
    # Harmless, and read
    "an inclusion": Attack(
        "",
        lambda: (
            b'<d id="f" xmlns:x="http://www.w3.org/2001/XInclude">'
            b'<x:include href="file:///etc/passwd" parse="text"/></d>'
        ),
    ),
    "a stylesheet": Attack("", lambda: b'<?xml-stylesheet href="file:///etc/passwd"?><d id="f"/>'),
    "a document type in a comment": Attack("", lambda: b'<d id="f"><!-- <!DOCTYPE d> --></d>'),
    "a document type in CDATA": Attack("", lambda: b'<d id="f"><![CDATA[<!DOCTYPE d>]]></d>'),
    "depth 64": Attack("", lambda: nested(64)),
    "63 attributes and an id": Attack("", lambda: attributes(63)),
    "one text of 4.9 MB": Attack("", lambda: b'<d id="f">' + b"x" * 4_900_000 + b"</d>"),
    "4.9 MB of references": Attack("", lambda: b'<d id="f">' + b"&#65;" * 980_000 + b"</d>"),
    "49 000 siblings": Attack("", lambda: b'<d id="f">' + b"<a/>" * 49_000 + b"</d>"),
}


def answer(xml: bytes) -> str:
    """Return the code of the Problem that reading `xml` raises, or ""."""
    try:
        found = instance.parse(xml)
        instance.answers(found.root, frozenset())
        instance.expected_files(found, frozenset())
    except Problem as problem:
        return problem.code
    return ""
