"""The tables of a form, over all its versions."""

from __future__ import annotations

from server.forms.schema import Field, Schema
from server.reports.rows import Layout, merged


def test_what_was_a_repeat_and_is_a_group_breaks_no_table() -> None:
    once = Schema((Field("r/x", "x", "string"), Field("a/b", "b", "string")))
    often = Schema(
        (
            Field("r", "r", "repeat", is_repeat=True),
            Field("r/x", "x", "string", repeat="r"),
            Field("r/y", "y", "string", repeat="r"),
            Field("a", "a", "string"),
            Field("gone", "gone", "string"),
        )
    )
    xml = b"<d><r><x>1</x><y>2</y></r><r><x>3</x></r><a>4</a><gone>5</gone></d>"

    whole = merged(once, [often])

    assert [field.path for field in whole.fields] == ["r/x", "gone", "a/b"]
    assert Layout(whole).read(xml, "uuid:1") == [[["1", "5", ""]]]
