"""The form of the demonstration and the communes it visits, without a database."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from server.communes import seed
from server.forms.compile import compile_workbook
from server.forms.compiled import CompiledForm
from sync.demo import filling
from sync.demo.inspections import Desk
from sync.demo.rounds import Unit, Visit, visits

WORKBOOK = Path(__file__).parents[2] / "forms" / "kt_18_5" / "kt_18_5.xlsx"
INSPECTORS = ("u2", "u3", "u4", "u5")


@cache
def compiled() -> CompiledForm:
    return compile_workbook(WORKBOOK.read_bytes())


@cache
def desk() -> Desk:
    return Desk(filling.read(compiled().xform), compiled().conditions, INSPECTORS)


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
