"""The form of the demonstration and the communes it visits, without a database."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from server.communes import seed
from server.forms.compile import compile_workbook
from server.forms.compiled import CompiledForm
from sync.demo import filling, other_forms
from sync.demo.inspections import Desk
from sync.demo.rounds import MAIN_FORM, Unit, Visit, every_visit, visits

FORMS = Path(__file__).parents[2] / "forms"
INSPECTORS = ("u2", "u3", "u4", "u5")


@cache
def compiled(form_id: str = "kt_18_5") -> CompiledForm:
    return compile_workbook((FORMS / form_id / f"{form_id}.xlsx").read_bytes())


@cache
def desk(form_id: str = "kt_18_5") -> Desk:
    form = compiled(form_id)
    return Desk(filling.read(form.xform), form.conditions, INSPECTORS)


def desks() -> dict[str, Desk]:
    return {form_id: desk(form_id) for form_id in (*other_forms.CORE, "kt_18_5", "theo_doi")}


@cache
def units() -> tuple[Unit, ...]:
    """Every commune version of the seed; all in one area, which nothing here looks at."""
    with (seed.DATA / "units.csv").open(encoding="utf-8") as file:
        return tuple(
            Unit(
                uid=row["uid"],
                label=row["name"],
                type=row["type"],
                area="dong_hy",
                valid_from=row["valid_from"].replace("-", ""),
                valid_to=row["valid_to"].replace("-", ""),
                lon=float(row["lon"]),
                lat=float(row["lat"]),
            )
            for row in csv.DictReader(file)
            if row["level"] == "commune" and row["lon"]
        )


@cache
def planned() -> tuple[Visit, ...]:
    return tuple(visits(units(), inspectors=len(INSPECTORS)))


@cache
def planned_with_other_forms() -> tuple[Visit, ...]:
    every = every_visit(units(), inspectors=len(INSPECTORS))
    return tuple(visit for visit in every if visit.form_id != MAIN_FORM)
