"""Everything a caller can act on is a Problem: a code that never changes, a status, a sentence.

Needs no Django: readers of XML and tables raise these too. Each edge (sync, server.api,
commands) writes them in one place, in the caller's language.
"""

from __future__ import annotations

from typing import ClassVar


class Problem(Exception):
    """Something went wrong that the caller can do something about.

    Subclasses give `code` (dotted, never changes), `status` (HTTP) and the same sentence in
    Vietnamese and English, as `str.format` templates over the keyword arguments given at `raise`.
    """

    code: ClassVar[str]
    status: ClassVar[int] = 400
    vi: ClassVar[str]
    en: ClassVar[str]
    # ODK Central's number for the same thing, which its clients compare
    # (protocol/openrosa.md §6); the integer part is always `status`.
    central: float | None = None
    # Though its status says otherwise, what was asked for is there for who asked.
    is_there: ClassVar[bool] = False

    def __init__(self, **details: object) -> None:
        self.details = details
        super().__init__(self.sentence())

    def sentence(self, language: str = "vi") -> str:
        """Return what to tell the caller, in `vi` or `en`."""
        return (self.en if language == "en" else self.vi).format(**self.details)


class Unavailable(Problem):
    """The database does not answer."""

    code = "server.unavailable"
    status = 503
    vi = "Máy chủ tạm thời chưa nhận được. Phiếu vẫn còn trên máy; hãy thử lại sau ít phút."
    en = "The server cannot take this just now. The form is still on the phone; try again soon."
    central = 503.1
