"""Lists that were rendered, kept in this process for as long as they are what they were.

What is kept is looked up by whose it is and compared with what the database says now, so several
processes need not tell one another of changes, and nobody ever gets what was rendered for others.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rendered:
    """A list as phones get it."""

    content: bytes  # CSV, UTF-8 without BOM, LF
    md5: str


class Kept:
    """Rendered lists, of which those that nobody has asked for longest go first."""

    def __init__(self, most_bytes: int) -> None:
        """Keep no more than so much content."""
        self._most_bytes = most_bytes
        self._lists: OrderedDict[Hashable, tuple[Hashable, Rendered]] = OrderedDict()
        self._lock = threading.Lock()  # the threads of one web process share what is kept
        self.size = 0  # bytes of content

    def get(self, whose: Hashable, state: Hashable, render: Callable[[], Rendered]) -> Rendered:
        """Return a list, rendered unless it is kept and its state is still the same.

        whose: the list, and for whom. state: everything else that its rows depend on, read before
        they are; a change in between gives newer rows under an older state, which nobody asks for.
        """
        with self._lock:
            if whose in self._lists and self._lists[whose][0] == state:
                self._lists.move_to_end(whose)
                return self._lists[whose][1]
        made = render()  # without the lock: others' lists need not wait for the database
        with self._lock:
            self._drop(whose)
            if len(made.content) > self._most_bytes:  # else it would put all others out
                return made
            self._lists[whose] = (state, made)
            self.size += len(made.content)
            while self.size > self._most_bytes:
                self._drop(next(iter(self._lists)))
        return made

    def _drop(self, whose: Hashable) -> None:
        gone = self._lists.pop(whose, None)
        if gone is not None:
            self.size -= len(gone[1].content)
