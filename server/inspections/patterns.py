"""Which cells of tables of sensitive counts are hidden, kept so that nobody waits for the search.

It takes a second or two of a year's tables (bench/figures.py). A worker makes it when what is
published has changed (`ahead`); whoever asks finds it, or, having come before the worker, works it
out. Both get the same: what is kept is looked up by all that it hangs on.

A digest of small counts could be tried out by whoever has it, so it is keyed (SECRET_KEY); what is
kept under it is one letter for each printed cell.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import lru_cache

from django.utils import timezone
from django.utils.crypto import salted_hmac

from server.inspections.models import HiddenCells
from server.inspections.suppression import Mark
from server.inspections.suppression_table import Table, suppressed

# Another number when the search hides otherwise: what an older one found is not used any more.
SEARCH = 2
KEPT_FOR = dt.timedelta(days=30)  # then it is worked out anew
# Of those asked for last, in each process: some 100 KB each. A form's year is one to four of them.
_TABLES = 64
_LETTERS = {Mark.SHOWN: "=", Mark.SMALL: "<", Mark.HIDDEN: "x", Mark.MISSING: "-"}
_MARKS = {letter: mark for mark, letter in _LETTERS.items()}


@lru_cache(maxsize=_TABLES)
def hidden(table: Table) -> Sequence[Mark]:
    """Return how each printed cell of a table prints; writes nothing."""
    kept = HiddenCells.objects.filter(pk=digest(table.text()))
    letters = kept.values_list("marks", flat=True).first()
    if letters is None:
        return suppressed(table)
    return tuple(_MARKS[letter] for letter in letters)


def keep(table: Table) -> Sequence[Mark]:
    """Return the same, and keep it for whoever asks after us."""
    marks = hidden(table)
    letters = "".join(_LETTERS[mark] for mark in marks)
    HiddenCells.objects.bulk_create(
        [HiddenCells(pk=digest(table.text()), marks=letters)], ignore_conflicts=True
    )
    return marks


def digest(text: str) -> str:
    """Return what something is known by here."""
    return salted_hmac(f"hidden cells {SEARCH}", text, algorithm="sha256").hexdigest()


def forget_old() -> int:
    """Remove what was made long ago, so that nothing gathers; return how many."""
    return HiddenCells.objects.filter(made_at__lt=timezone.now() - KEPT_FOR).delete()[0]
