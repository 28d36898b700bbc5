"""Whose day of visit cannot be believed yet, so that it does not pass for a commune's latest."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from server.inspections.flag_kinds import VISIT_IN_FUTURE
from server.inspections.models import Flag, FlagDecision


def in_doubt() -> QuerySet[Flag, Any]:
    """Return the keys of inspections dated after their receipt that nobody has justified.

    For use within another query: as many as there are flags of that code, from an index of those.
    """
    justified = FlagDecision.objects.filter(
        submission=OuterRef("inspection__submission"),
        code=OuterRef("code"),
        details=OuterRef("details"),
    )
    flags = Flag.objects.filter(code=VISIT_IN_FUTURE)
    return flags.filter(~Exists(justified)).values_list("inspection", flat=True)
