"""Whether a new version of a form can take the place of those that phones already hold.

Submissions of all versions of a form are read together, and a phone may still send a form that
was begun under an old one. No Django.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from server.forms.compiled import Places
from server.forms.findings import Condition, Conditions
from server.forms.problems import BoundFieldLost, ChoiceLost, Complaint, TypeChanged
from server.forms.schema import Field, Schema, shape


@dataclass(frozen=True, slots=True)
class Meant:
    """What a version asks and how it judges."""

    schema: Schema
    conditions: Conditions


def check_compatible(old: Meant, new: Meant, places: Places) -> list[Complaint]:
    """Return why `new` cannot follow `old`; nothing when it can.

    places: in the new survey sheet.
    A question keeps its type and its choices for as long as it is asked; a question that decides
    a condition stays for as long as there is that condition. Choices from files are not looked at.
    """
    fields = {field.path: field for field in new.schema.fields}
    complaints: list[Complaint] = []
    for before in old.schema.fields:
        after = fields.get(before.path)
        if after is not None:
            place = {**places.at(before.path, "type"), "value": before.path}
            complaints += _changes(before, after, old.schema, new.schema, place)
    complaints += _reshaped(shape(old.schema), shape(new.schema), places)
    return complaints + list(_lost(old.conditions, new.conditions, fields))


def _reshaped(
    old: Mapping[str, str], new: Mapping[str, str], places: Places
) -> Iterator[TypeChanged]:
    """Give what was once for a record and is many times now, or is no question any more."""
    for path, kind in old.items():
        both = (kind, new.get(path, kind))
        if both[0] != both[1] and "group" in both:  # others are told by their types
            at = places.at(path, "type")
            yield TypeChanged(**at, value=path, old=both[0], new=both[1])


def _changes(
    before: Field, after: Field, old: Schema, new: Schema, place: Mapping[str, object]
) -> Iterator[Complaint]:
    if _type(before) != _type(after):
        yield TypeChanged(**place, old=_type(before), new=_type(after))
        return
    if before.choice_list and after.choice_list:
        for choice in old.choices[before.choice_list]:
            if choice.name not in new.choice_names(after):
                yield ChoiceLost(**place, choice=choice.name)


def _type(field: Field) -> str:
    """Return the type as a designer knows it: both kinds of select are strings to an XForm."""
    return "select_multiple" if field.is_multiple else field.type


def _lost(
    old: Conditions, new: Conditions, fields: Mapping[str, Field]
) -> Iterator[BoundFieldLost]:
    codes = {condition.code for condition in new.conditions}
    for condition in old.conditions:
        for path in _bound(condition) if condition.code in codes else ():
            if path not in fields:
                yield BoundFieldLost(
                    sheet="survey", header="name", value=path, condition=condition.code
                )


def _bound(condition: Condition) -> tuple[str, ...]:
    rules = condition.rules
    looked_at = [path for rule in rules for path in (*rule.value, rule.of, rule.evidence) if path]
    applies = [condition.applies[0]] if condition.applies else []
    return tuple(dict.fromkeys((*looked_at, *applies, condition.calculate)))
