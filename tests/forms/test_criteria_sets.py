"""Rule books are dated facts: read from a file, never two of one series on one day."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.management import call_command

from server.forms import criteria_sets
from server.forms.criteria_sets import Book
from server.forms.models import CriteriaSet
from server.forms.rule_problems import CriteriaSetsOverlap, CriteriaSetUnreadable

HEADER = "code,series,title,legal_basis,valid_from,valid_to,is_verified"


def read(*lines: str) -> tuple[Book, ...]:
    return criteria_sets.read("\n".join((HEADER, *lines)))


def test_the_project_knows_six_rule_books_and_has_verified_none() -> None:
    assert [(book.code, book.is_verified) for book in criteria_sets.seeded()] == [
        ("NTM-2021-2025", False),
        ("NTM-2026-2030", False),
        ("DA8-2021-2025", False),
        ("ND03-2026-2030", False),
        ("KT-II6-2023", False),
        ("LDN-145-2020", False),
    ]


def test_a_book_may_follow_another_on_the_very_day() -> None:
    first, second = read("B,s,Sau,,2026-01-01,,yes", "A,s,Trước,QĐ 1,2021-01-01,2026-01-01,no")

    assert second == Book(
        "A", "s", "Trước", "QĐ 1", dt.date(2021, 1, 1), dt.date(2026, 1, 1), False
    )
    assert (first.valid_to, first.is_verified) == (None, True)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("A,s,T,,2021-01-01,2026-01-02,no", "B,s,T,,2026-01-01,2031-01-01,no"),
        ("A,s,T,,2021-01-01,,no", "B,s,T,,2026-01-01,,no"),
        ("A,s,T,,2021-01-01,2031-01-01,no", "B,s,T,,2022-01-01,2023-01-01,no"),
        ("A,s,T,,2021-01-01,2022-01-01,no", "B,s,T,,2021-01-01,2022-01-01,no"),
    ],
)
def test_two_books_of_one_series_on_one_day_are_refused(first: str, second: str) -> None:
    with pytest.raises(CriteriaSetsOverlap, match="A và B"):
        read(first, second)

    assert len(read(first, second.replace(",s,", ",other,"))) == 2


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("A,s,T,,2021,,no", "valid_from"),
        ("A,s,T,,2021-01-01,2021-13-01,no", "valid_to"),
        ("A,s,T,,2021-01-01,2021-01-01,no", "valid_to"),
        ("A,s,T,,2021-01-01,,có", "is_verified"),
        (",s,T,,2021-01-01,,no", "code"),
        ("A,,T,,2021-01-01,,no", "series"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(line: str, column: str) -> None:
    with pytest.raises(CriteriaSetUnreadable) as refused:
        read("Z,z,T,,2021-01-01,,no", line)

    assert (refused.value.details["line"], refused.value.details["column"]) == (3, column)


def test_a_doubled_code_and_another_header_are_refused() -> None:
    with pytest.raises(CriteriaSetUnreadable, match="dòng 3"):
        read("A,s,T,,2021-01-01,,no", "A,t,T,,2021-01-01,,no")
    with pytest.raises(CriteriaSetUnreadable, match="dòng 1"):
        criteria_sets.read("code,title\nA,T")


@pytest.mark.django_db
def test_loading_twice_changes_nothing_and_a_changed_book_is_written() -> None:
    books = criteria_sets.seeded()
    assert criteria_sets.load(books) == 6

    assert criteria_sets.load(books) == 0
    CriteriaSet.objects.filter(code="KT-II6-2023").update(title="Khác")
    out = io.StringIO()
    call_command("load_criteria_sets", stdout=out)

    assert out.getvalue() == "Bộ tiêu chí: 6 bộ (1 mới hoặc thay đổi).\n"


@pytest.mark.django_db
def test_a_book_of_this_server_alone_stays_and_may_not_overlap_either() -> None:
    mine = read("RIENG,rieng,Của tỉnh,,2021-01-01,,no")
    criteria_sets.load(mine)
    criteria_sets.load(criteria_sets.seeded())
    assert CriteriaSet.objects.filter(code="RIENG").exists()

    with pytest.raises(CriteriaSetsOverlap):
        criteria_sets.load(read("RIENG2,rieng,Của tỉnh,,2022-01-01,,no"))

    assert not CriteriaSet.objects.filter(code="RIENG2").exists()
