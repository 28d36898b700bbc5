"""Read `$filter`: comparisons joined by `and`, `or`, `not`. No Django."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from server.reports.odata.problems import FilterMalformed, FilterUnsupported

MOST_CHARACTERS = 4_000
_DEEPEST = 40  # brackets and `not` inside one another

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<text>'(?:[^']|'')*')
    # In an address a "+" that nobody encoded arrives as a blank.
    |(?P<moment>\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+\ -]\d\d:\d\d)?)?)(?![\w:.-])
    |(?P<number>-?\d+(?:\.\d+)?)(?![\w.])
    |(?P<word>[A-Za-z_$@][\w$@./-]*)
    |(?P<sign>[(),])
    )""",
    re.VERBOSE | re.ASCII,
)
_COMPARISONS = frozenset(("eq", "ne", "neq", "lt", "le", "gt", "ge"))
# OData has them; we do not.
_OPERATORS = frozenset(("in", "has", "add", "sub", "mul", "div", "divby", "mod"))
PARTS = frozenset(("year", "month", "day", "hour", "minute", "second"))


@dataclass(frozen=True, slots=True)
class Literal:
    """A value. kind: text, moment, number; null has no other."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Path:
    """A field, as it is written."""

    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a moment: its year, month …"""

    name: str
    of: Operand


@dataclass(frozen=True, slots=True)
class Now:
    """The moment of asking."""


Operand = Literal | Path | Part | Now


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two operands. sign: eq, ne, lt, le, gt, ge."""

    sign: str
    left: Operand
    right: Operand
    at: int  # character, from 1


@dataclass(frozen=True, slots=True)
class Not:
    """What does not hold."""

    of: Expression


@dataclass(frozen=True, slots=True)
class Joined:
    """Several of which all (`and`) or any (`or`) hold."""

    word: str
    parts: tuple[Expression, ...]


Expression = Comparison | Not | Joined


def read(text: str) -> Expression:
    """Return what a filter says. Raises FilterMalformed, FilterUnsupported."""
    if len(text) > MOST_CHARACTERS:
        raise FilterMalformed(at=MOST_CHARACTERS, reason="biểu thức quá dài")
    reader = _Reader(text)
    found = reader.any_of(0)
    if reader.kind:
        raise reader.refusal()
    return found


def moment(text: str) -> dt.datetime:
    """Return the moment that a literal says, in UTC. Raises ValueError, OverflowError."""
    found = dt.datetime.fromisoformat(text.replace(" ", "+"))
    aware = found if found.tzinfo else found.replace(tzinfo=dt.UTC)
    return aware.astimezone(dt.UTC)


def told(found: dt.datetime) -> dt.datetime:
    """Return a moment as rows tell it, without what is below a millisecond.

    Who asks for what came after the last moment they were told is not told that row again.
    """
    return found.replace(microsecond=found.microsecond // 1000 * 1000)


def paths(expression: Expression) -> Iterator[str]:
    """Yield the fields that a filter looks at."""
    match expression:
        case Comparison():
            yield from _named(expression.left)
            yield from _named(expression.right)
        case Not():
            yield from paths(expression.of)
        case Joined():
            for part in expression.parts:
                yield from paths(part)


def _named(operand: Operand) -> Iterator[str]:
    if isinstance(operand, Part):
        yield from _named(operand.of)
    elif isinstance(operand, Path):
        yield operand.text


class _Reader:
    """Goes through the tokens of a filter; `kind` is "" at the end."""

    def __init__(self, text: str) -> None:
        self._whole = text.rstrip()
        self._end = 0
        self.kind, self.text, self.at = "", "", 1
        self._go_on()

    def any_of(self, depth: int) -> Expression:
        parts = [self._all_of(depth)]
        while self._takes("or"):
            parts.append(self._all_of(depth))
        return parts[0] if len(parts) == 1 else Joined("or", tuple(parts))

    def _all_of(self, depth: int) -> Expression:
        parts = [self._one(depth)]
        while self._takes("and"):
            parts.append(self._one(depth))
        return parts[0] if len(parts) == 1 else Joined("and", tuple(parts))

    def _one(self, depth: int) -> Expression:
        if depth > _DEEPEST:
            raise FilterMalformed(at=self.at, reason="quá nhiều tầng ngoặc")
        if self._takes("not"):
            return Not(self._one(depth + 1))
        if self._takes("("):
            found = self.any_of(depth + 1)
            self._must(")")
            return found
        at, left, sign = self.at, self._operand(), self.text
        if self.kind != "word" or sign not in _COMPARISONS:
            raise self.refusal()
        self._go_on()
        return Comparison("ne" if sign == "neq" else sign, left, self._operand(), at)

    def _operand(self) -> Operand:
        kind, text, at = self.kind, self.text, self.at
        if kind not in ("text", "moment", "number", "word"):
            raise self.refusal()
        self._go_on()
        if kind == "text":
            return Literal("text", text[1:-1].replace("''", "'"))
        if kind != "word":
            return Literal(kind, text)
        if self._takes("("):
            return self._call(text.lower(), at)
        return Literal("null", "") if text == "null" else Path(text)

    def _call(self, name: str, at: int) -> Operand:
        if name == "now":
            self._must(")")
            return Now()
        if name not in PARTS:
            raise FilterUnsupported(text=f"{name}()", at=at)
        of = self._operand()
        self._must(")")
        return Part(name, of)

    def _takes(self, text: str) -> bool:
        if self.kind not in ("word", "sign") or self.text != text:
            return False
        self._go_on()
        return True

    def _must(self, text: str) -> None:
        if not self._takes(text):
            raise self.refusal()

    def _go_on(self) -> None:
        found = _TOKEN.match(self._whole, self._end)
        if found is None:
            self.at = self._end + 1
            if self._end < len(self._whole):
                raise FilterMalformed(at=self.at, reason="ký tự không hợp lệ")
            self.kind, self.text = "", ""
            return
        self._end = found.end()
        self.kind = found.lastgroup or ""
        self.text = found[self.kind]
        self.at = found.start(self.kind) + 1

    def refusal(self) -> FilterMalformed | FilterUnsupported:
        """Return why what stands here cannot be read."""
        if self.kind == "word" and self.text in _OPERATORS:
            return FilterUnsupported(text=self.text, at=self.at)
        # Without what was written there: it may be an answer.
        return FilterMalformed(
            at=self.at, reason="biểu thức kết thúc quá sớm" if not self.kind else "sai cú pháp"
        )
