"""Texts as a spreadsheet may hold them: nothing that it would run. No Django."""

from __future__ import annotations

import re

# How a spreadsheet knows a formula; the full-width letters count where the locale is East Asian.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "＝", "＋", "－", "＠")
# What a cell must begin with to be looked at: a sign of the above, or a blank that may hide one.
# Hundreds of thousands of cells begin with neither.
_SUSPECT = frozenset(
    {*FORMULA_STARTS, " ", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x1f", "\x85", "\xa0", "\u1680"}
    | {chr(code) for code in range(0x2000, 0x200B)}
    | {"\u2028", "\u2029", "\u202f", "\u205f", "\u3000"}
)
_begins_suspect = re.compile(rf"\0[{re.escape(''.join(sorted(_SUSPECT)))}]").search
_NUMBER = r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"
_NUMBERS = re.compile(rf"{_NUMBER}(?:[ ;]+{_NUMBER})*[ ;]*", re.ASCII)


# What begins a cell of its own, in the middle of a text, for whoever opens the file with another
# separator than it was written with; quotes are none then. A dash begins an item of a list far more
# often than a formula, so that one counts where it calls something: -1+cmd|'…', +HYPERLINK(…).
_HIDDEN = re.compile(
    r"""([;,\t\r\n]["'\s]*)(?=[=@＝＠]|[+\-＋－][^;,\t\r\n]*(?:[|!]|\w\())""",
)


def guarded(cell: str) -> str:
    """Return a cell as text that no spreadsheet runs; numbers and coordinates stay as they are."""
    # An apostrophe in front makes it text (features.md §4.4, T12).
    safe = _HIDDEN.sub(r"\1'", cell) if _may_hide(cell) else cell
    if safe[:1] not in _SUSPECT or _NUMBERS.fullmatch(safe):
        return safe
    return f"'{safe}" if is_formula(safe) else safe


def is_formula(cell: str) -> bool:
    """Tell whether a cell begins as a formula does, behind whatever blanks."""
    return cell.startswith(FORMULA_STARTS) or cell.lstrip().startswith(FORMULA_STARTS)


def guard_all(cells: list[str]) -> None:
    """Guard a row where it stands."""
    # Looked at as one text: of a million records there are half a hundred million cells.
    text = "\0" + "\0".join(cells)
    if _begins_suspect(text) or _may_hide(text):
        cells[:] = map(guarded, cells)


def _may_hide(text: str) -> bool:
    # One of these stands in each text of that kind. Said one by one, for every row there is.
    return (
        "=" in text
        or "@" in text
        or "(" in text
        or "|" in text
        or "!" in text
        or (not text.isascii() and ("＝" in text or "＠" in text))
    )
