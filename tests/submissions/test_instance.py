"""Reading one filled-in form, without a database (openrosa.md §4.3, §4.9)."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from server.submissions import instance
from server.submissions.problems import (
    EncryptedWithoutId,
    FormIdMissing,
    IdAmbiguous,
    IdTooLong,
)
from server.xml import XmlMalformed

IDS = "<instanceID>uuid:a</instanceID><deprecatedID>uuid:z</deprecatedID>"


@pytest.mark.parametrize(
    "body",
    [
        f"<meta>{IDS}</meta>",
        f'<orx:meta xmlns:orx="http://openrosa.org/xforms">{IDS}</orx:meta>',
        f'<meta xmlns="http://openrosa.org/xforms">{IDS}</meta>',
        '<x:meta xmlns:x="urn:whatever"><x:instanceID> uuid:a\n</x:instanceID>'
        "<deprecatedID>uuid:z</deprecatedID></x:meta>",
    ],
)
def test_ids_are_found_under_any_prefix_and_namespace(body: str) -> None:
    found = instance.parse(f'<data id="f" version="3">{body}</data>'.encode())

    assert (found.instance_id, found.deprecated_id) == ("uuid:a", "uuid:z")
    assert (found.form_id, found.version) == ("f", "3")


def test_an_id_right_under_the_root_is_found_where_meta_has_none() -> None:
    found = instance.parse(b'<data id="f"><instanceID>uuid:a</instanceID></data>')

    assert found.instance_id == "uuid:a"


def test_an_id_in_meta_goes_before_a_question_of_the_same_name() -> None:
    found = instance.parse(
        b'<data id="f"><instanceID>no</instanceID><meta><instanceID>a</instanceID></meta></data>'
    )

    assert found.instance_id == "a"


def test_what_is_not_said_is_empty() -> None:
    found = instance.parse(b'<data id="f"/>')

    assert (found.version, found.instance_id, found.deprecated_id, found.instance_name) == (
        *("", "", "", ""),
    )
    assert not found.is_encrypted


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_any_unicode_encoding_is_read(encoding: str) -> None:
    xml = f'<?xml version="1.0"?><data id="f"><meta>{IDS}</meta><h>Đồng Hỷ</h></data>'

    found = instance.parse(xml.encode(encoding))

    assert instance.answers(found.root, frozenset()).flat["h"] == "Đồng Hỷ"


def test_the_name_of_an_instance_is_composed() -> None:
    name = unicodedata.normalize("NFD", "Xã Đồng Hỷ")

    found = instance.parse(
        f'<d id="f"><meta><instanceName>{name}</instanceName></meta></d>'.encode()
    )

    assert found.instance_name == "Xã Đồng Hỷ"


def test_a_root_without_id_is_refused() -> None:
    with pytest.raises(FormIdMissing):
        instance.parse(b"<data><meta/></data>")


def test_two_different_ids_are_refused() -> None:
    ids = b"<instanceID>a</instanceID><instanceID>b</instanceID>"

    with pytest.raises(IdAmbiguous, match="instanceID"):
        instance.parse(b'<data id="f"><meta>' + ids + b"</meta></data>")


def test_an_id_that_does_not_fit_is_refused_and_not_cut() -> None:
    with pytest.raises(IdTooLong):
        instance.parse(f'<d id="f"><meta><instanceID>{"a" * 256}</instanceID></meta></d>'.encode())


def test_xml_cut_short_is_refused() -> None:
    with pytest.raises(XmlMalformed):
        instance.parse(b'<data id="f"><meta><instanceID>uui')


@pytest.mark.parametrize(
    "namespace",
    ["http://www.opendatakit.org/xforms/encrypted", "http://opendatakit.org/submissions", ""],
)
def test_an_encrypted_instance_is_known_by_its_attribute(namespace: str) -> None:
    found = instance.parse(
        f'<data xmlns="{namespace}" id="f" encrypted="yes"><meta>{IDS}</meta></data>'.encode()
    )

    assert found.is_encrypted
    assert found.instance_id == "uuid:a"


def test_an_encrypted_instance_without_id_is_refused() -> None:
    with pytest.raises(EncryptedWithoutId):
        instance.parse(b'<data id="f" encrypted="yes"/>')


def test_answers_are_flat_by_path_with_repeats_apart() -> None:
    root = etree.fromstring(
        """<data id="f"><h><h_date> 2026-05-04 </h_date><blank/></h>
        <people><name>Lan</name><child><age>3</age></child><child><age>5</age></child></people>
        <people><name>Mai</name></people></data>"""
    )

    answers = instance.answers(root, frozenset({"people", "people/child", "never"}))

    assert answers.flat == {"h/h_date": "2026-05-04", "h/blank": ""}
    assert answers.repeats == {
        "people": ({"people/name": "Lan"}, {"people/name": "Mai"}),
        "people/child": ({"people/child/age": "3"}, {"people/child/age": "5"}),
        "never": (),
    }


def test_of_an_element_that_stands_twice_and_is_no_repeat_the_first_counts() -> None:
    root = etree.fromstring("<data><a>1</a><a>2</a></data>")

    assert instance.answers(root, frozenset()).flat == {"a": "1"}


names = st.sampled_from(["a", "b", "h_date", "ảnh", "_x", "orx:m"])
texts = st.text(st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"))
trees: st.SearchStrategy[list[object]] = st.recursive(
    texts.map(lambda text: [text]),
    lambda inner: st.lists(st.tuples(names, inner), max_size=5).map(list),
    max_leaves=40,
)


@given(tree=trees, data=st.data())
def test_every_answer_of_any_tree_is_found_once_where_it_stands(
    tree: list[object], data: st.DataObject
) -> None:
    root = etree.Element("data", id="f", nsmap={"orx": "http://openrosa.org/xforms"})
    grow(root, tree)
    paths = sorted({path for path, _ in leaves(root)} | {path for path, _ in groups(root)})
    some_paths = st.frozensets(st.sampled_from(paths)) if paths else st.just(frozenset())
    repeats, known = data.draw(some_paths), data.draw(some_paths)

    found = instance.parse(etree.tostring(root, encoding="utf-8"))
    answers = instance.answers(found.root, repeats)

    rows = [answers.flat, *(row for rows in answers.repeats.values() for row in rows)]
    read = {(path, text) for row in rows for path, text in row.items()}
    written = {(path, unicodedata.normalize("NFC", text.strip())) for path, text in leaves(root)}
    assert read <= written
    assert {path for path, _ in read} == {path for path, _ in written}
    assert {path: len(rows) for path, rows in answers.repeats.items()} == {
        path: sum(1 for at, _ in [*leaves(root), *groups(root)] if at == path) for path in repeats
    }
    assert instance.answers(found.root, repeats, instance.steps_to(known)) == answers


def grow(element: etree._Element, tree: list[object]) -> None:
    """Write a drawn tree under an element: a text, or named children."""
    for part in tree:
        if isinstance(part, str):
            element.text = part
        elif isinstance(part, tuple):
            name = part[0].replace("orx:", "{http://openrosa.org/xforms}")
            grow(etree.SubElement(element, name), part[1])


def leaves(root: etree._Element) -> list[tuple[str, str]]:
    return [(path_of(e), e.text or "") for e in root.iter() if e is not root and not len(e)]


def groups(root: etree._Element) -> list[tuple[str, str]]:
    return [(path_of(e), "") for e in root.iter() if e is not root and len(e)]


def path_of(element: etree._Element) -> str:
    above = list(element.iterancestors())[-2::-1]
    return "/".join(etree.QName(e).localname for e in (*above, element))
