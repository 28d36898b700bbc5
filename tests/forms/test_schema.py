"""The questions of a form, and the files it needs, as read from the XForm that phones get."""

from __future__ import annotations

import json

import pytest

from server.forms import expected, schema, xform
from server.forms.compile import compile_workbook
from server.forms.expected import ExpectedFile
from server.forms.problems import FormUnusable, SearchUnreadable
from server.forms.schema import Choice, Field, Schema
from server.xml import XmlDoctype
from tests.forms import tables
from tests.forms.tables import SURVEY_HEADER

SURVEY = (
    SURVEY_HEADER,
    ("audit", "audit"),
    ("begin_group", "h", "Chung"),
    ("date", "h_date", "Ngày", None, None, "public"),
    ("end_group",),
    ("select_multiple ynu", "many", "Nhiều", None, None, "restricted", "A1"),
    ("begin_repeat", "z_photo", "Ảnh"),
    ("begin_group", "g", "Nhóm"),
    ("image", "zp_img", "Chụp ${h_date}"),
    ("begin_repeat", "deep", "Sâu"),
    ("decimal", "figure", "Số"),
    ("end_repeat",),
    ("end_group",),
    ("end_repeat",),
    ("select_one_from_file communes.csv", "h_commune", "Xã"),
    ("select_one ynu", "plan", "Kế hoạch"),
    ("select_one ev4", "plan_ev", "Căn cứ"),
    ("calculate", "f_a1"),
    ("calculate", "z_result"),
)


def read() -> Schema:
    compiled = compile_workbook(tables.form(survey=SURVEY))
    return schema.read(compiled.xform, compiled.extras)


def test_questions_and_repeats_are_known_by_path_in_the_order_of_the_form() -> None:
    fields = read().fields

    assert [(f.path, f.type, f.repeat) for f in fields] == [
        ("h/h_date", "date", ""),
        ("many", "string", ""),
        ("z_photo", "repeat", ""),
        ("z_photo/g/zp_img", "binary", "z_photo"),
        ("z_photo/g/deep", "repeat", "z_photo"),
        ("z_photo/g/deep/figure", "decimal", "z_photo/g/deep"),
        ("h_commune", "string", ""),
        ("plan", "string", ""),
        ("plan_ev", "string", ""),
        ("f_a1", "string", ""),
        ("z_result", "string", ""),
        ("meta/audit", "binary", ""),
        ("meta/instanceID", "string", ""),
    ]
    assert [f.path for f in fields if f.is_repeat] == ["z_photo", "z_photo/g/deep"]
    assert [f.path for f in fields if f.is_binary] == ["z_photo/g/zp_img", "meta/audit"]


def test_a_question_carries_what_the_workbook_says_about_it() -> None:
    many = next(f for f in read().fields if f.name == "many")

    assert many == Field(
        path="many",
        name="many",
        type="string",
        is_multiple=True,
        label={"vi": "Nhiều"},
        choice_list="ynu",
        sensitivity="restricted",
        evidence_for=("A1",),
    )


def test_a_label_names_the_questions_that_it_quotes() -> None:
    image = next(f for f in read().fields if f.name == "zp_img")

    assert image.label == {"vi": "Chụp ${h_date}"}


def test_choices_are_kept_by_list_and_those_of_files_are_not() -> None:
    found = read()

    commune = next(f for f in found.fields if f.name == "h_commune")
    assert found.choices["ynu"][0] == Choice("yes", {"vi": "Có"})
    assert set(found.choices) == {"ynu", "ev4"}
    assert (commune.choice_list, found.choice_names(commune)) == ("", frozenset())


def test_a_form_in_one_language_without_a_name_is_vietnamese() -> None:
    survey = (("type", "name", "label"), ("select_one yn", "q", "Hỏi"))
    choices = (("list_name", "name", "label"), ("yn", "yes", "Có"))
    compiled = compile_workbook(tables.form(survey, choices, findings=()))

    found = schema.read(compiled.xform)

    assert found.fields[0].label == {"vi": "Hỏi"}
    assert found.choices == {"yn": (Choice("yes", {"vi": "Có"}),)}


def test_a_schema_survives_the_database() -> None:
    found = read()

    again = schema.load(json.loads(json.dumps(schema.dump(found))))

    assert again == found


FORM = """<?xml version="1.0"?>
<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml">
 <h:head><h:title>{title}</h:title><model>
  <itext><translation lang="vi">{itext}</translation></itext>
  <instance><data id="{id}" version="1"><q>{default}</q></data></instance>
  {model}<bind nodeset="/data/q"/>
 </model></h:head>
 <h:body>{body}</h:body>
</h:html>"""


