"""One thing that can go wrong with the server, and how it stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Level(StrEnum):
    """How it stands."""

    GOOD = "good"
    WATCH = "watch"  # somebody should look at it these days
    BAD = "bad"  # now


@dataclass(frozen=True, slots=True)
class Size:
    """So many bytes."""

    bytes: int


Fact = int | str | dt.datetime | dt.timedelta | Size


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    code: str  # what; `case` tells several sentences of one level apart
    level: Level
    facts: Mapping[str, Fact] = field(default_factory=dict)
    case: str = ""


def by_age(age: dt.timedelta, watch: dt.timedelta, bad: dt.timedelta) -> Level:
    """Return how something stands that must not be older than that."""
    if age > bad:
        return Level.BAD
    return Level.WATCH if age > watch else Level.GOOD
