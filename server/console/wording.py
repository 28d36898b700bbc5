"""The texts of pages: written in Vietnamese where they stand, in English in `english/*.toml`.

Each file there is one part of the pages: `"Bảng việc" = "To do"`. A test fails for a text without
English, and for English without a text.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from django.utils.translation import get_language

FOLDER = Path(__file__).parent / "english"
LANGUAGES = ("vi", "en")


@cache
def english() -> Mapping[str, str]:
    """Return all texts by their Vietnamese."""
    texts: dict[str, str] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        texts |= tomllib.loads(path.read_text(encoding="utf-8"))
    return texts


def t(text: str, **values: object) -> str:
    """Return a text in the language of the request, with `{names}` filled in.

    In Vietnamese where there is no English: a page must never fail for that.
    """
    told = english().get(text, text) if language() == "en" else text
    return told.format(**values) if values else told


def language() -> str:
    """Return the language of the request: `vi`, or `en`."""
    return "en" if get_language() == "en" else "vi"
