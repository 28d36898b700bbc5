"""What one instance means: pure functions, no database.

Everything here can be computed again from the bytes that the device sent.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from server.forms.eras import Era
from server.forms.findings import Conditions
from server.inspections import scoring
from server.inspections.flags import (
    NamedFiles,
    RaisedFlag,
    answer_flags,
    day_flags,
    raise_flags,
    unbacked_zeros,
)
from server.inspections.geotag import Geography, Place, Point, parse_geopoint
from server.inspections.indicators import Measured
from server.inspections.personal import Trace, traces
from server.inspections.reading import Reading
from server.inspections.scoring import Flat, Scored
from server.submissions import instance
from server.submissions.instance import Answers
from server.xml import parse

_FIRST_HALF_MONTHS = 6


@dataclass(frozen=True, slots=True)
class Files:
    """Names of files that an instance refers to, where something is the matter with them."""

    missing: tuple[str, ...] = ()  # have not arrived
    differing: tuple[str, ...] = ()  # arrived more than once, with other bytes


@dataclass(frozen=True, slots=True)
class Meaning:
    """Everything that is derived from one instance."""

    visit_date: dt.date | None
    year: int | None
    period: str  # h1, fy; "" when it cannot be told
    point: Point | None
    place: Place
    subject: str  # digest of what in the commune was inspected; "" for the commune itself
    scored: Scored
    era: Era  # whose rules scored it
    rule_edition: int  # of the rules of its form version; what is written rests on it
    measured: dict[str, Measured]
    flags: tuple[RaisedFlag, ...]
    answers: Answers


def understand(
    xml: bytes,
    *,
    reading: Reading,
    geography: Geography,
    files: Files,
    received_on: dt.date,
) -> Meaning:
    """Return what an instance means; `received_on`, local, stands in for a visit date not given."""
    # Who it is was settled when it was taken in; here only what it answers matters.
    answers = instance.answers(parse(xml), reading.repeat_paths, reading.steps)
    flat = answers.flat
    visit_date = _date(reading.first(reading.visit_date, flat))
    on_date = visit_date or received_on
    point = parse_geopoint(reading.first(reading.point, flat))
    code = reading.first(reading.commune, flat)
    place = geography.place(point, code, on_date)
    known = _with_unit_type(flat, reading, geography.unit_type(code, on_date))
    judge = reading.judge_on(on_date)
    scored = judge.score(known)
    shown = judge.score_as_shown(known) if judge.score_as_shown else scored
    year = _year(reading.first(reading.year, flat), visit_date)
    return Meaning(
        visit_date=visit_date,
        year=year,
        period=_period(reading.first(reading.period, flat), visit_date, year),
        point=point,
        place=place,
        subject=reading.subject_of(flat),
        scored=scored,
        era=judge.era,
        rule_edition=reading.rule_edition,
        measured=reading.measure(answers),
        flags=(
            *_raised(reading, answers, shown, files, point, place),
            *day_flags(visit_date, received_on),
            *_answer_flags(reading, answers, judge.era.conditions, known),
        ),
        answers=answers,
    )


def _raised(
    reading: Reading,
    answers: Answers,
    shown: Scored,
    files: Files,
    point: Point | None,
    place: Place,
) -> tuple[RaisedFlag, ...]:
    return raise_flags(
        asks_point=bool(reading.point),
        point=point,
        place=place,
        scored=shown,
        missing=_named(files.missing, reading, answers),
        differing=_named(files.differing, reading, answers),
    )


def _answer_flags(
    reading: Reading, answers: Answers, conditions: Conditions, known: Flat
) -> Iterator[RaisedFlag]:
    zeros = unbacked_zeros(conditions.conditions, known)
    return answer_flags(zeros, _traces(reading, answers))


def _traces(reading: Reading, answers: Answers) -> dict[str, tuple[Trace, ...]]:
    """Return what personal data the free texts may hold, by question."""
    found: dict[str, set[Trace]] = {}
    rows = (answers.flat, *(row for rows in answers.repeats.values() for row in rows))
    for row in rows:
        for path in reading.text_paths & row.keys():
            if seen := traces(row[path]):
                found.setdefault(path, set()).update(seen)
    return {path: tuple(trace for trace in Trace if trace in seen) for path, seen in found.items()}


def _named(names: Sequence[str], reading: Reading, answers: Answers) -> NamedFiles:
    """Return how many files there are, and which questions they answer."""
    if not names:
        return NamedFiles(0, ())
    rows = (answers.flat, *(row for rows in answers.repeats.values() for row in rows))
    found = {path for row in rows for path, answer in row.items() if answer in names}
    return NamedFiles(len(names), tuple(sorted(found & reading.binary_paths)))


def _with_unit_type(flat: Flat, reading: Reading, unit_type: str) -> Flat:
    # The phone calculates this from communes.csv; a client that does not calculate (a script, a
    # web form without the list) leaves it blank, and the server knows it as well.
    blank = [path for path in reading.unit_type if not flat.get(path)]
    return {**flat, **dict.fromkeys(blank, unit_type)} if blank else flat


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        return None


def _year(text: str, visit_date: dt.date | None) -> int | None:
    figure = scoring.number(text)
    if figure is not None and dt.MINYEAR <= figure <= dt.MAXYEAR:
        return int(figure)
    return visit_date.year if visit_date else None


def _period(text: str, visit_date: dt.date | None, year: int | None) -> str:
    """Return h1 or fy.

    An unplanned or repeated visit belongs to the half-year it was made in; made after the year
    of its data, to all of that year.
    """
    if text in ("h1", "fy"):
        return text
    if visit_date is None:
        return ""
    is_first_half = visit_date.year == year and visit_date.month <= _FIRST_HALF_MONTHS
    return "h1" if is_first_half else "fy"