def written(**parts: str) -> bytes:
    """Return an XForm as somebody might write it by hand."""
    blank = {"title": "T", "itext": "", "id": "f", "default": "", "model": "", "body": ""}
    return FORM.format(**{**blank, **parts}).encode()


def test_inline_choices_belong_to_their_question() -> None:
    item = "<item><label>Có</label><value>yes</value></item>"

    found = schema.read(written(body=f'<select1 ref="/data/q"><label>Q</label>{item}</select1>'))

    assert found.fields[0].choice_list == "q"
    assert found.choices == {"q": (Choice("yes", {"vi": "Có"}),)}


def value(form: str, text: str) -> str:
    return f'<text id="x"><value form="{form}">{text}</value></text>'


def instance(src: str) -> str:
    return f'<instance id="x" src="{src}"/>'


def select(appearance: str) -> str:
    return f'<select1 ref="/data/q" appearance="{appearance}"><label/></select1>'


@pytest.mark.parametrize(
    ("parts", "files"),
    [
        ({}, []),
        ({"model": instance("jr://file/a.geojson")}, [("a.geojson", "file")]),
        ({"model": instance("jr://file-csv/a.csv")}, [("a.csv", "file")]),
        ({"model": instance("jr://images/a.xml")}, [("a.xml", "file")]),
        ({"model": instance("jr://audio/a.xml")}, [("a.xml", "file")]),
        ({"model": instance("jr://video/a.xml")}, [("a.xml", "file")]),
        ({"model": instance("jr://instance/last-saved")}, []),
        ({"model": instance("jr://file/a/b.csv")}, []),
        ({"model": instance("https://example.org/a.csv")}, []),
        ({"itext": value("image", "jr://images/a.png")}, [("a.png", "image")]),
        ({"itext": value("big-image", "jr://images/a.png")}, [("a.png", "image")]),
        ({"itext": value("audio", "jr://audio/a.mp3")}, [("a.mp3", "audio")]),
        ({"itext": value("video", "jr://video/a.mp4")}, [("a.mp4", "video")]),
        ({"itext": value("file", "jr://file/a.csv")}, []),
        ({"itext": value("short", "jr://images/a.png")}, []),
        ({"itext": value("image", "jr://images/a/b.png")}, []),
        ({"itext": value("image", "jr://images/a.png") * 2}, [("a.png", "image")]),
        ({"default": "jr://images/d.png"}, [("d.png", "image")]),
        ({"default": "xem jr://images/d.png"}, []),
        ({"body": select("search('towns')")}, [("towns.csv", "file")]),
        ({"body": select("minimal search('towns', 'matches', 'a', 'b')")}, [("towns.csv", "file")]),
        ({"body": select("search( 'towns.csv' )")}, [("towns.csv", "file")]),
        ({"body": select("search(' towns ')")}, [("towns.csv", "file")]),
        ({"body": select("search(&quot;towns&quot;)")}, [("towns.csv", "file")]),
        ({"body": select("minimal")}, []),
        ({"body": '<input ref="/data/q" query="instance(1)"/>'}, [("itemsets.csv", "file")]),
        ({"body": '<input ref="/data/q"/>'}, []),
    ],
)
def test_a_form_expects_the_files_that_central_would(
    parts: dict[str, str], files: list[tuple[str, str]]
) -> None:
    assert expected.read(written(**parts)) == tuple(ExpectedFile(*file) for file in files)


@pytest.mark.parametrize("appearance", ["search('towns)", "search(towns)", "search('towns'"])
def test_a_search_whose_quotes_do_not_close_is_refused(appearance: str) -> None:
    with pytest.raises(SearchUnreadable):
        expected.read(written(body=select(appearance)))


@pytest.mark.parametrize(
    "parts",
    [
        {"title": " "},
        {"id": ""},
        {"model": '<submission action="https://example.org/submission" method="post"/>'},
    ],
    ids=["no title", "no id", "submission elsewhere"],
)
def test_a_form_that_a_phone_would_refuse_or_send_elsewhere_is_refused(
    parts: dict[str, str],
) -> None:
    with pytest.raises(FormUnusable) as refused:
        xform.parse(written(**parts))

    assert refused.value.sentence("en")


def test_a_form_without_a_body_is_refused() -> None:
    with pytest.raises(FormUnusable):
        xform.parse(b"<h:html xmlns:h='http://www.w3.org/1999/xhtml'><h:head/></h:html>")


def test_a_doctype_is_refused_before_anything_else_reads_the_form() -> None:
    with pytest.raises(XmlDoctype):
        schema.read(b'<!DOCTYPE x SYSTEM "http://example.org/x">' + written())
