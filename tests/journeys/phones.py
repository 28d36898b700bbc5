"""Phones that hold inspections with photos, and send at once, each until all its own is taken."""

from __future__ import annotations

import hashlib
import random
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPException
from itertools import repeat

from sync.collect import Collect, Outgoing, ServerRefused
from sync.demo import filling
from sync.demo.filling import Filled
from tests.demo import world

PHOTOS = 3
LONGEST_S = 120.0  # that one inspection may take
PAUSE_S, LONGEST_PAUSE_S = 0.05, 0.4  # between two attempts, longer and longer

Recorded = tuple[str, str, str]  # instanceID, file name, SHA-256


@dataclass(frozen=True, slots=True)
class Inspection:
    """One inspection as it lies on a phone."""

    instance_id: str
    xml: bytes
    photos: tuple[Outgoing, ...]

    def files(self) -> list[Recorded]:
        """Return what of its photos must be recorded."""
        return [
            (self.instance_id, photo.name, hashlib.sha256(photo.content).hexdigest())
            for photo in self.photos
        ]


@dataclass(slots=True)
class Ledger:
    """What the phones saw."""

    taken: list[str] = field(default_factory=list)  # instanceIDs, each told 201
    told: list[int] = field(default_factory=list)  # statuses of refusals
    cut: list[str] = field(default_factory=list)  # kinds of failures of the line


def filled_in(count: int, seed: str, year: int = 2026) -> list[Inspection]:
    """Return inspections of communes about the data of a year, each with three photos of its own.

    Most fit into one post; every tenth brings photos so large that each needs one for itself.
    """
    rng = random.Random(seed)
    return [_filled_in(rng, year, is_large=number % 10 == 0) for number in range(count)]


def _filled_in(rng: random.Random, year: int, *, is_large: bool) -> Inspection:
    form, unit = world.desk().form, rng.choice(world.units())
    instance_id = f"uuid:{uuid.UUID(int=rng.getrandbits(128), version=4)}"
    names = [f"{rng.randrange(10**12, 10**13)}.jpg" for _ in range(PHOTOS)]
    answers = {
        **form.constants,
        "h_date": f"{year}-05-20",
        "h_year": f"{year}",
        "h_period": "h1",
        "h_commune": unit.uid,
        "h_unit_type": unit.type,
        "h_gps": f"{unit.lat} {unit.lon} 40.0 5.0",
    }
    filled = Filled(instance_id, answers, {"z_photo": [{"zp_img": name} for name in names]})
    sizes = (50_000, 60_000) if is_large else (2_000, 12_000)
    photos = (Outgoing(name, b"\xff\xd8" + rng.randbytes(rng.randint(*sizes))) for name in names)
    return Inspection(instance_id, filling.fill(form, filled), tuple(photos))


def send_everything(urls: Sequence[str], held: Sequence[Inspection], ledger: Ledger) -> None:
    """Let one phone at each address send its share of the inspections, all at once.

    Raises TimeoutError when one is not taken whatever is tried.
    """
    shares = [held[number :: len(urls)] for number in range(len(urls))]
    with ThreadPoolExecutor(len(urls)) as together:
        list(together.map(_send_share, urls, shares, repeat(ledger)))


def _send_share(url: str, share: Sequence[Inspection], ledger: Ledger) -> None:
    phone = Collect(url)
    for inspection in share:
        _send_until_taken(phone, inspection, ledger)
    phone.close()


def _send_until_taken(phone: Collect, inspection: Inspection, ledger: Ledger) -> None:
    deadline, pause_s = time.monotonic() + LONGEST_S, PAUSE_S
    while time.monotonic() < deadline:
        try:
            phone.send(inspection.xml, inspection.photos)
            ledger.taken.append(inspection.instance_id)
            return
        except ServerRefused as refused:
            ledger.told.append(refused.answer.status)
        # ValueError: a header that was cut in the middle, which OkHttp refuses by itself.
        except (OSError, HTTPException, ValueError) as broken:
            ledger.cut.append(type(broken).__name__)
            phone.close()
        time.sleep(pause_s)
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
    raise TimeoutError(f"{inspection.instance_id} was never taken")
