"""Times as ODK Central writes them: `2026-06-12T01:30:00.123Z` (openrosa.md §6.3)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from rest_framework import serializers


class Moment(serializers.DateTimeField):
    """A time in UTC, to the millisecond."""

    def to_representation(self, value: dt.datetime | None) -> Any:
        """Return it as text, None as None."""
        return None if value is None else written(value)


def written(moment: dt.datetime) -> str:
    """Return a time as Central writes it."""
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
