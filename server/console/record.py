"""Hồ sơ: all of one record, and what a reviewer does about it without leaving it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from server import slots, stores
from server.console import filters, flag_words, record_parts
from server.console.addresses import RecordPlace
from server.console.filters import Filters
from server.console.page import MANAGERS, REVIEWERS, Visit, page
from server.console.problems import PageUnknown
from server.console.wording import language
from server.inspections.models import Inspection
from server.inspections.record_feed import Event
from server.plans import after_lock
from server.reports.beside import Beside, beside
from server.reports.dossier import Dossier, dossier
from server.reports.record_file import ORIGINAL, record_file
from server.submissions.problems import SubmissionUnknown
from server.submissions.thumbnails import SIZES

_SMALL, _LARGE = SIZES
_SIZES = {"nho": _SMALL, "lon": _LARGE, "goc": ORIGINAL}


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The record before or after one, with where it opens."""

    commune: str
    address: str


@page(*REVIEWERS)
def record(visit: Visit, form_id: str, instance_id: str) -> HttpResponse:
    """Show one record."""
    found = opened(visit, form_id, instance_id)
    visit.saw("submission.read")
    asked = asked_of(visit)
    place = place_of(visit, form_id, instance_id)
    before, after = beside(visit.membership, asked.selection, found.submission, order=asked.order)
    return visit.show(
        "console/record.html",
        here="records",
        found=found,
        can_edit=visit.membership.role in MANAGERS and not found.version.is_encrypted,
        place=place,
        shots=record_parts.shots(found, place),
        feed=record_parts.feed(found),
        frozen_at=frozen_at(visit, found.inspection),
        point=record_parts.point(found),
        gps_words=record_parts.gps_words(found),
        flags=[(flag, flag_words.told(flag, found.teller)) for flag in found.flags],
        remarks=_remarks(found),
        before=_neighbour(visit, before, asked.query(page=None, columns=None)),
        after=_neighbour(visit, after, asked.query(page=None, columns=None)),
    )


def opened(visit: Visit, form_id: str, instance_id: str) -> Dossier:
    """Return a record for whoever asks. Raises PageUnknown where it is none of theirs."""
    try:
        return dossier(visit.membership, form_id, instance_id, language())
    except SubmissionUnknown as unknown:
        raise PageUnknown from unknown


def place_of(visit: Visit, form_id: str, instance_id: str) -> RecordPlace:
    """Return where a record is looked at, within the filter of the address."""
    query = asked_of(visit).query(page=None, columns=None)
    return RecordPlace(visit.membership.project_id, form_id, instance_id, query)


def asked_of(visit: Visit) -> Filters:
    """Return the filter that a record is looked at within."""
    return filters.read(visit.request.GET)


def _neighbour(visit: Visit, one: Beside | None, query: str) -> Neighbour | None:
    if one is None:
        return None
    place = RecordPlace(visit.membership.project_id, one.form_id, one.instance_id, query)
    return Neighbour(one.commune, place.page())


def frozen_at(visit: Visit, one: Inspection | None) -> dt.datetime | None:
    """Return since when the figures of a record's period do not change; None: they do."""
    if one is None or one.year is None:
        return None
    return after_lock.frozen_at(visit.membership.project_id, one.year, one.period)


def _remarks(found: Dossier) -> dict[str, list[Event]]:
    """Return what people wrote about single questions, by path."""
    remarks: dict[str, list[Event]] = {}
    for event in found.events:
        if event.kind == "commented":
            for path in event.questions:
                remarks.setdefault(path, []).append(event)
    return remarks


@page(*REVIEWERS)
def file(visit: Visit, form_id: str, instance_id: str, name: str) -> HttpResponseBase:
    """Give a file of a record: `?co=nho` or `lon` as a picture, else as it came, to be saved."""
    size = _SIZES.get(visit.request.GET.get("co", "goc"), ORIGINAL)
    try:
        found = record_file(visit.membership, form_id, instance_id, name, size)
        kept = found.content
        pieces = iter([kept]) if kept else stores.pieces(found.sha256, 0, found.size)
    except (SubmissionUnknown, FileNotFoundError) as unknown:
        raise PageUnknown from unknown
    given = slots.held(pieces, found.size)
    visit.saw("submission.attachment.read")
    kind = "image/jpeg" if found.is_picture else "application/octet-stream"
    response = StreamingHttpResponse(given, content_type=kind)
    response["Content-Length"] = str(found.size)
    response["X-Content-Type-Options"] = "nosniff"
    # Whatever a phone sent is never run in a page of ours.
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    if not found.is_picture:
        response["Content-Disposition"] = "attachment"
    return response
