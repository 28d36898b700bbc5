"""Answers as a spreadsheet wants them: numbers, dates, labels. No Django."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from zoneinfo import ZoneInfo

from server.forms.schema import Field, Schema

Cell = str | int | float | dt.date | dt.datetime | None

LANGUAGE = "vi"
_EXACT_DIGITS = 15  # a spreadsheet's numbers have no more; a longer one is a name


class Kind(StrEnum):
    """What the cells of a column are, where they can be read as that; else they are text."""

    TEXT = "chữ"
    WHOLE = "số nguyên"
    NUMBER = "số"
    DATE = "ngày"
    TIME = "ngày giờ"  # where the inspections are made


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table for people."""

    heading: str
    kind: Kind = Kind.TEXT


@dataclass(frozen=True, slots=True)
class Asked:
    """The columns that a question becomes, and how an answer is laid under them."""

    question: Field
    columns: tuple[Column, ...]
    read: Callable[[str], list[Cell]]


def asked(question: Field, fields: Schema, zone: ZoneInfo) -> Asked:
    """Return how a question is shown.

    zone: that of times.
    """
    heading = label(question)
    if question.type == "geopoint":
        parts = ("vĩ độ", "kinh độ", "độ chính xác (m)")
        columns = tuple(Column(f"{heading} – {part}", Kind.NUMBER) for part in parts)
        return Asked(question, columns, _point)
    choices = dict(_choices(question, fields))
    if choices:
        read = partial(_chosen, choices) if question.is_multiple else partial(_one, choices)
        return Asked(question, (Column(heading),), read)
    kind = _KINDS.get(question.type, Kind.TEXT)
    return Asked(question, (Column(heading, kind),), _READ.get(kind, partial(_time, zone)))


def label(question: Field) -> str:
    """Return the words of a question, its name where it has none."""
    words = question.label.get(LANGUAGE) or next(iter(question.label.values()), "")
    return " ".join(words.split()) or question.name


def _choices(question: Field, fields: Schema) -> Iterator[tuple[str, str]]:
    for choice in fields.choices.get(question.choice_list, ()):
        words = choice.label.get(LANGUAGE) or next(iter(choice.label.values()), "")
        yield choice.name, words or choice.name


def choices_told(question: Field, fields: Schema) -> str:
    """Return what a question offers, for the dictionary."""
    return "; ".join(f"{name}: {words}" for name, words in _choices(question, fields))


# Reading -----------------------------------------------------------------------------------------


def _text(text: str) -> list[Cell]:
    return [text.strip() or None]


def _whole(text: str) -> list[Cell]:
    stripped = text.strip()
    digits = stripped.removeprefix("-")
    if digits.isascii() and digits.isdigit() and len(digits) <= _EXACT_DIGITS:
        return [int(stripped)]
    return [stripped or None]


def _number(text: str) -> list[Cell]:
    stripped = text.strip()
    try:
        number = float(stripped) if stripped.isascii() and "_" not in stripped else math.nan
    except ValueError:
        number = math.nan
    return [number if math.isfinite(number) else stripped or None]


def _date(text: str) -> list[Cell]:
    stripped = text.strip()
    try:
        return [dt.date.fromisoformat(stripped[:10])]
    except ValueError:
        return [stripped or None]


def _time(zone: ZoneInfo, text: str) -> list[Cell]:
    stripped = text.strip()
    try:
        return [local(dt.datetime.fromisoformat(stripped), zone)]
    except (ValueError, OverflowError):
        return [stripped or None]


def local(at: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """Return a time as clocks in a zone show it; a spreadsheet knows of no zones."""
    return at.astimezone(zone).replace(tzinfo=None) if at.tzinfo else at


def _point(text: str) -> list[Cell]:
    parts = text.split()
    numbers = [_number(part)[0] for part in parts]
    numbers += [None] * (4 - len(numbers))
    return [numbers[0], numbers[1], numbers[3]]


def _one(choices: dict[str, str], text: str) -> list[Cell]:
    stripped = text.strip()
    return [choices.get(stripped, stripped) or None]


def _chosen(choices: dict[str, str], text: str) -> list[Cell]:
    return ["; ".join(choices.get(name, name) for name in text.split()) or None]


_KINDS = {
    "int": Kind.WHOLE,
    "integer": Kind.WHOLE,
    "decimal": Kind.NUMBER,
    "date": Kind.DATE,
    "dateTime": Kind.TIME,
}
_READ: dict[Kind, Callable[[str], list[Cell]]] = {
    Kind.TEXT: _text,
    Kind.WHOLE: _whole,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
}
