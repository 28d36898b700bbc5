"""The submissions that the benches send: kt_18_5 filled in, 6,000 bytes, with or without photos."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from lxml import etree

from bench.device import Connection, Target
from bench.pictures import Album
from server.forms.findings import Conditions
from sync.demo import filling
from sync.demo.inspections import Desk, inspections
from sync.demo.rounds import Unit, Visit

FORM = "kt_18_5"
XML_BYTES = 6_000
_PLACEHOLDER = b"uuid:00000000-0000-0000-0000-000000000000"
_BOUNDARY = "3b1e7c0a-52c1-4a5e-8d5b-2f9f3a1d7e66"
_MULTIPART = f"multipart/form-data; boundary={_BOUNDARY}"
_LOG = b"<orx:audit>audit.csv</orx:audit>"
_ENTITY = re.compile(rb"<(?:\w+:)?entity\b[^>]*?(?:/>|>.*?</(?:\w+:)?entity>)", re.DOTALL)
_ENTITY_ID = re.compile(rb"""(<(?:\w+:)?entity\b[^>]*?\bid=["'])[0-9a-f-]{36}""")


@dataclass(frozen=True, slots=True)
class Parcel:
    """A filled-in form that can be sent any number of times, each time as another submission."""

    target: Target
    xml: bytes  # with a placeholder where the instanceID stands
    photo_names: tuple[str, ...]
    album: Album | None = None  # of one with photos

    def new(self, files: Mapping[str, bytes] | None = None) -> bytes:
        """Return a prepared POST of a submission that the server has not seen yet.

        files: by name, what is sent beside its photos.
        """
        instance_id = f"uuid:{uuid.uuid4()}".encode()
        xml = self.xml.replace(_PLACEHOLDER, instance_id)
        # Recommendations of its own: an id that is taken makes none.
        xml = _ENTITY_ID.sub(lambda found: found[1] + str(uuid.uuid4()).encode(), xml)
        parts = [_part("xml_submission_file", "kt_18_5.xml", "text/xml", xml)]
        if self.album is not None:
            for name in self.photo_names:
                parts.append(_part(name, name, "image/jpeg", self.album.photo()))
        for name, content in (files or {}).items():
            parts.append(_part(name, name, "application/octet-stream", content))
        body = b"".join(parts) + f"--{_BOUNDARY}--\r\n".encode()
        return self.target.post("submission?deviceID=collect%3Abench", body, _MULTIPART)

    def with_note(self, size: int) -> Parcel:
        """Return it with an answer of so many bytes more."""
        closing = self.xml.rindex(b"</")
        note = b"<ghi_chu>%s</ghi_chu>" % (b"a" * size)
        return replace(self, xml=self.xml[:closing] + note + self.xml[closing:])


def parcel(target: Target, *, photos: int, recommends: bool = False) -> Parcel:
    """Fill in the form that the server lists. Raises LookupError when it does not list it.

    recommends: its recommendations become entities, as a phone's do; else they are answers only.
    """
    form = filling.read(_xform(target))
    # What a phone calculated is left blank: the server's work is the same whatever stands there.
    nothing = Conditions(criteria_set="", conditions=(), period=None, year=None, result=None)
    inspection = inspections(_visit(photos), Desk(form, nothing, ("u1",)))[0]
    xml = inspection.xml.replace(inspection.instance_id.encode(), _PLACEHOLDER)
    xml = xml.replace(_LOG, b"")  # nothing but photos, so that the figures speak of photos alone
    xml = xml if recommends else _ENTITY.sub(b"", xml)
    closing = xml.rindex(b"</")
    padding = b"<!--%s-->" % (b"." * max(0, XML_BYTES - len(xml) - 7))
    xml = xml[:closing] + padding + xml[closing:]
    return Parcel(target, xml, tuple(inspection.photos), Album() if photos else None)


def _xform(target: Target) -> bytes:
    connection = Connection(target)
    _, listing = connection.ask(target.get("formList"))
    for xform in etree.fromstring(listing).iter("{*}xform"):
        if xform.findtext("{*}formID") == FORM:
            address = urlsplit(xform.findtext("{*}downloadUrl") or "").path
            return connection.ask(target.get(address))[1]
    raise LookupError(f"{FORM} is not in the form list: {listing[:300]!r}")


def _visit(photos: int) -> Visit:
    return Visit(
        key=f"bench {photos}",
        unit=Unit("02155@2025-07-01", "Xã Na Rì", "xa", "na_ri", "20250701", "", 106.177, 22.206),
        day=dt.date(2026, 10, 12),
        year=2026,
        period="fy",
        inspector=0,
        outcome="dat",
        point=(106.177, 22.206),
        accuracy_m=6.0,
        photos=photos,
        is_photo_missing=False,
        is_edited=False,
        is_miscalculated=False,
        repeats=0,
    )


def _part(name: str, file_name: str, content_type: str, content: bytes) -> bytes:
    head = (
        f"--{_BOUNDARY}\r\n"
        f'Content-Disposition: form-data; name="{name}"; filename="{file_name}"\r\n'
        f"Content-Type: {content_type}\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content + b"\r\n"
