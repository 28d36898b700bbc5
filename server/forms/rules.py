"""The rule versions of a form: made by publishing, and by correcting what the law says.

A correction needs no new form: phones go on showing what they were published with, and the server
scores by the corrected rule, answers that it holds already included. What was found before is kept
(server.inspections).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F, Max, QuerySet
from django.utils import timezone

from server.forms import eras, findings
from server.forms.corrections import Correction, corrected, told, with_threshold
from server.forms.eras import Layers, layers, on_day
from server.forms.findings import Conditions, Rule
from server.forms.models import CriteriaSet, Form, FormVersion, RuleVersion
from server.forms.rule_problems import (
    ConditionUnknown,
    CorrectionUndone,
    DaysBackwards,
    NothingCorrected,
    ReasonMissing,
)
from server.projects.models import User

_YES_NO = {True: "yes", False: "no"}


def in_force(form_version: FormVersion, day: dt.date | None = None) -> Conditions:
    """Return the conditions that a visit of a day is scored by, corrections included.

    day: today where none is given.
    """
    day = day or timezone.localdate(timezone=ZoneInfo(settings.LOCAL_TIME_ZONE))
    return eras.era_on(eras.eras(form_version), day).conditions


def of_publication(form: Form, version: str, conditions: Conditions) -> RuleVersion | None:
    """Return what a new version of a form is scored by: new only where its conditions are.

    Corrections of some days stay: what the workbook says holds on the other days, or where it
    says what was corrected, on those days, and on the others what was before. What versions for
    other sets collected owes a new score: visits may have been made under the set of this one.
    None for a form that judges nothing. The caller holds the form's lock.
    """
    if not conditions.conditions:
        return None
    eras.owe(eras.of_other_sets(form, [conditions.criteria_set]))
    made = {rules.pk: rules for rules in form.rule_versions.order_by("number")}
    of_all_days = [m for m in made.values() if m.valid_from is None and m.valid_to is None]
    same = [m for m in of_all_days if findings.load(m.conditions) == conditions]
    for head in _in_use(form) if same else ():
        if same[-1] in layers(head, made):
            return head
    base = same[-1] if same else _make(form, conditions, made_for=version)
    return _laid_again(form, base, list(made.values()))


def _in_use(form: Form) -> QuerySet[RuleVersion]:
    """Return what versions of a form are scored by, the newest rules first."""
    return RuleVersion.objects.filter(formversion__form=form).distinct().order_by("-number")


def refuse_undone(form: Form, conditions: Conditions) -> list[CorrectionUndone]:
    """Return a complaint for each correction that publishing these conditions would take back."""
    corrections = [
        m for m in form.rule_versions.exclude(corrects=None).order_by("number") if not _is_dated(m)
    ]
    undone: list[CorrectionUndone] = []
    for condition in conditions.conditions:
        of_it = [m for m in corrections if m.correction["condition"] == condition.code]
        for number, rule in with_threshold(condition):
            undone += _threshold_undone(of_it, condition.code, number, rule)
        verified = [m for m in of_it if m.correction["is_verified"] is not None]
        if verified and condition.is_verified != verified[-1].correction["is_verified"]:
            words = (_YES_NO[condition.is_verified], _YES_NO[not condition.is_verified])
            undone.append(_undone("verified", condition.code, words, verified[-1]))
    return undone


def _threshold_undone(
    corrections: list[RuleVersion], code: str, number: int, rule: Rule
) -> Iterator[CorrectionUndone]:
    of_it = [
        made
        for made in corrections
        if made.correction["threshold"] and made.correction["rule"] == number
    ]
    now = findings.threshold_text(rule.threshold) if rule.threshold else ""
    if any(now == made.correction["threshold"][0] for made in of_it):
        new = of_it[-1].correction["threshold"][1]
        if now != new:  # else it was corrected back again
            yield _undone("threshold", code, (now, new), of_it[-1])


def _undone(header: str, code: str, words: tuple[str, str], last: RuleVersion) -> CorrectionUndone:
    old, new = words
    details = {"value": old, "condition": code, "old": old, "new": new, "reason": last.note}
    return CorrectionUndone(sheet="findings", header=header, **details)


def correct(
    form: Form, correction: Correction, *, reason: str, by: User | None = None
) -> list[RuleVersion]:
    """Correct one condition in every version of a form that has it; return the rules it made.

    Call it in a transaction. What is stored is scored again by whoever calls it. Several rules are
    made where versions of the form differ in other conditions, or days in this one.

    Raises ReasonMissing, DaysBackwards, ConditionUnknown, ThresholdUnreadable, NothingCorrected.
    """
    if not reason.strip():
        raise ReasonMissing
    since, until = correction.valid_from, correction.valid_to
    if since and until and until <= since:
        raise DaysBackwards(valid_from=since.isoformat(), valid_to=until.isoformat())
    # No key changes hands, so that submissions go on arriving meanwhile.
    form = Form.objects.select_for_update(no_key=True).get(pk=form.pk)
    known = {rules.pk: rules for rules in form.rule_versions.all()}
    in_use = [layers(head, known) for head in _in_use(form).reverse()]
    _refuse_unknown(form, correction, in_use)
    made: list[RuleVersion] = []
    for before in in_use:
        laid = _lay(form, before, correction, note=reason.strip(), by=by)
        if new := laid[: len(laid) - len(before)]:
            made += reversed(new)
            form.versions.filter(rule_version=before[0]).update(
                rule_version=laid[0], rule_edition=F("rule_edition") + 1
            )
    if not made:
        raise NothingCorrected(form_id=form.form_id, condition=correction.condition)
    return made


def judged_by(form: Form, made: Sequence[RuleVersion]) -> QuerySet[FormVersion]:
    """Return the versions of a form that rules just made may judge, on whichever days."""
    codes = {rules.conditions["criteria_set"] for rules in made}
    of_others = eras.of_other_sets(form, codes)
    return form.versions.filter(rule_version__in=made) | of_others


def _refuse_unknown(form: Form, correction: Correction, in_use: Sequence[Layers]) -> None:
    known = {
        condition.code
        for laid in in_use
        for layer in laid
        for condition in findings.load(layer.conditions).conditions
    }
    if correction.condition not in known:
        raise ConditionUnknown(
            form_id=form.form_id, condition=correction.condition, known=", ".join(sorted(known))
        )


# Days --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Piece:
    """Days of a correction on which one of the layers judges."""

    rules: RuleVersion
    valid_from: dt.date | None
    valid_to: dt.date | None


def _pieces(laid: Layers, correction: Correction) -> Iterator[_Piece]:
    since, until = correction.valid_from or dt.date.min, correction.valid_to or dt.date.max
    inside = [day for day in eras.boundaries(laid) if since < day < until]
    first, rules = since, on_day(laid, since)
    for day in [*inside, until]:
        following = None if day == until else on_day(laid, day)
        if following != rules:
            ends = (
                None if first == dt.date.min else first,
                None if day == dt.date.max else day,
            )
            yield _Piece(rules, *ends)
            first, rules = day, following or rules


def _lay(form: Form, laid: Layers, correction: Correction, *, note: str, by: User | None) -> Layers:
    """Return the layers with a correction laid over them; the same where it changes nothing."""
    for piece in tuple(_pieces(laid, correction)):
        before = findings.load(piece.rules.conditions)
        after = corrected(before, correction)
        if after != before:
            made = _make(
                form,
                after,
                valid_from=piece.valid_from,
                valid_to=piece.valid_to,
                corrects=laid[0],
                note=note,
                made_by=by,
                correction=told(before, after, correction),
            )
            laid = (made, *laid)
    return laid


def _is_dated(made: RuleVersion) -> bool:
    return bool(made.correction.get("valid_from") or made.correction.get("valid_to"))


def _laid_again(form: Form, base: RuleVersion, made: Sequence[RuleVersion]) -> RuleVersion:
    """Lay the corrections of some days over new rules. made: those of before, by number."""
    laid: Layers = (base,)
    kept: dict[tuple[object, ...], list[RuleVersion]] = {}
    for rules in made:
        was = rules.correction
        if rules.corrects_id and _is_dated(rules):
            key = (was["condition"], was["rule"], was.get("valid_from"), was.get("valid_to"))
            kept[key] = [*kept.pop(key, []), rules]  # the last said is laid last
        elif was.get("threshold"):  # of all days: nothing said of it before stands
            of_it = (was["condition"], was["rule"])
            kept = {key: old for key, old in kept.items() if key[:2] != of_it}
    for same in kept.values():
        for correction in _again(findings.load(base.conditions), [r.correction for r in same]):
            laid = _lay(form, laid, correction, note=same[-1].note, by=same[-1].made_by)
    return laid[0]


def _day(iso: str | None) -> dt.date | None:
    return dt.date.fromisoformat(iso) if iso else None


def _again(conditions: Conditions, same: Sequence[dict[str, Any]]) -> Iterator[Correction]:
    """Yield what corrections of some days, all the same days, ask of conditions written later."""
    code, number = same[0]["condition"], same[0]["rule"]
    condition = next((c for c in conditions.conditions if c.code == code), None)
    rule = dict(with_threshold(condition)).get(number) if condition else None
    since, until = _day(same[0].get("valid_from")), _day(same[0].get("valid_to"))
    verified = [was["is_verified"] for was in same if was["is_verified"] is not None]
    said = Correction(code, None, verified[-1] if verified else None, number, since, until)
    thresholds = [was["threshold"] for was in same if was["threshold"]]
    if thresholds and rule and rule.threshold:
        old, new = thresholds[0][0], thresholds[-1][1]
        if findings.threshold_text(rule.threshold) != new:
            said = replace(said, threshold=new)
        else:  # the workbook says so by now, and says it of all days
            if since:
                yield Correction(code, old, None, number, None, since)
            if until:
                yield Correction(code, old, None, number, until, None)
    yield said


def _make(form: Form, conditions: Conditions, **columns: object) -> RuleVersion:
    json_ = findings.dump(conditions)
    last = form.rule_versions.aggregate(last=Max("number"))["last"] or 0
    return RuleVersion.objects.create(
        form=form,
        number=last + 1,
        criteria_set=CriteriaSet.objects.filter(code=conditions.criteria_set).first(),
        conditions=json_,
        sha256=hashlib.sha256(json.dumps(json_, sort_keys=True).encode()).hexdigest(),
        **columns,
    )
