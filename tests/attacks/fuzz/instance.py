"""Fuzz the reader of filled-in forms."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import atheris
from lxml import etree

from server.errors import Problem
from tests.attacks.fuzz import fuzzing

with atheris.instrument_imports(include=["server.xml", "server.submissions.instance"]):
    from server.submissions import instance

FILLED = (
    '<data id="household" version="1" xmlns:orx="http://openrosa.org/xforms">'
    "<head>Nguyễn</head><r><photo>1.jpg</photo><s><n>1</n></s></r><r><photo>2.jpg</photo></r>"
    "<orx:meta><orx:instanceID>uuid:1</orx:instanceID><orx:deprecatedID>uuid:0</orx:deprecatedID>"
    "<instanceName>Lan</instanceName><audit>audit.csv</audit></orx:meta></data>"
)
SEEDS = (
    FILLED.encode(),
    FILLED.encode("utf-16"),
    f'<?xml version="1.0" encoding="windows-1252"?><!-- c -->{FILLED}'.encode("cp1252", "replace"),
    b'<data id="f" encrypted="yes"><media><file>1.jpg.enc</file></media><meta><instanceID>1'
    b"</instanceID></meta><encryptedXmlFile>s.xml.enc</encryptedXmlFile></data>",
    b'<d id="f"><![CDATA[<!DOCTYPE d>]]><a>&#65;&amp;</a></d>',
)
WORDS = (
    b"<!DOCTYPE d [<!ENTITY x 'y'>]>", b"&x;", b"&#0;", b"&#x1F600;", b"&#13;", b"<!--", b"-->",
    b"<?", b"?>", b"<![CDATA[", b"]]>", b'xmlns:a="u"', b'encoding="UTF-7"', b'encoding="latin-1"',
    b"<meta>", b"</meta>", b"<instanceID>", b"</instanceID>", b'encrypted="yes"', b"\xef\xbb\xbf",
    b"\xff\xfe", b"\xfe\xff", b"\0", b"e\xcc\x81", b"\xed\xa0\x80", b"<file>", b"<r>", b"</r>",
    b"<photo>",
)  # fmt: skip
REPEATS = frozenset({"r", "r/s"})
PHOTOS = frozenset({"r/photo"})


def check(data: bytes) -> None:
    """Refuse with a Problem, or read text that can be kept, the same in another encoding."""
    try:
        found = instance.parse(data)
    except Problem:
        return

    assert found.root.getroottree().docinfo.internalDTD is None
    assert found.form_id and max(len(found.instance_id), len(found.deprecated_id)) <= 255
    assert all(is_storable(text) for text in meaning(found))
    # The stubs do not know that only encoding=str gives text.
    again = instance.parse(etree.tostring(found.root, encoding="utf-16"))  # type: ignore[arg-type]
    assert list(meaning(again)) == list(meaning(found))


def meaning(found: instance.Instance) -> Iterator[str]:
    """Give everything that is read from an instance, as text."""
    yield from (found.form_id, found.version, found.instance_id, found.deprecated_id)
    yield found.instance_name
    yield from instance.expected_files(found, PHOTOS)
    read = instance.answers(found.root, REPEATS)
    rows = [read.flat, *(row for path in sorted(read.repeats) for row in read.repeats[path])]
    for row in rows:
        yield from row
        yield from row.values()
        assert all(unicodedata.is_normalized("NFC", text) for text in row.values())
        assert all(text == text.strip() for text in row.values())


def is_storable(text: str) -> bool:
    """Tell whether PostgreSQL can hold it: UTF-8 and no NUL."""
    return "\0" not in text and text.encode().decode() == text


if __name__ == "__main__":
    fuzzing.run(check, SEEDS, WORDS, longest=3000)
