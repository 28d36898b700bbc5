"""What an inspection of the demonstration is to find, condition by condition, and drawn figures."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping
from dataclasses import dataclass

from sync.demo.conditions import DAT, KHONG_DAT, UNKNOWN, Answered


@dataclass(frozen=True, slots=True)
class Told:
    """What the conditions of a form are to come out as, and what that depends on besides.

    What really comes out is calculated afterwards; a condition that does not apply stays so.
    """

    rng: random.Random
    statuses: Mapping[str, str]  # {condition: dat, khong_dat, chua_du_can_cu}
    period: str  # h1, fy, adhoc, followup
    year: int
    day: dt.date

    def is_met(self, code: str) -> bool:
        """Tell whether the figures are good, whatever proves them."""
        return self.statuses[code] != KHONG_DAT

    def yes(self, code: str) -> str:
        """Return the answer where `yes` is the good one."""
        return "yes" if self.is_met(code) else "no"

    def no(self, code: str) -> str:
        """Return the answer where `no` is the good one."""
        return "no" if self.is_met(code) else "yes"

    def evidence(self, *codes: str) -> str:
        """Return an answer of list `ev4` that leaves the statuses as told, the worst first."""
        found = {self.statuses[code] for code in codes}
        if UNKNOWN in found:
            return self.rng.choice(("verbal", "verbal", "none"))
        if found == {DAT}:
            return self.rng.choice(("seen", "seen", "copied"))
        return self.rng.choice(("seen", "seen", "verbal")) if found == {KHONG_DAT} else "seen"

    def some(self, *choices: str, least: int = 1, most: int = 99) -> str:
        """Return several choices as a select_multiple writes them, in the list's order."""
        chosen = set(self.rng.sample(choices, self.rng.randint(least, min(most, len(choices)))))
        return " ".join(choice for choice in choices if choice in chosen)

    def between(self, least: int, most: int) -> int:
        """Draw a count, both ends included."""
        return self.rng.randint(least, most)

    def part(self, of: int, least: int, most: int) -> int:
        """Draw a part of a count, between two percentages of it."""
        return of * self.rng.randint(least, most) // 100

    def planned(self, code: str, least: int, most: int) -> tuple[int, int]:
        """Return what was planned and what was done: all of it, or more, where it is met."""
        plan = self.rng.randint(least, most)
        if self.is_met(code):
            return plan, plan + self.rng.choice((0, 0, 0, 1))
        return plan, max(0, plan - self.rng.randint(1, max(1, plan // 2)))


def written(**answers: object) -> Answered:
    """Return answers as text; None leaves a question out."""
    return {name: str(answer) for name, answer in answers.items() if answer is not None}


def millions(amount: float) -> str:
    """Return an amount in millions of dong."""
    return f"{amount:.1f}"


def document(told: Told, kind: str, by: str, month: int) -> str:
    """Return the number and date of a document of the year, such as plans are named."""
    day = dt.date(told.year, month, told.rng.randint(1, 28))
    return f"{told.rng.randint(8, 140)}/{kind}-{by} ngày {day:%d/%m/%Y}"
