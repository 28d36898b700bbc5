"""Every kind of rule: what the phone's engine calculates is what the server scores.

The form below has one condition a kind, and the awkward ones: several figures, figures that are
calculated and may be no number, a threshold by period, two rules, a condition that applies to
some. Its answers are drawn from the edges of each question, blanks included.
"""

from __future__ import annotations

import random

import pytest

from server.forms.compile import compile_workbook
from server.inspections import scoring
from server.submissions import instance
from tests.forms import tables
from tests.forms.tables import FINDINGS_HEADER, SURVEY_HEADER
from tests.javarosa.filler import fill_rows

pytestmark = pytest.mark.needs_java

CODES = ("A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "A9", "A10", "A11", "A12", "A13")
SURVEY = (
    SURVEY_HEADER,
    ("begin_group", "h", "Chung"),
    ("select_one period", "h_period", "Kỳ"),
    ("integer", "h_year", "Năm"),
    ("select_one unit_type", "h_unit_type", "Loại"),
    ("end_group",),
    ("select_one ynun", "q", "Q"),
    ("select_one ev4", "ev", "E"),
    ("decimal", "part", "N"),
    ("integer", "more", "N"),
    ("decimal", "whole", "N"),
    ("date", "day", "D"),
    # Blank, NaN (0 of 0) and infinite (1 of 0) are all not known.
    ("calculate", "share", None, "${part} div ${whole}"),
    *(("calculate", f"f_{code.lower()}") for code in CODES),
    ("calculate", "z_result"),
)
CHOICES = tables.with_rows(
    tables.CHOICES,
    *(("ynun", name, name) for name in ("yes", "no", "unk", "na")),
)


def rule(code: str, kind: str, value: str, **cells: object) -> tuple[object, ...]:
    row = {"code": code, tables.LABEL: code, "rule": kind, "value": value, "core": "yes", **cells}
    return tuple(row.get(header) for header in FINDINGS_HEADER)


FINDINGS = (
    FINDINGS_HEADER,
    rule("A1", "yes", "q", evidence="ev"),
    rule("A2", "no", "q", evidence="ev"),
    rule("A3", "min", "part more", evidence="ev", threshold="2; h1=1"),
    rule("A4", "zero", "part more", evidence="ev"),
    rule("A5", "zero", "more share", evidence="ev"),
    rule("A6", "ratio", "part", of="whole", evidence="ev", threshold=99.5),
    rule("A7", "plan", "part more", of="whole", evidence="ev"),
    rule("A8", "deadline", "day", evidence="ev", threshold=610),
    rule("A9", "deadline", "day", threshold=610, core="no"),
    rule("A10", "shown", "part", of="whole", core="no"),
    rule("A11", "min", "share", evidence="ev", threshold=1),
    rule("A12", "ratio", "more", of="share", evidence="ev", threshold=50, applies="h_unit_type=xa"),
    rule("A13", "no", "q", evidence="ev"),
    rule("A13", "plan", "part", of="whole", evidence="ev"),
)
ANSWERS = {
    "h/h_period": ("", "h1", "fy"),
    "h/h_year": ("", "2026", "2026", "2026"),
    "h/h_unit_type": ("", "xa", "xa", "phuong"),
    "q": ("", "yes", "no", "unk", "na"),
    "ev": ("", "seen", "seen", "copied", "verbal", "none"),
    "part": ("", "0", "1", "0.995", "1.99", "0.9949"),
    "more": ("", "0", "0", "1", "2"),
    "whole": ("", "0", "1", "1", "2", "3"),
    "day": ("", "2026-06-09", "2026-06-10", "2025-12-31", "2027-01-01"),
}


def drawn(count: int) -> list[dict[str, str]]:
    chance = random.Random(20261125)
    return [
        {path: chance.choice(choices) for path, choices in ANSWERS.items()} for _ in range(count)
    ]


def test_the_phone_and_the_server_score_every_kind_of_rule_alike() -> None:
    compiled = compile_workbook(tables.form(SURVEY, CHOICES, tables.SETTINGS, FINDINGS))

    filled = fill_rows(compiled.xform, {}, drawn(250))

    flats = [instance.answers(instance.parse(f.xml).root, frozenset()).flat for f in filled]
    scored = [scoring.score(compiled.conditions, flat) for flat in flats]
    ours = [({f.condition: f.status for f in s.findings}, s.result) for s in scored]
    phones = [({f.condition: f.device_status for f in s.findings}, s.device_result) for s in scored]
    assert ours == phones
    # The draw must have met every outcome that a rule can have, or agreement means little.
    met = {(f.condition, f.status) for s in scored for f in s.findings}
    every = (scoring.DAT, scoring.KHONG_DAT, scoring.CHUA_DU_CAN_CU, scoring.KHONG_AP_DUNG)
    judging = {"A1", "A2", "A6", "A7", "A12", "A13"}  # these may also not apply
    counting = {"A3", "A4", "A5", "A8", "A9", "A11"}
    assert met == (
        {(code, status) for code in judging for status in every}
        | {(code, status) for code in counting for status in every[:3]}
        | {("A10", status) for status in every[2:]}
    )
