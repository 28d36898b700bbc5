"""Vietnamese names: in which order they stand, and how they are found without their marks.

PostgreSQL could do it with ICU and `unaccent`, but the one that comes with the project has
neither, so both keys are computed here and stored beside the name.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

# In the order of the Vietnamese alphabet; f, j, w, z are foreign and keep their Latin place.
_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
# No tone, huyền, hỏi, ngã, sắc, nặng: the order of dictionaries.
_TONES = ("\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
_SHAPES = ("\u0306", "\u0302", "\u031b")  # breve, circumflex, horn: they make another letter
_TYPES = ("xã", "phường", "thị trấn", "thị xã", "thành phố", "huyện", "quận", "tỉnh")

# Two digits a letter, so that any collation of any database keeps the order.
_END, _SPACE = "00", "01"
# As far as a sign that no mark before it changes, which texts have at each space.
_PIECE = re.compile(r".{1,100}(?=[\0-\x7f]|\Z)|.{1,100}", re.DOTALL)
_SHORT = 100  # characters, as of a piece
_RANKS = {letter: f"{rank:02}" for rank, letter in enumerate("0123456789" + _ALPHABET, start=2)}


def sort_key(name: str) -> str:
    """Return digits that sort as a Vietnamese reader sorts names: Đ after D, ơ after ô.

    The type before the name (Xã, Phường, Thị trấn …) is left out. Letters count first, then
    tones, syllable by syllable; the place of the tone mark (Hòa, Hoà) does not count.
    """
    syllables = [_letters_and_tone(syllable) for syllable in _bare(name).split()]
    letters = _SPACE.join(
        "".join(_RANKS[letter] for letter in letters if letter in _RANKS)
        for letters, _ in syllables
    )
    return letters + _END + "".join(str(tone) for _, tone in syllables)


def search_key(text: str) -> str:
    """Return lower-case letters without marks or type: "dong hy" for "Huyện Đồng Hỷ".

    For names and for what someone types alike. Spaces are single.
    """
    plain = _written("NFD", _bare(text)).replace("đ", "d")
    return " ".join(
        "".join(letter for letter in plain if not unicodedata.combining(letter)).split()
    )


def exact_key(text: str) -> str:
    """Return text lower-case, NFC, its marks and type kept: "xã đồng hỷ". Spaces are single."""
    return " ".join(composed(text).casefold().split())


def composed(text: str) -> str:
    """Return text in NFC; of more than 100 marks in a row each 100 for themselves.

    Anybody may send some, and putting marks in order takes the square of their number.
    """
    return _written("NFC", text)


def _written(form: Literal["NFC", "NFD"], text: str) -> str:
    if len(text) <= _SHORT:
        return unicodedata.normalize(form, text)
    return "".join(unicodedata.normalize(form, piece) for piece in _PIECE.findall(text))


def _bare(name: str) -> str:
    """Return the name lower-case, NFC, without its type; a type alone stays."""
    folded = exact_key(name)
    for kind in _TYPES:
        if folded.startswith(kind + " "):
            return folded[len(kind) + 1 :]
    return folded


def _letters_and_tone(syllable: str) -> tuple[list[str], int]:
    letters: list[str] = []
    tone = 0
    for mark in unicodedata.normalize("NFD", syllable):
        if mark in _TONES:
            tone = _TONES.index(mark) + 1
        elif mark in _SHAPES and letters:
            letters[-1] = unicodedata.normalize("NFC", letters[-1] + mark)
        else:
            letters.append(mark)
    return letters, tone
