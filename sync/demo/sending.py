"""Send the inspections of the demonstration, each phone its own, as phones do."""

from __future__ import annotations

import datetime as dt
import queue
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sync.collect import Collect, ServerRefused
from sync.demo.inspections import Desk, Sending, played
from sync.demo.rounds import Visit


@dataclass(slots=True)
class Sent:
    """What the phones did together."""

    inspections: int = 0  # taken by the server, new or again
    corrections: int = 0
    follow_ups: int = 0
    repeats: int = 0  # sent once more though the server had answered
    photos: int = 0
    bytes: int = 0  # of photos and XML
    days: dict[str, dt.date] = field(default_factory=dict)  # {instanceID: day of the visit}
    refused: Counter[str] = field(default_factory=Counter)  # by code
    bugs: list[BaseException] = field(default_factory=list)

    def __iadd__(self, other: Sent) -> Sent:
        self.inspections += other.inspections
        self.corrections += other.corrections
        self.follow_ups += other.follow_ups
        self.repeats += other.repeats
        self.photos += other.photos
        self.bytes += other.bytes
        self.days |= other.days
        self.refused += other.refused
        self.bugs += other.bugs
        return self


def send(
    visits: Sequence[Visit], desks: Mapping[str, Desk], phones: Sequence[Collect]
) -> Iterator[Sent]:
    """Let every phone send its visits, all phones at once; yield what each visit came to.

    An answer at which Collect stops is counted under its code and the phone goes on; anything else
    ends the demonstration.
    """
    done: queue.SimpleQueue[Sent] = queue.SimpleQueue()
    threads = [
        threading.Thread(
            target=_work,
            args=([v for v in visits if v.inspector == number], desks, phone, done),
            daemon=True,
        )
        for number, phone in enumerate(phones)
    ]
    for thread in threads:
        thread.start()
    for _ in visits:
        sent = done.get()
        if sent.bugs:
            raise sent.bugs[0]
        yield sent
    for thread in threads:
        thread.join()


def _work(
    visits: Sequence[Visit],
    desks: Mapping[str, Desk],
    phone: Collect,
    done: queue.SimpleQueue[Sent],
) -> None:
    try:
        for visit in visits:
            done.put(_send_visit(visit, desks, phone))
    except BaseException as bug:  # noqa: BLE001  (raised again by `send`, in the caller's thread)
        done.put(Sent(bugs=[bug]))
    finally:
        phone.close()


def _send_visit(visit: Visit, desks: Mapping[str, Desk], phone: Collect) -> Sent:
    sent = Sent()
    for inspection in played(visit, desks):
        files = inspection.files()
        try:
            for _ in range(1 + visit.repeats):
                phone.send(inspection.xml, files)
        except ServerRefused as refusal:
            sent.refused[refusal.answer.nature or str(refusal.answer.status)] += 1
            continue
        sent.inspections += inspection.kind == Sending.INSPECTION
        sent.corrections += inspection.kind == Sending.CORRECTION
        sent.follow_ups += inspection.kind == Sending.FOLLOW_UP
        sent.days[inspection.instance_id] = inspection.day
        sent.repeats += visit.repeats
        sent.photos += len(inspection.photos)
        sent.bytes += len(inspection.xml) + sum(len(file.content) for file in files)
    return sent
