"""How one instance becomes rows of a table, as JSON text. No Django.

For each table there is one piece of text with gaps (`Frame`), made once; a row is that text with
its answers in the gaps. Putting dictionaries together and encoding them takes five times as long.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from unicodedata import normalize
from urllib.parse import quote

from server.forms.xform import Element
from server.reports.odata.tables import Node, Table
from server.reports.odata.values import NULL, Writer, writer


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
class Steps:
    """What may stand in an element, by name."""

    questions: dict[str, Question] = field(default_factory=dict)
    groups: dict[str, Steps] = field(default_factory=dict)
    repeats: dict[str, Repeat] = field(default_factory=dict)


@dataclass(slots=True)
class Frame:
    """The members of a row as text, with `%s` for each gap."""

    text: str = ""
    gaps: list[str] = field(default_factory=list)  # what they hold when nothing is answered
    steps: Steps = field(default_factory=Steps)
    links: list[int] = field(default_factory=list)  # gaps that hold the address of the row

    def row(self, head: str, element: Element | None, place: Place) -> str:
        """Return the row of an element, of none for one that cannot be read.

        head: the members that come before the answers.
        """
        filled = self.gaps.copy()
        for gap in self.links:
            filled[gap] = place.address
        if element is not None:
            _fill(filled, element, self.steps, place)
        between = "," if head and self.text else ""
        return f"{{{head}{between}{self.text % tuple(filled)}}}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands: of which submission, and below which rows."""

    instance_id: str
    trail: str  # "children[1]/children/toys[2]", the same for ever; "" for the submission
    row_id: str  # of a submission its own, of others a digest of where they stand
    address: str  # "Submissions('uuid%3A…')/children('5f…')"; needs no escaping

    def below(self, repeat: Node, said: str, number: int) -> Place:
        """Return the place of the `number`-th row of a repeat, from 1.

        said: the names that lead to it from the row above.
        """
        trail = f"{self.trail}/{repeat.path}[{number}]"
        named = f"{self.instance_id}{trail}"
        row_id = hashlib.sha1(named.encode(), usedforsecurity=False).hexdigest()
        return Place(self.instance_id, trail, row_id, f"{self.address}/{said}('{row_id}')")


def place_of(instance_id: str) -> Place:
    """Return the place of a submission."""
    address = f"Submissions('{quote(instance_id, safe='')}')"
    return Place(instance_id, "", instance_id, address)


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
    within: Element | None = element
    for group in groups:
        within = None if within is None else next(_children(within, group.name), None)
    if within is None:
        return
    for number, child in enumerate(_children(within, repeat.name), start=1):
        yield from _rows(child, steps[1:], place.below(repeat, said, number), place)


def _children(element: Element, name: str) -> Iterator[Element]:
    return element.iterchildren(f"{{*}}{name}")


# Making a frame -----------------------------------------------------------------------------------


def frame(node: Node, wanted: Wanted) -> Frame:
    """Return the frame of a table's rows, its repeats within when they are to be expanded."""
    making = _Making(wanted)
    making.frame.text = making.members(node, making.frame.steps, ())
    return making.frame


class _Making:
    """A frame that is being made."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.frame = Frame()

    def members(self, node: Node, steps: Steps, above: tuple[str, ...]) -> str:
        """Return the text of what stands in a node, and fill in the steps to it.

        above: the names of the groups between the row and the node.
        """
        found: list[str] = []
        for child in node.children.values():
            if child.kind == "repeat":
                found += self._repeat(child, steps, above)
            elif child.kind == "group":
                found += self._group(child, steps, above)
            elif self._is_wanted(child):
                gap = self._gap(NULL)
                steps.questions[child.name] = Question(gap, writer(child.kind, wkt=self.wanted.wkt))
                found.append(f'"{child.said}":%s')
        return ",".join(found)

    def _group(self, child: Node, steps: Steps, above: tuple[str, ...]) -> list[str]:
        inner = Steps()
        within = self.members(child, inner, (*above, child.said))
        if not within and self.wanted.paths is not None:
            return []
        steps.groups[child.name] = inner
        return [f'"{child.said}":{{{within}}}']

    def _repeat(self, child: Node, steps: Steps, above: tuple[str, ...]) -> list[str]:
        if not self._is_wanted(child):
            return []
        said = "/".join((*above, child.said))
        self.frame.links.append(self._gap(""))
        found = [f'"{child.said}@odata.navigationLink":"%s/{said}"']
        if self.wanted.expand:
            gap = self._gap("[]")
            steps.repeats[child.name] = Repeat(child, said, gap, frame(child, self.wanted))
            found.append(f'"{child.said}":%s')
        return found

    def _is_wanted(self, child: Node) -> bool:
        return self.wanted.paths is None or child.path in self.wanted.paths

    def _gap(self, blank: str) -> int:
        self.frame.gaps.append(blank)
        return len(self.frame.gaps) - 1


# Filling it ---------------------------------------------------------------------------------------


def _fill(filled: list[str], element: Element, steps: Steps, place: Place) -> None:
    found: dict[str, list[str]] = {}
    for child in element:
        name = str(child.tag)
        if name[0] == "{":
            name = name.rpartition("}")[2]
        question = steps.questions.get(name)
        if question is not None:
            # Where one stands twice, the first that says anything counts.
            if filled[question.gap] is NULL and (text := (child.text or "").strip()):
                said = text if text.isascii() else normalize("NFC", text)
                filled[question.gap] = question.write(said)
        elif (group := steps.groups.get(name)) is not None:
            _fill(filled, child, group, place)
        elif (repeat := steps.repeats.get(name)) is not None:
            rows_here = found.setdefault(name, [])
            there = place.below(repeat.node, repeat.said, len(rows_here) + 1)
            rows_here.append(repeat.frame.row(f'"__id":"{there.row_id}"', child, there))
    for name, rows_here in found.items():
        filled[steps.repeats[name].gap] = f"[{','.join(rows_here)}]"
