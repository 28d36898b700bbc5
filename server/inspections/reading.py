"""Where in a form's answers an inspection's facts stand.

The four inspection forms share their header (domain.md §6.1), so a fact is known by the name of
its question, wherever its group stands.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from server.forms import eras, findings, indicators, schema
from server.forms.eras import Era
from server.forms.findings import Conditions
from server.forms.models import FormVersion
from server.forms.schema import Field
from server.inspections.indicators import Measurer, measurer
from server.inspections.scoring import Scorer, scorer
from server.submissions.instance import Steps, steps_to

# Fact -> names of the questions that can hold it, best first.
_NAMES: Mapping[str, tuple[str, ...]] = {
    "visit_date": ("h_date", "today"),
    "year": ("h_year",),
    "period": ("h_period",),
    "commune": ("h_commune",),
    "unit_type": ("h_unit_type",),
    "point": ("h_gps",),
    "begun": ("start",),
    "ended": ("end",),
}
# What in its commune a form is about, where that is not the commune itself: a workplace, a body, a
# recommendation, a form that was sent back; best first. A workplace keeps its tax code, and its
# name is written otherwise each time.
_SUBJECT = ("d_tax", "d_name", "h_unit", "t_rec", "v_task")


@dataclass(frozen=True, slots=True)
class Judge:
    """What scores the visits of an era."""

    era: Era
    score: Scorer  # by the era's conditions
    score_as_shown: Scorer | None  # by those that phones calculate, where they are others


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read the answers of one form version. Paths stand below the root: `h/h_date`."""

    form_version_id: int
    rule_edition: int  # of the rules below
    judges: tuple[Judge, ...]  # in the order of time
    measure: Measurer
    repeat_paths: frozenset[str]
    steps: Steps  # to its fields
    binary_paths: frozenset[str]
    text_paths: frozenset[str]  # where a person writes what they like
    visit_date: tuple[str, ...]
    year: tuple[str, ...]
    period: tuple[str, ...]
    commune: tuple[str, ...]
    unit_type: tuple[str, ...]
    point: tuple[str, ...]
    begun: tuple[str, ...]
    ended: tuple[str, ...]
    subject: tuple[str, ...]
    compared_paths: frozenset[str]  # asked of each visit anew: two seldom answer all of them alike

    def first(self, paths: tuple[str, ...], flat: Mapping[str, str]) -> str:
        """Return the first answer there is among `paths`, or ""."""
        for path in paths:
            if answer := flat.get(path):
                return answer
        return ""

    def judge_on(self, day: dt.date) -> Judge:
        """Return what scores a visit of that day."""
        at = bisect_right(self.judges, day, key=lambda judge: judge.era.since)
        return self.judges[at - 1]

    def subject_of(self, flat: Mapping[str, str]) -> str:
        """Return a digest of what in its commune was inspected; "" for the commune itself.

        The same for the same answer in whatever case and spacing, and for a number with or without
        hyphens.
        """
        for path in self.subject:
            said = " ".join(flat.get(path, "").casefold().split())
            bare = said.replace("-", "").replace(" ", "")
            if said:
                name = path.rpartition("/")[2]
                of = f"{name}={bare if bare.isdigit() else said}"
                return hashlib.sha256(of.encode()).hexdigest()[:32]
        return ""


# The edition of the rules that each form version was last seen to be scored by, so that an arrival
# need not ask; what it writes is refused when there is another by now (first_rows.write_first).
_last_editions: dict[int, int] = {}


def editions_now(form_version_ids: Iterable[int]) -> dict[int, int]:
    """Return by which edition of its rules each form version is scored now."""
    versions = FormVersion.objects.filter(pk__in=set(form_version_ids))
    found: dict[int, int] = dict(versions.values_list("pk", "rule_edition"))
    _last_editions.update(found)
    return found


def edition_last_seen(form_version_id: int) -> int:
    """Return by which edition a form version was scored when this process last asked."""
    if form_version_id not in _last_editions:
        editions_now([form_version_id])
    return _last_editions.get(form_version_id, 0)


@lru_cache(maxsize=64)
def reading_of(form_version_id: int, rule_edition: int) -> Reading:
    """Return how to read the answers of a form version; neither it nor an edition ever changes.

    Asked for an edition that is over, it may give the rules of the next: what is derived by them
    is right, and what is written in the name of the edition is refused.
    """
    version = FormVersion.objects.select_related("form", "rule_version").get(pk=form_version_id)
    fields = schema.load(version.schema).fields
    single = [field for field in fields if not field.repeat and not field.is_repeat]
    facts = {fact: _paths(single, names) for fact, names in _NAMES.items()}
    if not facts["point"]:
        facts["point"] = tuple(f.path for f in single if f.type == "geopoint")
    shown = findings.load(version.conditions)
    repeat_paths = frozenset(field.path for field in fields if field.is_repeat)
    return Reading(
        form_version_id=form_version_id,
        rule_edition=rule_edition,
        judges=tuple(_judge(era, shown) for era in eras.eras(version)),
        measure=measurer(indicators.load(version.indicators), sorted(repeat_paths)),
        repeat_paths=repeat_paths,
        steps=steps_to(field.path for field in fields),
        binary_paths=frozenset(field.path for field in fields if field.is_binary),
        # What an inspection's facts are read from was chosen from a list.
        text_paths=frozenset(field.path for field in fields if _is_free_text(field)).difference(
            *facts.values()
        ),
        subject=_paths(single, _SUBJECT),
        compared_paths=frozenset(field.path for field in fields if _is_compared(field)),
        **facts,
    )


def any_reading_of(form_version_id: int) -> Reading:
    """Return how to read a form version by whichever rules: for what it asks, not how it scores."""
    return reading_of(form_version_id, edition_last_seen(form_version_id))


def _judge(era: Era, shown: Conditions) -> Judge:
    as_shown = None if shown == era.conditions else scorer(shown)
    return Judge(era, scorer(era.conditions), as_shown)


def is_about_subjects(fields: Iterable[Field]) -> bool:
    """Tell whether a form asks what in the commune is inspected."""
    return any(field.name in _SUBJECT for field in fields if not field.repeat)


def _paths(fields: list[Field], names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(field.path for name in names for field in fields if field.name == name)


def _is_free_text(field: Field) -> bool:
    # What has no label is calculated, or filled in by the phone (its number, its user's name).
    is_written = field.type == "string" and bool(field.label)
    return is_written and not (field.choice_list or field.is_multiple or field.is_repeat)


def _is_compared(field: Field) -> bool:
    # The header (h_…) is the same for all visits of a day; what has no label nobody answers.
    is_question = bool(field.label) and not (field.is_repeat or field.is_binary)
    return is_question and field.type != "geopoint" and not field.name.startswith("h_")
