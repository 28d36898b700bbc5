"""What a spreadsheet would run is text."""

from __future__ import annotations

import pytest

from server.reports.cells import guard_all, guarded


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("=1", "'=1"),
        ("-5", "-5"),
        # Opened with another separator than it was written with, a text becomes several cells.
        ("x;=1+1", "x;'=1+1"),
        ('x, "@SUM(1)', "x, \"'@SUM(1)"),
        ("dòng 1\n=3", "dòng 1\n'=3"),
        ("x;-1+cmd|'/c calc'!A1", "x;'-1+cmd|'/c calc'!A1"),
        ("x\t+HYPERLINK(1)", "x\t'+HYPERLINK(1)"),
        ("gồm:\n- mục một (1); - mục hai", "gồm:\n- mục một (1); - mục hai"),
        ("a=b, c = d (e)", "a=b, c = d (e)"),
    ],
)
def test_no_part_of_a_text_is_run(cell: str, told: str) -> None:
    row = ["x", cell]

    guard_all(row)

    assert [guarded(cell), row[1]] == [told, told]
