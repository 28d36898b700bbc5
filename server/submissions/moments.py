"""Times as phones and cameras write them."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django.conf import settings


def moment(text: str) -> dt.datetime | None:
    """Return a time in UTC, None for a blank and for what is none.

    text: ISO 8601. Without a zone it is local: who wrote it stood there (settings.LOCAL_TIME_ZONE).
    """
    try:
        found = dt.datetime.fromisoformat(text)
        if found.tzinfo is None:
            found = found.replace(tzinfo=ZoneInfo(settings.LOCAL_TIME_ZONE))
        return found.astimezone(dt.UTC)
    except (ValueError, OverflowError):  # also in the year 1 or 9999
        return None
