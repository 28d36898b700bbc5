"""A pretend ODK Collect: it lists, downloads, keeps and sends as the app does, over real HTTP.

Product code, not test code: `make demo` fills the tables through it, so that what is shown came
through the path that phones use. The tests and the benchmarks drive the same one. It follows
Collect v2026.3 where that matters to a server (openrosa.md §1.4, §1.5, §4.2, §4.3): it keeps a
cache by ETag, compares hashes, deletes what is no longer listed, splits large posts.
"""

from __future__ import annotations

import gzip
import hashlib
import http.client
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from lxml.etree import _Element

from server import xml

USER_AGENT = "org.odk.collect.android/v2026.3.4 Dalvik/2.1.0 (Linux; U; Android 14; SM-A155F)"
MOST_FILES = 100  # with more than this in a request, the next file waits for another one
DEFAULT_POST_BYTES = 10_000_000  # where the server advertises nothing
TIMEOUT_S = 60.0

_LIST = "http://openrosa.org/xforms/xformsList"
_MANIFEST = "http://openrosa.org/xforms/xformsManifest"
_RESPONSE = "http://openrosa.org/http/response"


class ServerRefused(Exception):
    """An answer at which Collect stops, with what it would show."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        super().__init__(f"{answer.status}: {answer.message or answer.body[:200]!r}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said."""

    status: int
    headers: Mapping[str, str]  # by lower-case name
    body: bytes  # unzipped
    received: int  # bytes on the wire, headers and zipped body

    @property
    def message(self) -> str:
        """Return what Collect would show of it, "" when there is nothing to show."""
        found = self._message()
        return (found.text or "") if found is not None else ""

    @property
    def nature(self) -> str:
        """Return the code of a refusal."""
        found = self._message()
        return found.get("nature", "") if found is not None else ""

    def _message(self) -> _Element | None:
        if b"OpenRosaResponse" not in self.body:
            return None
        return xml.parse(self.body).find(f"{{{_RESPONSE}}}message")


@dataclass(frozen=True, slots=True)
class RemoteForm:
    """One form as the list names it."""

    form_id: str
    name: str
    version: str
    md5: str
    download_url: str
    manifest_url: str  # "" when there is none


