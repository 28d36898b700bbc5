"""How fast points find their commune, and what the maps take in memory.

    python -m bench.locate [FOLDER]

FOLDER holds the maps of communes, which are not part of the project (../shared/data unless told);
a map that is not there is left out. Points lie at random in the box around the province, so a
third of them are outside of all communes. "polygon" finds the commune alone, by GEOS; "answer" is
all that `Coverages.locate` gives: commune, distance to the line, near_border, candidates. With the
threads of `Coverages` on all cores by the clock, and per second that a core was busy. The best of
several runs, because other programs only ever make it slower. "first" is the first question, which
makes the squares. Each map is loaded by a process of its own, which shows what it takes in memory.
Prints Markdown.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from server.communes.cells import draw_cells
from server.communes.coverages import Coverages
from server.communes.plane import Array
from server.communes.sheet import Sheet, Unit

ROOT = Path(__file__).resolve().parents[1]
DAY = dt.date(2025, 7, 1)
POINTS = 200_000
ROUNDS = 3
SINGLE = 100  # points asked one by one, in each of
SINGLE_ROUNDS = 30
BOX = (105.4296, 21.3266, 106.2448, 22.7417)  # of the province, domain.md §4.1

SCHEMATIC = "92, schematic"
_FILES = {
    "92, full": "communes-thai-nguyen-2025-full.geojson",
    "92, simplified": "communes-thai-nguyen-2025.geojson",
    "280 before the reform, simplified": "communes-thai-nguyen-2025-06.geojson",
}

Polygons = Mapping[str, BaseGeometry]  # {code: polygon}


@dataclass(frozen=True, slots=True)
class Rate:
    """Points a second."""

    by_clock: float
    by_core: float  # per second that a processor was busy


def main() -> None:
    """Measure and print."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared/data"
    print(
        "| map | corners | polygon, points/s | … per core | answer, points/s | … per core "
        "| one, µs | one near a line, µs | load, s | first, s | memory, MB |"
    )
    print("|" + "---|" * 11)
    for name in (*_FILES, SCHEMATIC):
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
            print(process.submit(_measured, name, folder).result(), flush=True)


def _measured(name: str, folder: Path) -> str:
    """Return the row of one map."""
    if name != SCHEMATIC and not (folder / _FILES[name]).exists():
        return f"| {name} | not there |"
    polygons = _schematic() if name == SCHEMATIC else _read(folder / _FILES[name])
    rng = np.random.default_rng(2026)
    lons, lats = rng.uniform(BOX[0], BOX[2], POINTS), rng.uniform(BOX[1], BOX[3], POINTS)
    return _row(name, polygons, lons, lats)


def _read(path: Path) -> Polygons:
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    return {
        f["properties"]["code"]: shapely.from_geojson(json.dumps(f["geometry"])) for f in features
    }


def _schematic() -> Polygons:
    with (ROOT / "server/communes/data/units.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["valid_from"] == "2025-07-01"]
    points = {r["code"]: (float(r["lon"]), float(r["lat"])) for r in rows if r["lon"]}
    cells = draw_cells(list(points.values()))
    return {code: shapely.from_wkb(cell) for code, cell in zip(points, cells, strict=True)}


def _row(name: str, polygons: Polygons, lons: Array, lats: Array) -> str:
    units = [Unit(f"{code}@{DAY}", code, DAY) for code in sorted(polygons)]
    before_mb, start = _resident_mb(), time.perf_counter()
    sheet = Sheet((DAY, None), units, [polygons[u.code] for u in units], is_schematic=False)
    load_s, start = time.perf_counter() - start, time.perf_counter()
    coverages = Coverages([sheet])
    coverages.locate_one(lons[0], lats[0], DAY)
    first_s, memory_mb = time.perf_counter() - start, _resident_mb() - before_mb
    found = coverages.locate(lons, lats, DAY)
    inside, near = found.statuses == "inside", found.statuses == "near_border"
    polygon = _rate(lambda: sheet.prepared.polygons_at(lons, lats))
    answer = _rate(lambda: coverages.locate(lons, lats, DAY))
    corners = sum(int(shapely.get_num_coordinates(p)) for p in polygons.values())
    return (
        f"| {name} | {corners} | {polygon.by_clock:,.0f} | {polygon.by_core:,.0f} "
        f"| {answer.by_clock:,.0f} | {answer.by_core:,.0f} "
        f"| {_single_us(coverages, lons[inside], lats[inside]):.0f} "
        f"| {_single_us(coverages, lons[near], lats[near]):.0f} "
        f"| {load_s:.2f} | {first_s:.2f} | {memory_mb:.0f} |"
    )


def _rate(work: Callable[[], object]) -> Rate:
    clock_s, core_s = [], []
    for _ in range(ROUNDS):
        start, busy = time.perf_counter(), time.process_time()
        work()
        clock_s.append(time.perf_counter() - start)
        core_s.append(time.process_time() - busy)
    return Rate(POINTS / min(clock_s), POINTS / min(core_s))


def _single_us(coverages: Coverages, lons: Array, lats: Array) -> float:
    """Return the µs of one question, other points in every round."""
    pairs = list(zip(lons.tolist(), lats.tolist(), strict=True))
    took_s = []
    for start in range(0, SINGLE * SINGLE_ROUNDS, SINGLE):
        asked = pairs[start : start + SINGLE]
        began = time.perf_counter()
        for lon, lat in asked:
            coverages.locate_one(lon, lat, DAY)
        took_s.append((time.perf_counter() - began) / SINGLE)
    return min(took_s) * 1e6


def _resident_mb() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


if __name__ == "__main__":
    main()
