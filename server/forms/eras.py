"""By which rules the answers of a form version are judged, by the day of the visit.

The criteria set in force on that day judges. Where nobody has written its conditions yet, the last
set of its series that has some goes on, provisionally; and that is said with everything it gives
(docs/decisions/rules-by-day.md).
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import F, QuerySet
from django.utils import timezone

from server.forms import findings, schema
from server.forms.findings import Conditions
from server.forms.models import CriteriaSet, Form, FormVersion, RuleVersion

Layers = tuple[RuleVersion, ...]  # each laid over the next; the first that holds on a day judges

UNVERIFIED_NOTE = "tạm tính – chưa đối chiếu"  # of a rule that nobody has compared with the law


@dataclass(frozen=True, slots=True)
class Era:
    """Days on which visits are judged by the same rules, up to the next era."""

    since: dt.date  # date.min: always
    rule_version_id: int | None
    conditions: Conditions
    is_provisional: bool = False  # no set that is in force could judge
    awaited_set: str = ""  # the set in force that has no conditions; "" where none is in force


def eras(form_version: FormVersion) -> tuple[Era, ...]:
    """Return how a version's answers are judged, in the order of time, from date.min on."""
    if form_version.rule_version is None:
        return (Era(dt.date.min, None, findings.load(form_version.conditions)),)
    shelf = _shelf(form_version)
    found: list[Era] = []
    for since in shelf.boundaries():
        era = shelf.era(since)
        if not found or era != replace(found[-1], since=since):
            found.append(era)
    return tuple(found)


def era_on(eras: Sequence[Era], day: dt.date) -> Era:
    """Return the era that a day is in."""
    return eras[bisect_right(eras, day, key=lambda era: era.since) - 1]


def finding_note(standing: str, *, is_verified: bool) -> str:
    """Return the words to print with the outcome of a condition; "" where nothing is open.

    standing: what `standing_note` says of its inspection.
    """
    return "; ".join(note for note in ("" if is_verified else UNVERIFIED_NOTE, standing) if note)


def standing_note(criteria_set: str, awaited_set: str, *, is_provisional: bool) -> str:
    """Return the words to print with what a set gave only for now; "" where it was in force."""
    if not is_provisional:
        return ""
    if awaited_set:
        return f"tạm dùng bộ tiêu chí {criteria_set}, chưa có bộ {awaited_set}"
    return (
        f"tạm dùng bộ tiêu chí {criteria_set}, "
        "ngày kiểm tra không có bộ tiêu chí nào đang có hiệu lực"
    )


def layers(head: RuleVersion, made: Mapping[int, RuleVersion]) -> Layers:
    """Return a rule version and those it was laid over. made: all of the form, by key."""
    return tuple(_downwards(head, made))


def _downwards(head: RuleVersion, made: Mapping[int, RuleVersion]) -> Iterator[RuleVersion]:
    at: RuleVersion | None = head
    while at is not None:
        yield at
        at = made[at.corrects_id] if at.corrects_id else None


def on_day(layers: Layers, day: dt.date) -> RuleVersion:
    """Return which of the layers judges a visit of that day; the lowest holds always."""
    return next(layer for layer in layers if _holds(layer.valid_from, layer.valid_to, day))


def boundaries(spans: Iterable[RuleVersion | CriteriaSet]) -> list[dt.date]:
    """Return the first days of what lies between all beginnings and ends, from date.min on."""
    days = {day for span in spans for day in (span.valid_from, span.valid_to) if day}
    return sorted({dt.date.min, *days})


def owe(form_versions: QuerySet[FormVersion]) -> int:
    """Note that what these versions collected must be scored again; return how many they are.

    The sweep pays it. Whoever has their rules in memory learns from `rule_edition`.
    """
    return form_versions.filter(rule_version__isnull=False).update(
        rule_edition=F("rule_edition") + 1, rescore_owed_at=timezone.now()
    )


def of_other_sets(form: Form, criteria_sets: Iterable[str]) -> QuerySet[FormVersion]:
    """Return the versions of a form that may be judged, on some days, by one of these sets."""
    return form.versions.filter(rule_version__isnull=False).exclude(
        conditions__criteria_set__in=list(criteria_sets)
    )


# ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Shelf:
    """The sets of one series, and the rules of this form that are written for them."""

    own: Layers
    books: Mapping[str, Layers]  # by the code of the set; those this version can answer
    sets: tuple[CriteriaSet, ...]  # of the series, in the order of time; () for an unknown one

    def boundaries(self) -> list[dt.date]:
        laid = (layer for book in self.books.values() for layer in book)
        return boundaries((*laid, *self.sets))

    def era(self, day: dt.date) -> Era:
        held = next((s for s in self.sets if _holds(s.valid_from, s.valid_to, day)), None)
        if not self.sets or (held and held.code in self.books):
            rules = on_day(self.books[held.code] if held else self.own, day)
            return Era(day, rules.pk, findings.load(rules.conditions))
        filled = [s.code for s in self.sets if s.valid_from <= day and s.code in self.books]
        rules = on_day(self.books[filled[-1]] if filled else self.own, day)
        awaited = held.code if held else ""
        return Era(day, rules.pk, findings.load(rules.conditions), True, awaited)


def _shelf(form_version: FormVersion) -> _Shelf:
    form_id = form_version.form_id
    made = {rules.pk: rules for rules in RuleVersion.objects.filter(form=form_id)}
    own = layers(made[form_version.rule_version_id or 0], made)
    code = _set_of(own)
    series = CriteriaSet.objects.filter(code=code).values("series")
    sets = tuple(CriteriaSet.objects.filter(series__in=series).order_by("valid_from"))
    if len(sets) <= 1:
        return _Shelf(own, {code: own}, sets)
    asked = {field.path for field in schema.load(form_version.schema).fields}
    books: dict[str, Layers] = {code: own}
    # The newest version that was written for a set knows best what the set asks.
    of_form = FormVersion.objects.filter(form=form_id, rule_version__isnull=False)
    heads = of_form.order_by("-pk")
    for head in heads.values_list("rule_version", flat=True):
        laid = layers(made[head or 0], made)
        if _set_of(laid) not in books and _questions(laid) <= asked:
            books[_set_of(laid)] = laid
    return _Shelf(own, books, sets)


def _set_of(laid: Layers) -> str:
    code: str = laid[0].conditions["criteria_set"]
    return code


def _questions(laid: Layers) -> set[str]:
    """Return the questions that rules look at, in whichever layer."""
    found: set[str] = set()
    for layer in laid:
        conditions = findings.load(layer.conditions)
        found |= {path for path in (conditions.period, conditions.year) if path}
        for condition in conditions.conditions:
            found |= {condition.applies[0]} if condition.applies else set()
            for rule in condition.rules:
                found |= {*rule.value, rule.of or "", rule.evidence or ""} - {""}
    return found


def _holds(valid_from: dt.date | None, valid_to: dt.date | None, day: dt.date) -> bool:
    return (valid_from is None or valid_from <= day) and (valid_to is None or day < valid_to)
