"""How one instance becomes rows of a table, as JSON text. No Django.

For each table there is one piece of text with gaps (`Frame`), made once; a row is that text with
its answers in the gaps. Putting dictionaries together and encoding them takes five times as long.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from unicodedata import normalize
from urllib.parse import quote

from server.forms.xform import Element
from server.reports.odata.tables import Node, Table
from server.reports.odata.values import NULL, Writer, writer

_PLAIN = re.compile(r"[A-Za-z0-9:_.~-]*")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the answers somebody wants. paths: of questions, below the root; None: all."""

    expand: bool = False
    wkt: bool = False
    paths: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A leaf: which gap it fills, and how."""

    gap: int
    write: Writer


@dataclass(frozen=True, slots=True)
class Repeat:
    """A repeat within a row: how one gets there, which gap its rows fill, and what they are."""

    node: Node
    said: str  # the names that lead to it from the row
    gap: int
    frame: Frame


@dataclass(slots=True)
class Group:
    """What may stand in an element, by name."""

    steps: dict[str, Question | Group | Repeat] = field(default_factory=dict)


@dataclass(slots=True)
class Frame:
    """The members of a row as text, with `%s` for each gap."""

    text: str = ""
    gaps: list[str] = field(default_factory=list)  # what they hold when nothing is answered
    answers: Group = field(default_factory=Group)
    links: list[int] = field(default_factory=list)  # gaps that hold the address of the row

    def row(self, head: str, element: Element | None, place: Place) -> str:
        """Return the row of an element; of none, which is encrypted, the head alone.

        head: the members that come before the answers.
        """
        if element is None:
            return f"{{{head}}}"
        filled = self.gaps.copy()
        for gap in self.links:
            filled[gap] = place.address
        _fill(filled, element, self.answers, place)
        between = "," if head and self.text else ""
        return f"{{{head}{between}{self.text % tuple(filled)}}}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands: what it is called, and what hangs below it."""

    row_id: str  # of a submission its own; of others where they stand, the same for ever
    address: str  # "Submissions('uuid%3A…')/children('5f…-1')"; needs no escaping

    def digest_below(self, repeat: Node) -> str:
        """Return what the ids of the rows of a repeat in this row begin with."""
        named = f"{self.row_id}/{repeat.path}"
        return hashlib.sha1(named.encode(), usedforsecurity=False).hexdigest()

    def below(self, row_id: str, said: str) -> Place:
        """Return the place of a row of a repeat. said: the names that lead to it from this row."""
        return Place(row_id, f"{self.address}/{said}('{row_id}')")


def place_of(instance_id: str) -> Place:
    """Return the place of a submission."""
    # As `quote` writes what phones call their forms, for a fifth of its time.
    is_plain = _PLAIN.fullmatch(instance_id) is not None
    said = (
        instance_id.replace(":", "%3A")
        if is_plain
        else quote(instance_id.replace("'", "''"), safe="")
    )
    address = f"Submissions('{said}')"
    return Place(instance_id, address)


def rows(root: Element, table: Table, place: Place) -> Iterator[tuple[Element, Place, Place]]:
    """Yield what stands in a table: the elements of an instance, their places, those above."""
    yield from _rows(root, table.steps, place, place)


def _rows(
    element: Element, steps: tuple[tuple[Node, ...], ...], place: Place, above: Place
) -> Iterator[tuple[Element, Place, Place]]:
    if not steps:
        yield element, place, above
        return
    (*groups, repeat), said = steps[0], "/".join(node.said for node in steps[0])
    found = [element]
    for node in (*groups, repeat):
        # A group may stand twice, with rows of the repeat in each.
        found = [child for each in found for child in _children(each, node.name)]
    digest = place.digest_below(repeat)
    for number, child in enumerate(found, start=1):
        yield from _rows(child, steps[1:], place.below(f"{digest}-{number}", said), place)


def _children(element: Element, name: str) -> Iterator[Element]:
    return element.iterchildren(f"{{*}}{name}")


# Making a frame -----------------------------------------------------------------------------------


def frame(node: Node, wanted: Wanted) -> Frame:
    """Return the frame of a table's rows, its repeats within when they are to be expanded."""
    making = _Making(wanted)
    making.frame.text = making.members(node, making.frame.answers, ())
    return making.frame


class _Making:
    """A frame that is being made."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.frame = Frame()

    def members(self, node: Node, within: Group, above: tuple[str, ...]) -> str:
        """Return the text of what stands in a node, and fill in the steps to it.

        above: the names of the groups between the row and the node.
        """
        found: list[str] = []
        for child in node.children.values():
            if child.kind == "repeat":
                found += self._repeat(child, within, above)
            elif child.kind == "group":
                found += self._group(child, within, above)
            elif self._is_wanted(child):
                gap = self._gap(NULL)
                within.steps[child.name] = Question(gap, writer(child.kind, wkt=self.wanted.wkt))
                found.append(f'"{child.said}":%s')
        return ",".join(found)

    def _group(self, child: Node, within: Group, above: tuple[str, ...]) -> list[str]:
        inner = Group()
        members = self.members(child, inner, (*above, child.said))
        if not members and self.wanted.paths is not None:
            return []
        within.steps[child.name] = inner
        return [f'"{child.said}":{{{members}}}']

    def _repeat(self, child: Node, within: Group, above: tuple[str, ...]) -> list[str]:
        if not self._is_wanted(child):
            return []
        said = "/".join((*above, child.said))
        self.frame.links.append(self._gap(""))
        found = [f'"{child.said}@odata.navigationLink":"%s/{said}"']
        if self.wanted.expand:
            gap = self._gap("[]")
            within.steps[child.name] = Repeat(child, said, gap, frame(child, self.wanted))
            found.append(f'"{child.said}":%s')
        return found

    def _is_wanted(self, child: Node) -> bool:
        return self.wanted.paths is None or child.path in self.wanted.paths

    def _gap(self, blank: str) -> int:
        self.frame.gaps.append(blank)
        return len(self.frame.gaps) - 1


# Filling it ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of one repeat within a row, as they are told."""

    digest: str
    rows: list[str]


def _fill(filled: list[str], element: Element, within: Group, place: Place) -> None:
    many: dict[int, _Rows] = {}
    _read(filled, many, element, within, place)
    for gap, told in many.items():
        filled[gap] = f"[{','.join(told.rows)}]"


def _read(
    filled: list[str], many: dict[int, _Rows], element: Element, within: Group, place: Place
) -> None:
    get = within.steps.get
    for child in element:
        step = get(child.tag) or get(_local(child))
        if isinstance(step, Question):
            # Where one stands twice, the first that says anything counts.
            if (text := child.text) and filled[step.gap] is NULL and (text := text.strip()):
                filled[step.gap] = step.write(text if text.isascii() else normalize("NFC", text))
        elif isinstance(step, Repeat):
            told = many.get(step.gap)
            if told is None:
                told = many[step.gap] = _Rows(place.digest_below(step.node), [])
            row_id = f"{told.digest}-{len(told.rows) + 1}"
            told.rows.append(_expanded(step, child, place, row_id))
        elif isinstance(step, Group):
            _read(filled, many, child, step, place)


def _expanded(repeat: Repeat, element: Element, above: Place, row_id: str) -> str:
    # Where nothing hangs below its rows, nobody asks where they are.
    place = above.below(row_id, repeat.said) if repeat.frame.links else above
    return repeat.frame.row(f'"__id":"{row_id}"', element, place)


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
