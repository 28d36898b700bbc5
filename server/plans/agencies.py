"""Fill the table of agencies with those that come with the project."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

from django.db import transaction

from server.plans.models import Agency

_FILE = Path(__file__).parent / "data/agencies.csv"
_COLUMNS = ("name_vi", "name_en", "valid_from", "valid_to", "duties", "is_verified")


@transaction.atomic(durable=True)
def load_agencies() -> int:
    """Write the seed's agencies, and return how many; those a deployment added stay.

    Repeating it changes nothing.
    """
    with _FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    agencies = [
        Agency(
            code=row["code"],
            name_vi=row["name_vi"],
            name_en=row["name_en"],
            valid_from=_date(row["valid_from"]),
            valid_to=_date(row["valid_to"]),
            duties=row["duties"].split(),
            is_verified=row["verified"] == "yes",
        )
        for row in rows
    ]
    Agency.objects.bulk_create(
        agencies, update_conflicts=True, unique_fields=["code"], update_fields=_COLUMNS
    )
    # Now that all of them are there: a successor may stand below in the file.
    for row in rows:
        Agency.objects.filter(code=row["code"]).update(successor=row["successor"] or None)
    return len(agencies)


def _date(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
