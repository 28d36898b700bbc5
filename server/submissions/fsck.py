"""Compare the stores with the rows, both ways, and each copy with its name.

By the beginnings of their names, a part of all blobs at a time: neither the rows' nor the store's
list is ever held whole, and what comes and goes meanwhile is compared with a list that is young.
Files come before the rows that name them and go after them; so the rows of a part are read first,
then the places in the order in which a blob moves through them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import product

from django.utils import timezone

from server import blobs, stores
from server.blobs import StorageUnavailable
from server.listing import Stored
from server.stores import CACHE, SPOOL, STORE
from server.submissions import named as rows
from server.submissions import thumbnails
from server.submissions.models import SubmissionAttachment
from server.submissions.named import Named

# With more files than this a part holds those whose names share two digits, not one.
_MANY = 500_000
_DIGITS = "0123456789abcdef"


class Kind(StrEnum):
    """What can be wrong."""

    MISSING = "missing"  # a row names it and no place has it
    WRONG = "wrong"  # its bytes are not those of its name
    UNREADABLE = "unreadable"  # the store lists it and cannot give it, though it answers otherwise
    SIZE = "size"  # a row says another length than it has
    ROW = "row"  # what a row holds is not what the hash beside it says
    ORPHAN = "orphan"  # no row names it, and no put has touched it for a day: the sweep's
    STRANGE = "strange"  # a name that `blobs.put` gives to nothing


LOSSES = frozenset({Kind.MISSING, Kind.WRONG, Kind.UNREADABLE, Kind.SIZE, Kind.ROW})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong."""

    kind: Kind
    name: str  # SHA-256 or, of what is strange, the name in its place
    place: str = ""  # default (the store), spool or cache; "" for rows
    model: str = ""  # of a row that names it or holds it
    pk: str = ""
    is_mended: bool = False


@dataclass(slots=True)
class Fsck:
    """One look at everything.

    reads: every copy is read through; otherwise only lengths are compared.
    mend: what to do about a loss, telling whether it is one no more. None: nothing.
    """

    reads: bool = True
    mend: Callable[[Finding], bool] | None = None
    files: int = 0  # looked at
    bytes: int = 0

    def findings(self) -> Iterator[Finding]:
        """Give what is wrong as it is found. Raises StorageUnavailable."""
        for finding in self._all():
            is_mended = bool(self.mend and finding.kind in LOSSES and self.mend(finding))
            yield replace(finding, is_mended=is_mended)

    def _all(self) -> Iterator[Finding]:
        width = 2 if SubmissionAttachment.objects.count() > _MANY else 1
        for digits in product(_DIGITS, repeat=width):
            yield from self._part("".join(digits))
        yield from self._strange()
        for row in rows.rows_that_differ():
            yield Finding(Kind.ROW, row.sha256, model=row.model, pk=row.pk)

    def _part(self, beginning: str) -> Iterator[Finding]:
        named = rows.blobs_named(beginning)
        seen: set[str] = set()
        for place in (place for place in (SPOOL, STORE, CACHE) if place in stores.places()):
            for stored in stores.listed(place, beginning):
                sha256 = stored.sha256
                if not sha256:
                    yield Finding(Kind.STRANGE, stored.name, place)
                    continue
                if place != CACHE:  # it forgets as it likes
                    seen.add(sha256)
                yield from self._copy(place, stored, named)
        yield from _missing(sorted(named.keys() - seen), beginning)

    def _copy(self, place: str, stored: Stored, named: Mapping[str, Named]) -> Iterator[Finding]:
        self.files += 1
        sha256, row = stored.sha256, named.get(stored.sha256)
        model, pk = (row.model, row.pk) if row else ("", "")
        size = stored.size
        if self.reads:
            try:
                found = stores.measured(place, sha256)
            except StorageUnavailable:
                stores.check_answers(place)
                yield Finding(Kind.UNREADABLE, sha256, place, model, pk)
                return
            if found is None:
                return  # gone since it was listed
            self.bytes += found.size
            if found.sha256 != sha256:
                yield Finding(Kind.WRONG, sha256, place, model, pk)
                return
            size = found.size
        if row and row.size is not None and row.size != size:
            kind = Kind.SIZE if self.reads else Kind.WRONG
            yield Finding(kind, sha256, place, model, pk)
        if row is None and place != SPOOL and stored.modified < timezone.now() - blobs.GRACE:
            yield Finding(Kind.ORPHAN, sha256, place)

    def _strange(self) -> Iterator[Finding]:
        """Give what lies under names that no part begins with."""
        for place in stores.places():
            for name in stores.other_beginnings(place, _DIGITS):
                yield Finding(Kind.STRANGE, name, place)


def _missing(absent: Sequence[str], beginning: str) -> Iterator[Finding]:
    """Give those of some blobs that are named and absent still: rows and files go meanwhile."""
    named = rows.blobs_named(beginning) if absent else {}
    for sha256 in absent:
        row = named.get(sha256)
        if row is not None and not blobs.exists(sha256):
            yield Finding(Kind.MISSING, sha256, STORE, row.model, row.pk)


def safely(finding: Finding) -> bool:
    """Mend what can be made right from what is certain; tell whether it is.

    A right copy elsewhere takes the place of a wrong or lost one; a wrong copy in the cache goes,
    and is fetched anew; small photos are made anew; what is wrong and named by nobody goes, lest a
    `put` take it for whole. Nothing else: of a photo whose bytes are wrong, they are all that is
    left.
    """
    if finding.kind not in (Kind.WRONG, Kind.MISSING, Kind.UNREADABLE):
        return False
    if finding.place == CACHE:
        stores.discard(CACHE, finding.name)
        return True
    if finding.place != STORE:
        return False
    if finding.model == rows.MADE_ANEW:
        # In this order: while there is a row nobody makes them, so that none comes between.
        stores.discard(STORE, finding.name)
        thumbnails.forget(finding.pk)
        return True
    if stores.mend(finding.name):
        return True
    if not finding.model and finding.kind == Kind.WRONG:
        stores.discard(STORE, finding.name)
        return True
    return False
