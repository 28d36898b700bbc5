"""How an inspection of the demonstration ends, alike in all forms: conclusion, recommendations."""

from __future__ import annotations

import datetime as dt
import hashlib
import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sync.demo.conditions import Answered
from sync.demo.filling import Entity
from sync.demo.recommendations import DIFFICULTIES, STRENGTHS, WHY_OTHER_VIEW, Advice
from sync.demo.rounds import Visit

RECOMMENDATION_DAYS = (30, 60, 90, 180)
LABEL_CHARACTERS = 60  # of the text, as the forms calculate the label of a recommendation


@dataclass(frozen=True, slots=True)
class Recommended:
    """One recommendation: the row of the repeat, and the entity that it becomes."""

    row: Answered
    entity: Entity


def conclusion(visit: Visit, result: str, rng: random.Random) -> Answered:
    """Return what the team and the unit think of it."""
    team = result
    if result == "dat" and rng.random() < 0.08:
        team = "chua_du_can_cu"
    follow = f"{visit.day + dt.timedelta(days=120)}" if result == "khong_dat" else ""
    return {
        "z_team_view": team,
        **({} if team == result else {"z_diff_why": rng.choice(WHY_OTHER_VIEW)}),
        "z_self": result if rng.random() < 0.7 else "dat",
        "z_strength": rng.choice(STRENGTHS),
        "z_diff": rng.choice(DIFFICULTIES),
        "z_follow": follow,
    }


def recommended(
    visit: Visit, given: Sequence[tuple[str, Advice]], rng: random.Random
) -> list[Recommended]:
    """Return recommendations, each about a condition."""
    return [
        Recommended(_row(visit, code, advice, rng), _entity(visit, number, code, advice))
        for number, (code, advice) in enumerate(given)
    ]


def _row(visit: Visit, code: str, advice: Advice, rng: random.Random) -> Answered:
    due = visit.day + dt.timedelta(days=rng.choice(RECOMMENDATION_DAYS))
    return {
        "zr_cond": code,
        "zr_kind": advice.kind,
        "zr_text": advice.text,
        "zr_owner": advice.owner,
        "zr_sev": advice.severity,
        "zr_due": f"{due}",
        # What the entity of a recommendation is told besides.
        "zr_commune": visit.unit.uid,
        "zr_form": visit.form_id,
        "zr_state": "moi",
        "zr_date": f"{visit.day}",
    }


def _entity(visit: Visit, number: int, code: str, advice: Advice) -> Entity:
    drawn = hashlib.sha256(f"recommendation {number} {visit.key}".encode()).digest()
    label = f"{code}. {advice.text[:LABEL_CHARACTERS]}"
    return Entity(str(uuid.UUID(bytes=drawn[:16], version=4)), label)
