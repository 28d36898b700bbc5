"""What an .xlsx is made of, looked at before anything is unpacked or parsed (features.md T10).

An .xlsx is a zip of XML parts. The directory at its end says what each part unpacks to, and
`zipfile` never unpacks more than that, so the sizes can be judged first and believed.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

from server.forms.problems import NotAWorkbook, WorkbookTooBig, WorkbookUnsafe

MAX_FILE_BYTES = 10_000_000
MAX_UNPACKED_BYTES = 100_000_000
MAX_RATIO = 100  # unpacked : packed; a sheet of ordinary text packs 5 to 20 times
MAX_PARTS = 200

_CHUNK = 1 << 20  # bytes
_DOCTYPE = b"<!DOCTYPE"
_EBCDIC = b"\x4c\x6f\xa7\x94"  # "<?xm": the parser would guess this encoding, our search would not
_ENCODING = re.compile(rb"""^[^>]{0,200}\sencoding\s*=\s*["']([^"']+)["']""")
_READABLE = frozenset({b"utf-8", b"utf-16", b"us-ascii", b"ascii"})  # OOXML allows the first two
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_MACROS = re.compile(r"vbaProject|macrosheets/|activeX/|\.bin$", re.IGNORECASE)
_LINKS = re.compile(r"externalLinks/|connections\.xml$|queryTables/", re.IGNORECASE)

# What a broken package makes `zipfile` raise.
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


def refuse_unsafe(data: bytes) -> None:
    """Raise unless `data` is a package that can be unpacked and parsed without harm.

    Raises NotAWorkbook, WorkbookTooBig or WorkbookUnsafe.
    """
    if len(data) > MAX_FILE_BYTES:
        raise WorkbookTooBig(what="tệp", what_en="the file", size=len(data), limit=MAX_FILE_BYTES)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            _refuse_bomb(parts, len(data))
            for part in parts:
                _refuse_name(part)
                _refuse_doctype(archive, part)
    except BROKEN as error:
        raise NotAWorkbook(reason=str(error)) from error


def rewritten(data: bytes, replaced: dict[str, bytes]) -> bytes:
    """Return the package with some parts replaced; the same input always gives the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        for part in source.infolist():
            copy = zipfile.ZipInfo(part.filename, _ZIP_TIME)
            copy.compress_type = zipfile.ZIP_DEFLATED
            copy.create_system = 0  # else it names the operating system
            target.writestr(copy, replaced.get(part.filename, source.read(part)))
    return out.getvalue()


def part(data: bytes, name: str) -> bytes:
    """Return the bytes of one part. Raises NotAWorkbook when there is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.read(name)
    except (KeyError, *BROKEN) as error:
        raise NotAWorkbook(reason=str(error)) from error


def _refuse_bomb(parts: list[zipfile.ZipInfo], packed: int) -> None:
    unpacked = sum(part.file_size for part in parts)
    sizes = (
        ("số phần bên trong", "parts inside", len(parts), MAX_PARTS),
        ("kích thước khi giải nén", "bytes unpacked", unpacked, MAX_UNPACKED_BYTES),
        ("tỷ lệ nén", "compression", unpacked // max(packed, 1), MAX_RATIO),
    )
    for what, what_en, size, limit in sizes:
        if size > limit:
            raise WorkbookTooBig(what=what, what_en=what_en, size=size, limit=limit)


def _refuse_name(part: zipfile.ZipInfo) -> None:
    if part.flag_bits & 1:
        raise WorkbookUnsafe(what="mật khẩu", what_en="a password", part=part.filename)
    if ".." in re.split(r"[/\\]", part.filename):  # we unpack to nowhere; others may
        raise WorkbookUnsafe(
            what="đường dẫn ra ngoài tệp", what_en="a path that leads outside", part=part.filename
        )
    if _LINKS.search(part.filename):
        raise WorkbookUnsafe(
            what="liên kết tới tệp khác", what_en="links to files", part=part.filename
        )
    if _MACROS.search(part.filename) and "printerSettings" not in part.filename:
        raise WorkbookUnsafe(what="macro", what_en="macros", part=part.filename)


def _refuse_doctype(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Refuse a DOCTYPE in any part, whatever its name: a relationship may name any of them."""
    for number, window in enumerate(_windows(archive, part)):
        if _DOCTYPE in window:
            raise WorkbookUnsafe(what="khai báo DOCTYPE", what_en="a DOCTYPE", part=part.filename)
        encoding = _ENCODING.match(window) if number == 0 and window.lstrip()[:5] else None
        is_odd = encoding is not None and encoding[1].lower() not in _READABLE
        if is_odd or (number == 0 and window.startswith(_EBCDIC)):
            raise WorkbookUnsafe(what="bảng mã lạ", what_en="an odd encoding", part=part.filename)


def _windows(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield a part in overlapping pieces; without zero bytes UTF-16 reads like ASCII."""
    tail = b""
    with archive.open(part) as file:
        while chunk := file.read(_CHUNK):
            window = tail + chunk.replace(b"\0", b"")
            yield window
            tail = window[-len(_DOCTYPE) :]
