"""The whole province for a bench: its units, the schematic map, kt_18_5, and forms filled in.

The forms are those of the demonstration: varied answers, recommendations, photos named.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from django.core.management import call_command

from server.communes.lists import commune_rows
from server.communes.models import AdminUnit
from server.communes.schematic import make_schematic
from server.communes.seed import load_units
from server.forms import findings
from server.forms.models import FormVersion
from server.forms.publish import publish
from server.projects import accounts
from sync.demo import filling
from sync.demo.inspections import Desk, inspections
from sync.demo.rounds import Unit, visits

WORKBOOK = Path(__file__).resolve().parents[1] / "forms/kt_18_5/kt_18_5.xlsx"


@dataclass(frozen=True, slots=True)
class Filled:
    """One filled-in form."""

    xml: bytes
    instance_id: str
    day: dt.date


def prepare() -> FormVersion:
    """Make the tables and fill them; return the published form."""
    call_command("migrate", verbosity=0)
    load_units()
    make_schematic()
    return publish(accounts.create_project("Thái Nguyên"), WORKBOOK.read_bytes())


def filled_forms(version: FormVersion) -> list[Filled]:
    """Return the inspections of the demonstration, edits left out."""
    form = filling.read(bytes(version.xform))
    desk = Desk(form, findings.load(version.conditions), ("u1", "u2"))
    return [
        Filled(inspection.xml, inspection.instance_id, visit.day)
        for visit in visits(_units(), inspectors=2)
        for inspection in inspections(visit, desk)[:1]
    ]


def _units() -> list[Unit]:
    points = AdminUnit.objects.in_bulk()
    return [
        Unit(
            uid=row.name,
            label=row.label,
            type=row.type,
            area=row.area,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            lon=points[row.name].lon or 0.0,
            lat=points[row.name].lat or 0.0,
        )
        for row in commune_rows()
    ]
