"""What ODK Web Forms cannot evaluate is said otherwise, and nothing else is touched."""

from __future__ import annotations

import pytest

from server.forms.for_web_forms import readable


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (
            "date(decimal-date-time( /data/h/h_date ) + 365)",
            "date(decimal-date-time(string(/data/h/h_date)) + 365)",
        ),
        ("date(../d_1) &lt; date( . )", "date(string(../d_1)) &lt; date(string(.))"),
        ("decimal-date-time(./ngày)", "decimal-date-time(./ngày)"),  # no name that workbooks make
    ],
)
def test_dates_of_answers_are_made_of_their_text(written: str, told: str) -> None:
    assert readable(written.encode()).decode() == told


@pytest.mark.parametrize(
    "written",
    [
        "date('2023-01-01')",
        "format-date( /data/h/h_date , '%Y')",
        "x-date(/data/d)",
        "date(if(/data/d, '', ''))",
        "today()",
    ],
)
def test_what_it_can_evaluate_stays(written: str) -> None:
    assert readable(written.encode()).decode() == written