@dataclass(frozen=True, slots=True)
class HeldForm:
    """One form on the device, with its files."""

    form_id: str
    version: str
    xform: bytes
    files: Mapping[str, bytes]

    @property
    def md5(self) -> str:
        """Return the hash that Collect compares with the list's."""
        return _md5(self.xform)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One file of a filled-in form."""

    name: str
    content: bytes
    content_type: str = "image/jpeg"


@dataclass(slots=True)
class Collect:
    """One phone, set up with the address in its QR code."""

    server_url: str
    device_id: str = "collect:PRETEND000000001"
    held: dict[tuple[str, str], HeldForm] = field(default_factory=dict)  # by form_id, version
    received: int = 0  # bytes on the wire so far
    _cache: dict[str, Answer] = field(default_factory=dict)
    _line: http.client.HTTPConnection | None = None

    # Forms ---------------------------------------------------------------------------------------

    def forms(self) -> list[RemoteForm]:
        """Fetch the form list. Raises ServerRefused, and ValueError where Collect gives up."""
        root = self._document(f"{self.server_url}/formList", _LIST, "xforms")
        return [_remote_form(item) for item in root.iterchildren(f"{{{_LIST}}}xform")]

    def manifest(self, form: RemoteForm) -> dict[str, tuple[str, str]]:
        """Fetch the (md5, address) of each file of a form, by name."""
        if not form.manifest_url:
            return {}
        root = self._document(form.manifest_url, _MANIFEST, "manifest")
        return dict(_remote_file(item) for item in root.iterchildren())

    def match_exactly(self) -> list[str]:
        """Make the device hold what is listed and nothing else; return the ids it downloaded.

        Any error leaves the device as it was.
        """
        listed = self.forms()
        fetched = [form for form in (self._fetched(each) for each in listed) if form is not None]
        ids = {form.form_id for form in listed}
        self.held = {key: form for key, form in self.held.items() if form.form_id in ids}
        self.held.update({(form.form_id, form.version): form for form in fetched})
        return [form.form_id for form in fetched]

    def _fetched(self, form: RemoteForm) -> HeldForm | None:
        """Return a listed form when it, or one of its files, is not on the device yet."""
        files = self.manifest(form)
        here = self.held.get((form.form_id, form.version))
        known = {_md5(content): content for content in (here.files.values() if here else ())}
        is_here = here is not None and here.md5 == form.md5
        if is_here and all(md5 in known for md5, _ in files.values()):
            return None
        xform = here.xform if here and is_here else self.get(form.download_url).body
        return HeldForm(
            form.form_id,
            form.version,
            xform,
            {
                name: known[md5] if md5 in known else self._checked(url, md5)
                for name, (md5, url) in files.items()
            },
        )

    def _checked(self, url: str, md5: str) -> bytes:
        content = self.get(url).body
        if _md5(content) != md5:
            raise ValueError("a file differs from the hash in its manifest")
        return content

    # Submissions ---------------------------------------------------------------------------------

    def send(self, filled: bytes, files: Sequence[Outgoing] = ()) -> Answer:
        """Send one filled-in form in as many posts as it takes; return the last answer.

        Raises ServerRefused at the first answer that is not 201 or 202.
        """
        most = self._accepted_bytes()
        answer: Answer | None = None
        for batch, is_last in _batches(filled, files, most):
            answer = self.post(*multipart(filled, batch, is_last=is_last))
            if answer.status not in (201, 202):
                raise ServerRefused(answer)
        assert answer is not None  # noqa: S101 -- there is always one batch
        return answer

    def post(self, body: bytes, content_type: str) -> Answer:
        """Post one body to the submission address, whatever it holds."""
        return self.ask("POST", f"{self.server_url}/submission", body, content_type)

    def _accepted_bytes(self) -> int:
        answer = self.ask("HEAD", f"{self.server_url}/submission")
        if answer.status in (200, 401):
            raise ServerRefused(answer)
        return int(answer.headers.get("x-openrosa-accept-content-length", DEFAULT_POST_BYTES))

    # HTTP ----------------------------------------------------------------------------------------

    def get(self, url: str) -> Answer:
        """Fetch an address, or take it from the cache when the server says it is unchanged.

        Raises ServerRefused unless the answer is 200.
        """
        kept = self._cache.get(url)
        tag = {"If-None-Match": kept.headers["etag"]} if kept else {}
        answer = self.ask("GET", url, headers=tag)
        if kept and answer.status == 304:
            return kept
        if answer.status != 200:
            raise ServerRefused(answer)
        if "etag" in answer.headers and "no-store" not in answer.headers.get("cache-control", ""):
            self._cache[url] = answer
        return answer

    def ask(
        self,
        method: str,
        url: str,
        body: bytes = b"",
        content_type: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Make one request with the headers that Collect sends."""
        place = urlsplit(url)
        device = f"deviceID={quote(self.device_id)}" if self.device_id else ""
        query = "&".join(filter(None, (place.query, device)))
        sent = {
            "X-OpenRosa-Version": "1.0",
            "User-Agent": USER_AGENT,
            "Date": "Wed, 25 Nov 2026 03:11:12 GMT+07:00",  # as odd as Collect's
            "Accept-Encoding": "gzip",
            **({"Content-Type": content_type} if content_type else {}),
            **(headers or {}),
        }
        response, raw = self._exchange(method, f"{place.path}?{query}", body, sent)
        return self._read(response, raw)

    def close(self) -> None:
        """Hang up."""
        if self._line is not None:
            self._line.close()
            self._line = None

    def _exchange(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[http.client.HTTPResponse, bytes]:
        for is_last_try in (False, True):
            is_fresh = self._line is None
            line = self._line = self._line or self._dialled()
            try:
                line.request(method, path, body or None, dict(headers))
                response = line.getresponse()
                return response, response.read()
            except (ConnectionError, http.client.HTTPException):
                self.close()
                # Only a line that had gone stale is tried again, as OkHttp does.
                if is_fresh or is_last_try:
                    raise
        raise AssertionError("unreachable")

    def _dialled(self) -> http.client.HTTPConnection:
        place = urlsplit(self.server_url)
        kind = (
            http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
        )
        return kind(place.hostname or "", place.port, timeout=TIMEOUT_S)

    def _read(self, response: http.client.HTTPResponse, raw: bytes) -> Answer:
        headers = {name.lower(): value for name, value in response.getheaders()}
        received = len(raw) + sum(len(n) + len(v) + 4 for n, v in headers.items())
        self.received += received
        is_zipped = headers.get("content-encoding") == "gzip" and raw
        return Answer(
            response.status, headers, gzip.decompress(raw) if is_zipped else raw, received
        )

    def _document(self, url: str, namespace: str, root: str) -> _Element:
        answer = self.get(url)
        if "x-openrosa-version" not in answer.headers:
            raise ValueError("no X-OpenRosa-Version: Collect does not take this for OpenRosa")
        if "text/xml" not in answer.headers.get("content-type", "text/xml"):
            raise ValueError("not text/xml: Collect takes this for a network's login page")
        document = xml.parse(answer.body)
        if document.tag != f"{{{namespace}}}{root}":
            raise ValueError(f"not a {root}: Collect cannot read it")
        return document


def multipart(
    filled: bytes, files: Sequence[Outgoing], *, is_last: bool = True
) -> tuple[bytes, str]:
    """Write one post as OkHttp does; return its body and its content type."""
    boundary = secrets.token_hex(16)
    pieces = [_part("xml_submission_file", "filled.xml", "text/xml", filled)]
    pieces += [_part(_escaped(f.name), _escaped(f.name), f.content_type, f.content) for f in files]
    if not is_last:
        pieces.append(_part("*isIncomplete*", None, "", b"yes"))
    start = f"--{boundary}\r\n".encode()
    body = b"".join(start + piece for piece in pieces) + f"--{boundary}--\r\n".encode()
    return body, f"multipart/form-data; boundary={boundary}"


def _part(name: str, file_name: str | None, content_type: str, content: bytes) -> bytes:
    disposition = f'Content-Disposition: form-data; name="{name}"'
    if file_name is not None:
        disposition += f'; filename="{file_name}"'
    kind = f"\r\nContent-Type: {content_type}" if content_type else ""
    head = f"{disposition}{kind}\r\nContent-Length: {len(content)}\r\n\r\n"
    return head.encode() + content + b"\r\n"


def _escaped(name: str) -> str:
    return name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")


def _batches(
    filled: bytes, files: Sequence[Outgoing], most: int
) -> Iterator[tuple[list[Outgoing], bool]]:
    """Give the files of each post, and whether it is the last. A large file goes alone."""
    batch: list[Outgoing] = []
    size = len(filled)
    for file in files:
        if batch and (len(batch) > MOST_FILES or size + len(file.content) > most):
            yield batch, False
            batch, size = [], len(filled)
        batch.append(file)
        size += len(file.content)
    yield batch, True


def _remote_form(item: _Element) -> RemoteForm:
    def text(name: str) -> str:
        return (item.findtext(f"{{{_LIST}}}{name}") or "").strip()

    form = RemoteForm(
        text("formID"),
        text("name"),
        text("version"),
        _hash(text("hash")),
        text("downloadUrl"),
        text("manifestUrl"),
    )
    if not (form.form_id and form.name and form.download_url):
        raise ValueError("a form without id, name or address: Collect drops the whole list")
    return form


def _remote_file(item: _Element) -> tuple[str, tuple[str, str]]:
    def text(name: str) -> str:
        return (item.findtext(f"{{{_MANIFEST}}}{name}") or "").strip()

    if not (text("filename") and text("downloadUrl")):
        raise ValueError("a file without name or address: Collect drops the whole manifest")
    return text("filename").rpartition("/")[2], (_hash(text("hash")), text("downloadUrl"))


def _hash(value: str) -> str:
    if not value.startswith("md5:"):
        raise ValueError("no md5: Collect cannot download it")
    return value.removeprefix("md5:")


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
