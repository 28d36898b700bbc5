"""What the phone's engine and the server make of instances of the four inspection forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from server.forms import schema
from server.inspections import scoring
from server.inspections.scoring import Scored
from server.submissions import instance
from tests.javarosa.filler import FilledInstance, Job, Manner, fill_all
from tests.workbooks import books, tables
from tests.workbooks.books import INSPECTIONS, MEDIA

RANDOM = 300
# What no random text is.
SETS: Mapping[str, Mapping[str, str]] = {"kt_ldn": {"d_tax": "4600123456"}}


@dataclass(frozen=True, slots=True)
class Judged:
    """One instance: what it answers outside repeats, and what both engines say."""

    flat: Mapping[str, str]
    scored: Scored

    @property
    def on_the_phone(self) -> dict[str, str]:
        found = {finding.condition: finding.device_status for finding in self.scored.findings}
        return {**found, tables.FORM: self.scored.device_result}

    @property
    def on_the_server(self) -> dict[str, str]:
        found = {finding.condition: finding.status for finding in self.scored.findings}
        return {**found, tables.FORM: self.scored.result}


@cache
def of_the_corpus() -> Mapping[str, list[Judged]]:
    """Fill every case of every page, in one engine, and judge it."""
    jobs = [
        Job(books.form(name).xform, MEDIA, rows=[dict(c.answers) for c in tables.cases(name)])
        for name in INSPECTIONS
    ]
    return _judged(jobs)


@cache
def of_random_answers() -> Mapping[str, list[Judged]]:
    """Fill every form RANDOM times with random valid answers, in one engine, and judge it."""
    jobs = [
        Job(books.form(name).xform, MEDIA, RANDOM, 185, Manner(sets=SETS.get(name, {})))
        for name in INSPECTIONS
    ]
    return _judged(jobs)


def _judged(jobs: list[Job]) -> dict[str, list[Judged]]:
    filled = zip(INSPECTIONS, fill_all(jobs), strict=True)
    return {name: [_judge(name, one) for one in instances] for name, instances in filled}


def _judge(name: str, filled: FilledInstance) -> Judged:
    root = instance.parse(filled.xml).root
    flat = instance.answers(root, _repeats(name)).flat
    return Judged(flat, scoring.score(books.form(name).conditions, flat))


@cache
def _repeats(name: str) -> frozenset[str]:
    fields = schema.read(books.form(name).xform).fields
    return frozenset(field.path for field in fields if field.is_repeat)
