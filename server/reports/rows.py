"""The rows of the tables that a form's answers are: one for the record, one for each repeat.

Read from the bytes that came, not from what was derived of them: an export also holds what could
not be understood, and a repeat within a repeat must say in which one it stands. No Django.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from server import xml as reader
from server.forms.schema import Field, Schema, shape
from server.forms.xform import Element

ROOT = 0  # the number of the table of the records themselves
Line = list[str]  # a text for each field of its table; of a repeat, PARENT_KEY and KEY behind them


@dataclass(frozen=True, slots=True)
class Table:
    """One table: the questions that are answered once in each of its rows."""

    path: str  # of the repeat, "" for the record itself
    fields: tuple[Field, ...]
    label: Mapping[str, str] = field(default_factory=dict)  # of the repeat, by language

    @property
    def name(self) -> str:
        """Return the repeat's own name."""
        return self.path.rpartition("/")[2]

    def path_of(self, question: Field) -> str:
        """Return the path of one of its questions, from the repeat down."""
        return question.path.removeprefix(f"{self.path}/") if self.path else question.path


@dataclass(slots=True)
class _Step:
    """What stands at a path: a question, a group or a repeat."""

    column: int = -1  # of a question
    table: int = ROOT  # of a repeat
    path: str = ""  # of a repeat, from the one around it
    width: int = 0  # of a repeat's rows
    inside: dict[str, _Step] = field(default_factory=dict)


class Layout:
    """The tables of a form, and how an instance fills them."""

    def __init__(self, schema: Schema) -> None:
        repeats = [found for found in schema.fields if found.is_repeat]
        asked = [found for found in schema.fields if not found.is_repeat]
        self.tables = (
            Table("", tuple(question for question in asked if not question.repeat)),
            *(
                Table(r.path, tuple(q for q in asked if q.repeat == r.path), r.label)
                for r in repeats
            ),
        )
        self.counts = [0] * len(self.tables)  # rows that were read, by table
        self._steps: dict[str, _Step] = {}
        for number, table in enumerate(self.tables):
            if number != ROOT:
                step = self._step(table.path)
                step.table, step.width = number, len(table.fields)
                step.path = table.path.removeprefix(f"{repeats[number - 1].repeat}/")
            for column, question in enumerate(table.fields):
                self._step(question.path).column = column

    def _step(self, path: str) -> _Step:
        found, steps = _Step(), self._steps
        for name in path.split("/"):
            found = steps.setdefault(name, _Step())
            steps = found.inside
        return found

    def read(self, xml: bytes, key: str) -> list[list[Line]]:
        """Return what an instance says, by table; texts as they came, "" for what is not there.

        key: of the record; those of its repeats go on from it: `uuid:…/people[1]/child[2]`.
        Of a question that stands twice where it is asked once, the first answer counts.
        Raises the Problems of server.xml.
        """
        lines: list[list[Line]] = [[] for _ in self.tables]
        cells = [""] * len(self.tables[ROOT].fields)
        lines[ROOT].append(cells)
        _Reading(lines).fill(reader.parse_again(xml), self._steps, cells, key, {})
        for number, found in enumerate(lines):
            self.counts[number] += len(found)
        return lines

    def empty(self) -> Line:
        """Return the row of a record that cannot be read."""
        return [""] * len(self.tables[ROOT].fields)


@dataclass(frozen=True, slots=True)
class _Reading:
    lines: list[list[Line]]

    def fill(
        self,
        element: Element,
        steps: Mapping[str, _Step],
        cells: Line,
        key: str,
        times: dict[int, int],
    ) -> None:
        """Fill a row; times: how often each repeat has stood in it."""
        get = steps.get
        for child in element:
            step = get(child.tag) or get(child.tag.rpartition("}")[2])
            if step is None:
                continue
            if step.column >= 0:
                if not cells[step.column]:
                    cells[step.column] = child.text or ""
            elif step.table:
                time = times[step.table] = times.get(step.table, 0) + 1
                own = f"{key}/{step.path}[{time}]"
                row = [""] * step.width
                self.fill(child, step.inside, row, own, {})
                row += (key, own)
                self.lines[step.table].append(row)
            else:
                self.fill(child, step.inside, cells, key, times)


def merged(current: Schema, earlier: Iterable[Schema]) -> Schema:
    """Return the questions of a version, and behind each the ones that only earlier ones asked.

    earlier: the latest first. What stood below a repeat that is a group now, or the other way
    round, is left out: there is no row for it any more.
    """
    fields = list(current.fields)
    choices = dict(current.choices)
    for schema in earlier:
        known = {found.path for found in fields}
        now, before = shape(Schema(tuple(fields))), shape(schema)
        after = 0
        for question in schema.fields:
            if question.path in known:
                after = _place(fields, question.path) + 1
            elif all(now.get(path, before[path]) == before[path] for path in _down_to(question)):
                fields.insert(after, question)
                after += 1
        choices = {**schema.choices, **choices}
    return Schema(tuple(fields), choices)


def _down_to(question: Field) -> Iterator[str]:
    """Give the path of a question, and those of all around it."""
    path = question.path
    while path:
        yield path
        path = path.rpartition("/")[0]


def _place(fields: Sequence[Field], path: str) -> int:
    return next(place for place, found in enumerate(fields) if found.path == path)
