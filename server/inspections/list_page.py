"""Lists a page at a time: numbered for people, from any row on for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet

PAGE = 50  # rows
R = TypeVar("R")
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """Some of the rows that were asked for."""

    rows: tuple[R, ...]
    total: int
    number: int  # from 1; the last one where a later one was asked for
    pages: int  # 1 also where there is nothing

    @property
    def first(self) -> int:
        """Return the place of the first row among all, from 1."""
        return (self.number - 1) * PAGE + 1

    @property
    def last(self) -> int:
        """Return the place of the last row among all."""
        return self.first + len(self.rows) - 1


def cut(total: int, number: int, read: Callable[[slice], Iterable[R]]) -> Page[R]:
    """Return one page of a list. read: gives the rows of a part of it."""
    pages = max(1, -(-total // PAGE))
    number = min(max(number, 1), pages)
    start = (number - 1) * PAGE
    return Page(tuple(read(slice(start, start + PAGE))), total, number, pages)


def skipped(found: QuerySet[M], many: int) -> QuerySet[M]:
    """Return what comes after the first `many` rows.

    found: by falling number. Of those that are skipped the numbers alone are read, where OFFSET
    would put each of them together with all that is joined to it.
    """
    if not many:
        return found
    begin = list(found.values_list("pk", flat=True)[many : many + 1])
    return found.filter(pk__lte=begin[0]) if begin else found.none()
