"""What people at desks write beside a record is not to say who somebody is."""

from __future__ import annotations

from server.inspections import personal
from server.inspections.problems import WordsPersonal


def check(text: str, *, is_confirmed: bool) -> bool:
    """Tell whether a text may hold personal data, and somebody has confirmed that it does not.

    Raises WordsPersonal where nobody has.
    """
    suspect = personal.words(text)
    if suspect and not is_confirmed:
        raise WordsPersonal(words=", ".join(f"«{words}»" for words in suspect))
    return bool(suspect)
