"""Visits that are compared with each other: a form with enough questions, and who fills it in."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from server.communes.models import AdminUnit
from server.inspections import derive, look
from server.inspections.models import Flag
from server.plans import late
from server.projects import accounts
from server.projects.models import AppUser, Project
from server.submissions.intake import Sender, SentFile, receive
from server.submissions.models import Submission
from tests import builders
from tests.builders import GOOD

GROUP = "|          | begin_group       | h  "
QUESTIONS = "".join(f"| | integer | q{number:02} | Câu hỏi {number} |||\n" for number in range(20))
TIMES = "| | start | start ||||\n| | end | end ||||\n| | text | d_name | Tên doanh nghiệp |||\n"
FORM = builders.FORM.replace(GROUP, f"{TIMES}{QUESTIONS}{GROUP}", 1)
LON, LAT = 105.95, 21.65


def point(north_deg: float = 0.0, accuracy: str = "10") -> str:
    """Return a geopoint so many degrees of latitude (110.75 km each) north of a place."""
    return f"{LAT + north_deg:.6f} {LON} 0 {accuracy}"


def at(clock: str, day: str = "2026-05-20") -> str:
    """Return a time as Collect writes it."""
    return f"{day}T{clock}:00.000+07:00"


def visit(
    project: Project,
    name: str,
    commune: AdminUnit,
    answers: Mapping[str, str] | None = None,
    *,
    by: AppUser | None = None,
    photo: bytes | None = None,
    follows: str = "",
) -> Submission:
    """Send one inspection and derive it; it is not compared yet."""
    # Answers of its own, unless a test gives others.
    own = {f"q{number:02}": f"{hash_of(name)}{number}" for number in range(20)}
    xml = builders.instance(
        {**own, **GOOD, "h/h_commune": commune.code, **(answers or {})},
        instance_id=name,
        deprecated_id=follows,
        photos=["1.jpg"] if photo else [],
    )
    sent = [SentFile("1.jpg", io.BytesIO(photo), "image/jpeg")] if photo else []
    receipt = receive(xml, sent, Sender(project.pk, by, "collect:1", "Collect"))
    derive.arrived(receipt)
    return Submission.objects.get(pk=receipt.submission_id)


def hash_of(name: str) -> int:
    return sum(name.encode()) * 1000


def compared() -> look.Looked:
    return look.pay_debts(late.flags)


def flags(submission: Submission) -> dict[str, Any]:
    """Return what comparing found about a submission."""
    rows = Flag.objects.filter(inspection__submission=submission)
    return {
        code: details
        for code, details in rows.values_list("code", "details")
        if code not in ("gps_missing", "late")
    }


def inspector(project: Project, name: str, team: str = "") -> AppUser:
    return accounts.create_app_user(project, name, team=team).app_user


def trip(begun: str, ended: str, north_deg: float) -> dict[str, str]:
    return {"start": at(begun), "end": at(ended), "h/h_gps": point(north_deg)}


def copied(but: int) -> dict[str, str]:
    """Return 26 answers, of which the last few are others."""
    return {f"q{number:02}": "other" if number >= 20 - but else "1" for number in range(20)}
