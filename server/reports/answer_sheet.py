"""The answers of one record in the order of its form, under the form's own headings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from server.forms.schema import Field
from server.reports.told import Teller


@dataclass(frozen=True, slots=True)
class Answered:
    """One question with what was answered."""

    path: str
    label: str
    text: str  # in the reader's words; "" where it is masked or was left blank
    is_restricted: bool
    is_masked: bool
    is_file: bool


@dataclass(frozen=True, slots=True)
class Block:
    """Questions under one heading; in a repeat those of one time round."""

    title: str
    row: int  # from 1 in a repeat; 0 outside
    answers: tuple[Answered, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the form."""

    name: str  # of its group: for links within the page
    title: str
    blocks: tuple[Block, ...]
    blank: tuple[str, ...]  # what was left blank, or did not have to be asked

    @property
    def masked(self) -> tuple[str, ...]:
        """Return the questions whose answers are masked."""
        answers = (answer for block in self.blocks for answer in block.answers)
        return tuple(dict.fromkeys(answer.path for answer in answers if answer.is_masked))


@dataclass(slots=True)
class _Begun:
    name: str
    title: str
    blocks: list[tuple[str, int, list[Answered]]] = field(default_factory=list)
    blank: list[str] = field(default_factory=list)

    def add(self, heading: str, row: int, answer: Answered) -> None:
        if not self.blocks or self.blocks[-1][:2] != (heading, row):
            self.blocks.append((heading, row, []))
        self.blocks[-1][2].append(answer)

    def done(self) -> Section:
        blocks = (Block(title, row, tuple(answers)) for title, row, answers in self.blocks)
        return Section(self.name, self.title, tuple(blocks), tuple(self.blank))


def sections(
    teller: Teller, repeats: Mapping[str, Sequence[Mapping[str, str]]]
) -> tuple[Section, ...]:
    """Return the parts of a form that a person has answered something in, or could have.

    repeats: the rows of each repeat, as instance.Answers has them.
    """
    begun: dict[str, _Begun] = {}
    asked = teller.asked
    for question in asked.schema.fields:
        if question.is_meta:
            continue
        if question.is_repeat:
            rows = repeats.get(question.path, ())
            for number, row in enumerate(rows, 1):
                for inner in _asked_in(teller, question.path):
                    _put(begun, teller, inner, number, row.get(inner.path, ""))
        elif not question.repeat and question.path in asked.outline.asked:
            _put(begun, teller, question, 0, teller.flat.get(question.path, ""))
    return tuple(one.done() for one in begun.values())


def _asked_in(teller: Teller, repeat: str) -> Iterator[Field]:
    for question in teller.asked.schema.fields:
        is_inside = question.repeat == repeat and not question.is_repeat
        if is_inside and question.path in teller.asked.outline.asked:
            yield question


def _put(begun: dict[str, _Begun], teller: Teller, question: Field, row: int, answer: str) -> None:
    around = _titled_groups(teller, question.path)
    name = around[0] if around else ""
    title = teller.label(name) if name else ""
    section = begun.setdefault(name, _Begun(name, title))
    label = teller.label(question.path)
    if not answer:
        if not row:
            section.blank.append(label)
        return
    is_masked = teller.is_masked(question.path)
    section.add(
        teller.label(around[-1]) if len(around) > 1 else "",
        row,
        Answered(
            path=question.path,
            label=label,
            text="" if is_masked else teller.text(question.path, answer),
            is_restricted=teller.asked.is_restricted(question.path),
            is_masked=is_masked,
            is_file=question.is_binary,
        ),
    )


def _titled_groups(teller: Teller, path: str) -> list[str]:
    """Return the groups around a question that have words, from the outermost on."""
    steps = path.split("/")[:-1]
    paths = ("/".join(steps[: end + 1]) for end in range(len(steps)))
    return [path for path in paths if teller.asked.outline.groups.get(path)]
