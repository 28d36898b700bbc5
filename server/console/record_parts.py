"""The parts of a record's page that need words or addresses of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from server.console.addresses import RecordPlace
from server.console.wording import t
from server.inspections.models import GpsStatus
from server.inspections.record_feed import Event
from server.inspections.record_photos import Shot
from server.reports.dossier import Dossier
from server.reports.told import Teller, figure, question_of
from server.submissions.difference import Change

DID: Mapping[str, str] = {
    "sent": "đã gửi hồ sơ",
    "edited": "đã gửi bản sửa",
    "decided": "đã chuyển hồ sơ sang",
    "commented": "nhận xét",
    "justified": "ghi lý do xử lý cảnh báo",
    "revealed": "đã mở xem câu hạn chế",
    "file": "nhận thêm tệp",
    "rescored": "chấm lại theo quy tắc mới; trước đó là",
}
GPS: Mapping[str, str] = {
    GpsStatus.INSIDE: "Nằm trong xã, cách ranh giới {distance}.",
    GpsStatus.NEAR_BORDER: "Sát ranh giới, chỉ cách {distance}.",
    GpsStatus.OUTSIDE: "Nằm ngoài mọi xã, cách xã gần nhất {distance}.",
}


@dataclass(frozen=True, slots=True)
class ShownShot:
    """One file with where it is to be had."""

    one: Shot
    label: str
    note: str  # what was chosen or written beside it
    is_masked: bool
    distance: str  # from the point of the inspection; "" where it is not known
    small: str
    large: str
    original: str


@dataclass(frozen=True, slots=True)
class ShownChange:
    """One answer that an edit changed."""

    label: str
    old: str
    new: str
    is_masked: bool
    question: str  # by which it is opened; "" where no question of the form has such a path


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that happened."""

    event: Event
    did: str
    changes: tuple[ShownChange, ...]


def shots(found: Dossier, place: RecordPlace) -> list[ShownShot]:
    """Return the files of a record."""
    return [_shot(shot, found.teller, place) for shot in found.shots]


def _shot(shot: Shot, teller: Teller, place: RecordPlace) -> ShownShot:
    row = f" ({shot.row})" if shot.row else ""
    return ShownShot(
        one=shot,
        label=teller.label(shot.question) + row,
        note="; ".join(teller.text(path, answer) for path, answer in shot.beside),
        is_masked=teller.is_masked(shot.question),
        distance="" if shot.metres is None else distance(shot.metres, teller.language),
        small=place.file(shot.name, "nho"),
        large=place.file(shot.name, "lon"),
        original=place.file(shot.name, "goc"),
    )


def feed(found: Dossier) -> list[Row]:
    """Return what happened to a record, the newest first."""
    return [
        Row(
            event,
            _did(event, found.teller),
            tuple(changed(change, found.teller) for change in event.changes),
        )
        for event in found.events
    ]


def _did(event: Event, teller: Teller) -> str:
    did = t(DID[event.kind])
    if event.kind in ("commented", "revealed") and event.questions:
        labels = "; ".join(f"«{teller.label(path)}»" for path in event.questions)
        return f"{did}: {labels}"
    if event.kind in ("file", "rescored"):
        return f"{did} {event.subject}" if event.kind == "file" else f"{event.subject}: {did}"
    return did


def changed(change: Change, teller: Teller) -> ShownChange:
    """Return a changed answer in the reader's words, masked where it is restricted.

    Restricted is also what only one of the two form versions says is: it was given as such.
    """
    question, label = question_of(change.path), teller.label(change.path)
    known = question if question in teller.asked.fields else ""
    is_closed = change.is_restricted and question not in teller.shown
    if is_closed or teller.is_masked(question):
        return ShownChange(label, "", "", is_masked=True, question=known)
    return ShownChange(
        label,
        teller.text(change.path, change.old),
        teller.text(change.path, change.new),
        is_masked=False,
        question=known,
    )


def point(found: Dossier) -> str:
    """Return the point of an inspection in words."""
    one = found.inspection
    if one is None or one.lat is None or one.lon is None:
        return ""
    parts = "; ".join(figure(f"{part:.5f}", found.teller.language) for part in (one.lat, one.lon))
    return parts if one.accuracy_m is None else f"{parts} (± {round(one.accuracy_m)} m)"


def gps_words(found: Dossier) -> str:
    """Return how the point lies to the lines of communes."""
    one = found.inspection
    if one is None or one.gps_distance_m is None or one.gps_status not in GPS:
        return ""
    return t(GPS[one.gps_status], distance=distance(one.gps_distance_m, found.teller.language))


def distance(metres: float, language: str) -> str:
    """Return a distance as people say it: 350 m, 1,2 km."""
    if metres < 1000:
        return f"{round(metres)} m"
    return f"{figure(f'{metres / 1000:.1f}', language)} km"
