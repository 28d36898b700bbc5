"""Reasons to look twice at an inspection. A flag is never a rejection.

Details name questions and give distances; they never hold an answer but the day of a visit.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from server.forms.findings import Condition
from server.inspections.flag_kinds import VISIT_IN_FUTURE
from server.inspections.geotag import Place, Point
from server.inspections.personal import Trace
from server.inspections.scoring import Flat, Scored, number

FAR_M = 500.0  # domain.md §6.1: outside the declared commune by more than this
# A phone whose clock or zone is a little ahead is no reason to stop anybody.
AHEAD = dt.timedelta(days=1)
_ONLY_SAID = ("verbal", "none")  # choices of `ev4` that no document backs


@dataclass(frozen=True, slots=True)
class RaisedFlag:
    """One reason, with what it rests on."""

    code: str
    details: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NamedFiles:
    """Some of the files that an instance refers to."""

    count: int
    questions: tuple[str, ...]  # whose answers they are; a file's own name is an answer


def raise_flags(
    *,
    asks_point: bool,
    point: Point | None,
    place: Place,
    scored: Scored,
    missing: NamedFiles,
    differing: NamedFiles,
) -> tuple[RaisedFlag, ...]:
    """Return the flags of one inspection, in a fixed order.

    asks_point: the form has a question for the point.
    scored: by the rules that the form was published with, which the phone calculates: where one
        was corrected since, the phone cannot know.
    missing: files that have not arrived.
    differing: files that arrived again with other bytes; the first is shown, the others are kept.
    """
    return (
        *_place_flags(asks_point, point, place),
        *_file_flags(missing, differing),
        *_result_flags(scored),
    )


def day_flags(visit_date: dt.date | None, received_on: dt.date) -> Iterator[RaisedFlag]:
    """Yield the flag of a visit that had not taken place yet when it was received.

    received_on: the day of receipt, in local time as the visit's.
    """
    if visit_date is not None and visit_date - received_on > AHEAD:
        days = {"visit_date": visit_date.isoformat(), "received_on": received_on.isoformat()}
        yield RaisedFlag(VISIT_IN_FUTURE, dict(days))


def unbacked_zeros(conditions: Sequence[Condition], answers: Flat) -> tuple[str, ...]:
    """Return the conditions in which a figure is 0 on somebody's word alone (domain.md §8.13)."""
    return tuple(
        condition.code
        for condition in conditions
        if any(
            _is_zero(answers.get(path, ""))
            for rule in condition.rules
            if rule.evidence and answers.get(rule.evidence) in _ONLY_SAID
            for path in (*rule.value, rule.of or "")
        )
    )


def _is_zero(answer: str) -> bool:
    return bool(answer) and number(answer) == 0


def _place_flags(asks_point: bool, point: Point | None, place: Place) -> Iterator[RaisedFlag]:
    if point is None and asks_point:
        yield RaisedFlag("gps_missing")
    if point is not None and point.accuracy_m == 0:
        # Collect writes 0 when the phone says that an app gave it the position.
        yield RaisedFlag("gps_mocked")
    if point is not None and place.outside_m is not None:
        allowed = max(point.accuracy_m or 0.0, FAR_M)
        if place.outside_m > allowed:
            yield RaisedFlag(
                "gps_far",
                {
                    "outside_m": round(place.outside_m),
                    "allowed_m": round(allowed),
                    "located": place.located,
                    "is_schematic": place.is_schematic,
                },
            )
    if place.unit is None:
        # Nothing declared and nothing located, or a code that no commune had that day: nobody's
        # row shows this inspection, so somebody has to look.
        yield RaisedFlag("unit_unknown")


def _file_flags(missing: NamedFiles, differing: NamedFiles) -> Iterator[RaisedFlag]:
    for code, files in (("photo_missing", missing), ("file_differs", differing)):
        if files.count:
            yield RaisedFlag(code, {"count": files.count, "questions": list(files.questions)})


def _result_flags(scored: Scored) -> Iterator[RaisedFlag]:
    differing = [
        finding.condition
        for finding in scored.findings
        if finding.device_status and finding.device_status != finding.status
    ]
    result_differs = bool(scored.device_result) and scored.device_result != scored.result
    if differing or result_differs:
        yield RaisedFlag("result_differs", {"conditions": differing, "result": result_differs})


def answer_flags(
    zeros: Sequence[str], traces: Mapping[str, tuple[Trace, ...]]
) -> Iterator[RaisedFlag]:
    """Yield the flags that answers raise by themselves.

    zeros: conditions, see `unbacked_zeros`. traces: of personal data in free text, by question.
    """
    if zeros:
        yield RaisedFlag("verbal_zero", {"conditions": list(zeros)})
    if traces:
        kinds = {trace for found in traces.values() for trace in found}
        yield RaisedFlag(
            "personal_data",
            {
                "questions": sorted(traces),
                "traces": [trace.value for trace in Trace if trace in kinds],
            },
        )
