"""Say in Vietnamese when a question is asked, from its `relevant`: «câu 12 là «Có»».

Only what paper needs: comparisons, `selected`, `not`, `and`, `or`. Anything else is given back as
the formula it is, so that nothing is ever said that the phone would not do. No Django.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"\s*(?:\$\{\s*(?P<name>[^}\s]+)\s*\}|(?P<text>'[^']*'|\"[^\"]*\")|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<sign><=|>=|!=|[=<>(),])|(?P<word>and|or|not|selected)\b)"
)
_COMPARED: Mapping[str, str] = {
    "=": "bằng",
    "!=": "khác",
    "<": "nhỏ hơn",
    "<=": "không quá",
    ">": "lớn hơn",
    ">=": "từ",
}


@dataclass(frozen=True, slots=True)
class Named:
    """How a question, or what the phone works out, is called on paper."""

    called: str  # "câu 12"
    choices: Mapping[str, str] = field(default_factory=dict)  # labels by name
    any_said: str = ""  # of a count: what to say when it is more than none
    constant: str | None = None  # what a calculation always comes to
    # if(condition, this, else that); no «that» when it may also come to nothing.
    decided: tuple[str, str, str | None] | None = None


class _Unknown(Exception):  # no error: the formula is told as it stands
    """A formula that is more than this module can say."""


@dataclass(frozen=True, slots=True)
class _Said:
    """A part of a formula in words, or what it always comes to."""

    words: str = ""
    always: bool | None = None
    joined_by: str = ""  # the word that joins its parts, when it has several


def told(formula: str, names: Mapping[str, Named]) -> str:
    """Return when a formula holds, in words; "" when it always does.

    names: everything that the form has, by name. A formula beyond this is returned in quotes.
    """
    if not formula.strip():
        return ""
    try:
        said = _Reader(formula, names).read()
    except _Unknown:
        return f"công thức «{' '.join(formula.split())}» đúng"
    if said.always is None:
        return said.words
    return "" if said.always else "không bao giờ"


class _Reader:
    """Reads one formula from left to right; `or` binds more loosely than `and`."""

    def __init__(self, formula: str, names: Mapping[str, Named]) -> None:
        self._names = names
        self._tokens = _tokens(formula)
        self._next = 0

    def read(self) -> _Said:
        said = self._joined("or")
        if self._next < len(self._tokens):
            raise _Unknown
        return said

    def _joined(self, word: str) -> _Said:
        parts = [self._part(word)]
        while self._taken("word", word):
            parts.append(self._part(word))
        decisive = word == "or"  # one part that always holds decides an `or`
        if any(part.always is decisive for part in parts):
            return _Said(always=decisive)
        open_parts = [part for part in parts if part.always is None]
        if len(open_parts) < 2:
            return open_parts[0] if open_parts else _Said(always=not decisive)
        joint = " hoặc " if word == "or" else " và "
        return _Said(joint.join(_inside(part, joint) for part in open_parts), joined_by=joint)

    def _part(self, word: str) -> _Said:
        return self._joined("and") if word == "or" else self._single()

    def _single(self) -> _Said:
        if self._taken("word", "not"):
            said = self._bracketed()
            if said.always is not None:
                return _Said(always=not said.always)
            return _Said(f"không phải ({said.words})")
        if self._taken("word", "selected"):
            return self._selected()
        if self._peek() == ("sign", "("):
            return self._bracketed()
        return self._comparison()

    def _bracketed(self) -> _Said:
        self._expect("sign", "(")
        said = self._joined("or")
        self._expect("sign", ")")
        return said

    def _selected(self) -> _Said:
        self._expect("sign", "(")
        named = self._named(self._take("name"))
        self._expect("sign", ",")
        choice = self._take("text")
        self._expect("sign", ")")
        return _Said(f"{named.called} có chọn «{named.choices.get(choice, choice)}»")

    def _comparison(self) -> _Said:
        named = self._named(self._take("name"))
        sign = self._take("sign")
        if sign not in _COMPARED:
            raise _Unknown
        kind, value = self._peek()
        self._next += 1
        if kind == "name":
            return _Said(f"{named.called} {_COMPARED[sign]} {self._named(value).called}")
        if kind not in ("text", "number"):
            raise _Unknown
        if named.constant is not None and sign in ("=", "!="):
            return _Said(always=(named.constant == value) is (sign == "="))
        if named.decided and value in named.decided[1:] and sign in ("=", "!="):
            return self._decided(
                named.decided[0], is_met=(named.decided[1] == value) is (sign == "=")
            )
        return _Said(_compared(named, sign, value, is_number=kind == "number"))

    def _decided(self, formula: str, *, is_met: bool) -> _Said:
        """Return the condition that a calculation rests on, in place of the calculation."""
        said = _Reader(formula, self._names).read()
        if is_met:
            return said
        if said.always is not None:
            return _Said(always=not said.always)
        return _Said(f"không phải ({said.words})")

    def _named(self, name: str) -> Named:
        if name not in self._names:
            raise _Unknown
        return self._names[name]

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._next] if self._next < len(self._tokens) else ("", "")

    def _taken(self, kind: str, value: str) -> bool:
        is_there = self._peek() == (kind, value)
        self._next += is_there
        return is_there

    def _take(self, kind: str) -> str:
        found, value = self._peek()
        if found != kind:
            raise _Unknown
        self._next += 1
        return value

    def _expect(self, kind: str, value: str) -> None:
        if not self._taken(kind, value):
            raise _Unknown


def _tokens(formula: str) -> list[tuple[str, str]]:
    tokens, at = list[tuple[str, str]](), 0
    while at < len(formula.rstrip()):
        match = _TOKEN.match(formula, at)
        if match is None or match.lastgroup is None:
            raise _Unknown
        text = match[match.lastgroup]
        tokens.append((match.lastgroup, text[1:-1] if match.lastgroup == "text" else text))
        at = match.end()
    return tokens


def _inside(part: _Said, joint: str) -> str:
    return part.words if part.joined_by in ("", joint) else f"({part.words})"


def _compared(named: Named, sign: str, value: str, *, is_number: bool) -> str:
    if value == "" and sign in ("=", "!="):
        return f"{named.called} {'để trống' if sign == '=' else 'đã trả lời'}"
    if named.any_said and (sign, value) == (">", "0"):
        return named.any_said
    if sign == ">=":
        return f"{named.called} từ {value} trở lên"
    if is_number:
        return f"{named.called} {_COMPARED[sign]} {value.replace('.', ',')}"
    label = named.choices.get(value, value)
    return f"{named.called} {'là' if sign == '=' else _COMPARED[sign]} «{label}»"
