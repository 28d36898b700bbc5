"""CSV that is written and counted by hand, held against Python's own."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest

from server.csv_rows import RowWriter
from server.reports import verified
from server.reports.verified import Broken

ROWS = (
    ["a", "", "Đồng Hỷ"],
    ["a,b", "a;b", "c"],
    ['say "no"', "two\nlines", "and\r\nmore"],
    [""],
    ["", ""],
    [" a", "b "],
    ["'=1", "#", "|"],
)


@pytest.mark.parametrize(("separator", "end"), [(",", "\n"), (";", "\r\n")])
def test_rows_are_as_the_csv_module_writes_them(separator: str, end: str) -> None:
    ours, theirs = io.StringIO(newline=""), io.StringIO(newline="")

    RowWriter(ours, separator, end).rows(ROWS)

    csv.writer(theirs, delimiter=separator, lineterminator=end).writerows(ROWS)
    assert ours.getvalue() == theirs.getvalue()


@pytest.mark.parametrize(("separator", "end"), [(",", "\n"), (";", "\r\n")])
def test_a_carriage_return_in_an_answer_begins_no_row(separator: str, end: str) -> None:
    rows = [["a", "một\rhai", ""], ["b", "\r", "c"], ["d", "ba\r\nbốn", "e"]]
    out = io.StringIO(newline="")

    RowWriter(out, separator, end).rows(rows)

    lines = io.StringIO(out.getvalue(), newline="")
    assert list(csv.reader(lines, delimiter=separator)) == rows


def packed(text: str) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.csv", text)
    return out


@pytest.mark.parametrize("piece", [1, 2, 7, 1_000])
def test_rows_are_counted_with_the_lines_within_their_cells(
    piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verified, "_PIECE", piece)
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(ROWS)

    whole, cut = packed(text.getvalue()), packed(text.getvalue().removesuffix("\n"))

    assert verified.csv_zip(whole) == verified.csv_zip(cut) == {"a.csv": len(ROWS) - 1}


def test_a_table_that_breaks_off_within_a_cell_is_broken() -> None:
    with pytest.raises(Broken):
        verified.csv_zip(packed('a,b\n"c'))
