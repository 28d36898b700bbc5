"""The whole province for a bench: its units, the schematic map, kt_18_5, and forms filled in.

The forms are those of the demonstration: varied answers, recommendations, photos named.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from uuid import uuid4

from django.core.management import call_command
from django.utils import timezone

from server.communes.lists import commune_rows
from server.communes.models import AdminUnit
from server.communes.schematic import make_schematic
from server.communes.seed import load_units
from server.forms import findings
from server.forms.models import FormVersion
from server.forms.publish import publish
from server.projects import accounts
from server.submissions.models import Submission, SubmissionVersion
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


_ENTITY_ID = re.compile(rb"""(<(?:\w+:)?entity\b[^>]*?\bid=["'])[0-9a-f-]{36}""")


def filled_forms(version: FormVersion) -> list[Filled]:
    """Return the inspections of the demonstration, edits left out."""
    form = filling.read(bytes(version.xform))
    desk = Desk(form, findings.load(version.conditions), ("u1", "u2"))
    return [
        Filled(inspection.xml, inspection.instance_id, visit.day)
        for visit in visits(_units(), inspectors=2)
        for inspection in inspections(visit, desk)[:1]
    ]


def of_the_year(forms: Sequence[Filled], year: int, count: int) -> list[Filled]:
    """Return the forms of one year, over and over under other instanceIDs, `count` of them."""
    chosen = [form for form in forms if form.day >= dt.date(year, 3, 1)]
    return [_again(form, number) for number, form in enumerate(islice(cycle(chosen), count))]


def _again(form: Filled, number: int) -> Filled:
    instance_id = f"uuid:bench-{number}"
    xml = form.xml.replace(form.instance_id.encode(), instance_id.encode())
    # Recommendations of its own: an id that is taken makes none.
    xml = _ENTITY_ID.sub(lambda found: found[1] + str(uuid4()).encode(), xml)
    return Filled(xml, instance_id, form.day)


def store(version: FormVersion, forms: Sequence[Filled]) -> None:
    """Store forms as if they had just arrived: their meaning is owed."""
    now = timezone.now()
    submissions = Submission.objects.bulk_create(
        Submission(
            form_id=version.form_id,
            instance_id=form.instance_id,
            created_at=now,
            derive_owed_at=now,
        )
        for form in forms
    )
    versions = SubmissionVersion.objects.bulk_create(
        SubmissionVersion(
            submission=submission,
            form_id=version.form_id,
            form_version=version,
            instance_id=form.instance_id,
            xml=form.xml,
            xml_sha256=hashlib.sha256(form.xml).hexdigest(),
            received_at=now,
        )
        for submission, form in zip(submissions, forms, strict=True)
    )
    for submission, current in zip(submissions, versions, strict=True):
        submission.current_version = current
    Submission.objects.bulk_update(submissions, ["current_version"], batch_size=1_000)


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
