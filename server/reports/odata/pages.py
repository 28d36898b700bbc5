"""Pages of a feed: which submissions, their rows, and the JSON around them, piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet

from server.forms import schema
from server.forms.models import Draft, Form, FormVersion
from server.inspections.judged_list import JudgedList
from server.inspections.list_page import skipped
from server.inspections.whole_list import WholeList
from server.reports.odata import asked as options
from server.reports.odata import derived, filters
from server.reports.odata.asked import Address, Asked, Start
from server.reports.odata.conditions import DELETED, ON_REPEATS, by_index, condition, order
from server.reports.odata.frames import Place, frame, place_of, rows
from server.reports.odata.narrowing import with_first
from server.reports.odata.sources import Kept, Source
from server.reports.odata.tables import Table, tables, tree
from server.reports.odata.values import quoted

CHUNK = 500  # submissions that are read at once: three megabytes of XML or so
_PIECE = 64_000  # characters that are sent at once


@dataclass(frozen=True, slots=True)
class Page:
    """What is told: of some submissions, the rows of a table that an address and options name."""

    source: Source
    asked: Asked
    address: Address
    context: str  # the address of the metadata
    next_link: Callable[[Mapping[str, str]], str]  # by the options that it has in place of others

    def is_there(self) -> bool:
        """Tell whether the submission that the address names is there, if it names one."""
        if not self.address.instance_id:
            return True
        is_keyed_so = self.asked.table.name not in derived.SETS or self._is_of_inspections
        return is_keyed_so and _chosen(self).exists()

    @property
    def _is_of_inspections(self) -> bool:
        return self.asked.table.name == derived.INSPECTIONS

    def pieces(self) -> Iterator[bytes]:
        """Yield the JSON; the first piece comes when all that can be refused has been."""
        chosen = _chosen(self)
        head = [f'{{"@odata.context":{quoted(f"{self.context}#{self.asked.table.name}")}']
        if self.asked.count:
            head.append(f'"@odata.count":{_count(self, chosen)}')
        made = _derived if self.asked.table.name in derived.SETS else _all_rows
        return _written(self, made(self, chosen), ",".join(head) + ',"value":[')


@lru_cache(maxsize=64)
def tables_of(form_version_id: int) -> Mapping[str, Table]:
    """Return the tables of a form version by name; it never changes."""
    version = FormVersion.objects.only("schema").get(pk=form_version_id)
    return {table.name: table for table in tables(tree(schema.load(version.schema)))}


def feed_of(form: Form) -> Mapping[str, Table]:
    """Return the tables of a form, as its current version has them; none before there is one."""
    if form.current_version_id is None:
        return {}
    return {**tables_of(form.current_version_id), **derived.TABLES}


def feed_of_draft(draft: Draft) -> Mapping[str, Table]:
    """Return the tables of a draft; nothing is derived of what tries it."""
    return {table.name: table for table in tables(tree(schema.load(draft.schema)))}


# Which submissions --------------------------------------------------------------------------------


def _chosen(page: Page) -> QuerySet[Any]:
    """Return the submissions that have rows on any page, the newest first."""
    asked = page.asked
    found = page.source.found
    named = list(filters.paths(asked.filter)) if asked.filter else []
    if page.address.instance_id:
        found = found.filter(instance_id=page.address.instance_id)
    if asked.filter:
        on_repeats = not asked.table.is_root
        found = found.filter(condition(asked.filter, on_repeats=on_repeats))
        looked_up = by_index(asked.filter, on_repeats=on_repeats)
        if looked_up is not None and page.source.whole is not None:  # a draft has no such columns
            found = found.filter(looked_up)
    if DELETED not in [path.removeprefix(ON_REPEATS) for path in named]:
        found = found.filter(deleted_at=None)
    return found.order_by(*order(asked.order)) if asked.order else found.order_by("-pk")


def _whole(page: Page) -> WholeList | None:
    """Return all that the reader may see, where that is what is asked for."""
    is_all = not (page.address.instance_id or page.asked.filter)
    return page.source.whole if is_all else None


def _count(page: Page, chosen: QuerySet[Any]) -> int:
    whole = _whole(page)
    if page.asked.table.is_root and whole is not None:
        return whole.count()
    if page.asked.table.is_root:
        return chosen.order_by().count()
    if page.asked.table.name in derived.SETS:
        judged = _judged(page)
        made = derived.SETS[page.asked.table.name]
        return made.of(_numbers(chosen)).count() if judged is None else judged.count()
    return sum(1 for kept in _from(page, chosen) for _ in _rows(page, kept))


def _from(
    page: Page,
    chosen: QuerySet[Any],
    start: Start | None = None,
    skip: int = 0,
    most: int | None = None,
) -> Iterator[Kept]:
    """Yield submissions, the newest first: by number, so that none comes twice or is left out."""
    source = page.source
    # Of a submission whose rows were not all told, the others are next.
    below = None if start is None else start.of + (1 if start.row else 0)
    while most is None or most > 0:
        many = CHUNK if most is None else min(CHUNK, most)
        found = list(source.told(_part(page, chosen, many, skip, below)))
        yield from (source.kept(row) for row in found)
        if len(found) < many:
            return
        skip, below = 0, found[-1][0]
        most = None if most is None else most - many


def _part(
    page: Page, chosen: QuerySet[Any], many: int, skip: int, below: int | None
) -> QuerySet[Any]:
    whole = _whole(page)
    if whole is not None:
        return whole.part(with_first(whole.broad()), many, skip=skip, below=below)
    ahead = chosen if below is None else chosen.filter(pk__lt=below)
    return skipped(ahead, skip)[:many]


def _ordered(page: Page, chosen: QuerySet[Any], skip: int) -> Iterator[Kept]:
    """Yield submissions in another order, which is read first so that it stays what it is."""
    top = page.asked.top
    last = None if top is None else skip + top + 1
    source, pks = page.source, list(chosen.values_list("pk", flat=True)[skip:last])
    for begin in range(0, len(pks), CHUNK):
        some = pks[begin : begin + CHUNK]
        found = {row[0]: row for row in source.told(chosen.filter(pk__in=some))}
        yield from (source.kept(found[pk]) for pk in some if pk in found)


# Their rows ---------------------------------------------------------------------------------------


def _rows(page: Page, kept: Kept) -> list[tuple[Any, Place, Place]]:
    """Return what one submission brings to the table, each with its place and the one above."""
    place, table = place_of(kept.instance_id), page.asked.table
    if table.is_root:
        return [(kept.root, place, place)]
    if kept.root is None:
        return []
    through = page.address.row_ids
    found = rows(kept.root, table, place)
    return [each for each in found if all(f"('{one}')" in each[1].address for one in through)]


def _head(page: Page, kept: Kept, place: Place, above: Place) -> str:
    asked = page.asked
    members = [f'"__id":{quoted(place.row_id)}'] if asked.with_id else []
    if asked.table.is_root and asked.system:
        system = ",".join(f'"{name}":{kept.system[name]}' for name in asked.system)
        members.append(f'"__system":{{{system}}}')
    elif not asked.table.is_root and asked.with_parent:
        members.append(f'"{asked.table.parent_key}":{quoted(above.row_id)}')
    return ",".join(members)


def _all_rows(page: Page, chosen: QuerySet[Any]) -> Iterator[tuple[str, Start]]:
    """Yield rows of the table, each with where the next page starts when it is the last."""
    asked, start = page.asked, page.asked.start
    made = frame(asked.table.node, asked.wanted)
    is_root = asked.table.is_root
    skip = asked.skip if is_root else 0
    most = asked.top + 1 if is_root and asked.top is not None else None
    found = _ordered(page, chosen, skip) if asked.order else _from(page, chosen, start, skip, most)
    left = 0 if is_root else asked.skip
    for kept in found:
        told = _rows(page, kept)
        begin = start.row if start is not None and start.of == kept.pk else 0
        left, begin = max(0, left - max(0, len(told) - begin)), begin + left
        for number, (element, place, above) in enumerate(told[begin:], start=begin + 1):
            ahead = Start(kept.pk, 0 if is_root else number)
            yield made.row(_head(page, kept, place, above), element, place), ahead


def _numbers(chosen: QuerySet[Any]) -> QuerySet[Any]:
    return chosen.order_by().values("pk")


def _derived(page: Page, chosen: QuerySet[Any]) -> Iterator[tuple[str, Start]]:
    """Yield rows of a table that is derived, each with where the next page starts after it."""
    asked, made = page.asked, derived.SETS[page.asked.table.name]
    skip, start = asked.skip, asked.start
    many = CHUNK if asked.top is None else min(CHUNK, asked.top + 1)
    while found := list(made.told(_derived_part(page, chosen, many, skip, start))):
        for row in found:
            row_id, submission_id = made.key_of(row)
            members = [f'"__id":{quoted(row_id)}'] if asked.with_id else []
            if asked.with_parent:
                members.append(f'"{asked.table.parent_key}":{quoted(submission_id)}')
            if said := made.members(row, asked.wanted.paths):
                members.append(said)
            yield f"{{{','.join(members)}}}", Start(*row[:2])
        skip, start = 0, Start(*found[-1][:2])


def _derived_part(
    page: Page, chosen: QuerySet[Any], many: int, skip: int, start: Start | None
) -> QuerySet[Any]:
    made, judged = derived.SETS[page.asked.table.name], _judged(page)
    if judged is not None:
        after = None if start is None else (start.of, start.row)
        return judged.part(many, skip=skip, after=after)
    return made.after(made.of(_numbers(chosen)), start)[skip : skip + many]


def _judged(page: Page) -> JudgedList | None:
    """Return all rows of a table that is derived, where that is what is asked for."""
    if (whole := _whole(page)) is None:
        return None
    kind = derived.SETS[page.asked.table.name].kind
    return JudgedList(kind, (whole.form_id,), whole.communes)


# The JSON around them -----------------------------------------------------------------------------


def _written(page: Page, rows: Iterator[tuple[str, Start]], head: str) -> Iterator[bytes]:
    asked, waiting, size, told = page.asked, [head], len(head), 0
    more: str | None = None
    ahead: Start | None = None
    for row, after in rows if asked.top != 0 else ():
        if told == asked.top and ahead is not None:
            more = page.next_link(_continued(asked, ahead))
            break
        waiting.append(f",{row}" if told else row)
        told, ahead, size = told + 1, after, size + len(row)
        if size > _PIECE:
            yield "".join(waiting).encode()
            waiting, size = [], 0
    end = f',"@odata.nextLink":{quoted(more)}' if more else ""
    yield ("".join(waiting) + f"]{end}}}").encode()


def _continued(asked: Asked, ahead: Start) -> Mapping[str, str]:
    if asked.order:  # in another order than that of the tokens
        return {"$skip": str(asked.skip + (asked.top or 0))}
    return {"$skiptoken": options.token(ahead)}
