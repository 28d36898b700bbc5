"""Whether the clocks of this server and of its database agree."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from server.statements import one_row


def database_ahead() -> dt.timedelta:
    """Return by how much the database's clock is ahead of ours; half of the way to ask is ours."""
    asked = timezone.now()
    row = one_row("SELECT clock_timestamp()", [])
    answered = timezone.now()
    there: dt.datetime = row[0] if row else answered
    return there - (asked + (answered - asked) / 2)
