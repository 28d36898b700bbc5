"""An instance is spelled as its form, so that an engine finds whose edit it is."""

from __future__ import annotations

from server.submissions.respelled import as_in_form


def test_what_phones_call_orx_meta_is_called_as_in_the_form_and_nothing_else_changes() -> None:
    form = b"""<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml">
      <h:head><h:title>T</h:title><model><instance><data id="f" version="1"><a><q/></a>
      <meta><instanceID/></meta></data></instance></model></h:head><h:body/></h:html>"""
    sent = (
        '<data id="f" version="1" xmlns:orx="http://openrosa.org/xforms"><a><q> Đ &amp; x </q></a>'
        '<khac n="1">giữ</khac><orx:meta><orx:instanceID>uuid:1</orx:instanceID></orx:meta></data>'
    )

    spelled = as_in_form(sent.encode(), form).decode()

    assert spelled.split("\n", 1)[1] == (
        '<data id="f" version="1"><a><q> Đ &amp; x </q></a>'
        '<khac n="1">giữ</khac><meta><instanceID>uuid:1</instanceID></meta></data>'
    )


def test_a_form_that_says_orx_itself_keeps_it() -> None:
    form = b"""<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
      xmlns:o="http://openrosa.org/xforms"><h:head><h:title>T</h:title><model><instance>
      <data id="f"><o:meta><o:instanceID/></o:meta></data></instance></model></h:head>
      <h:body/></h:html>"""
    sent = b'<data id="f"><meta><instanceID>uuid:1</instanceID></meta></data>'

    assert b'"http://openrosa.org/xforms"' in as_in_form(sent, form)
