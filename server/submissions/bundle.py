"""Read a copied `instances` folder of Collect, as it is or zipped (features.md §4.4, T18).

In it is a folder for each filled-in form, which holds its XML and its files. Nothing is unpacked:
names from the archive or the disk become names of files in a record, and never a path of ours.
"""

from __future__ import annotations

import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from django.conf import settings

from server.errors import Problem
from server.submissions.files import SentFile
from server.xml import XmlTooLarge

MOST_ENTRIES = 200_000  # files in all
MOST_FILES = 500  # of one form; each is open at the same time
MOST_BYTES = 2_000_000_000  # of one form, unpacked
MOST_BYTES_IN_ALL = 100_000_000_000  # unpacked
_ENCRYPTED = ("submission.xml", "submission.xml.enc")  # what Collect leaves of an encrypted form


class BundleUnreadable(Problem):
    """Neither a folder nor a zip archive that can be read."""

    code = "bundle.unreadable"
    vi = "Không đọc được {name}: phải là thư mục instances của ODK Collect hoặc tệp .zip của nó."
    en = "{name} cannot be read: give the instances folder of ODK Collect, or a .zip of it."


class BundleTooLarge(Problem):
    """More than any phone holds: a mistake, or a zip bomb."""

    code = "bundle.too_large"
    status = 413
    vi = "{name} có quá nhiều tệp hoặc quá lớn khi giải nén. Chia nhỏ rồi nhập lại."
    en = "{name} holds too many files, or too much once unpacked. Split it and import again."


class BundleXmlMissing(Problem):
    """A folder with files and no filled-in form."""

    code = "bundle.xml_missing"
    vi = "Thư mục này không có tệp .xml của phiếu. Chép lại cả thư mục từ điện thoại."
    en = "This folder has no .xml of a filled-in form. Copy the whole folder again."


class BundleXmlAmbiguous(Problem):
    """Several XML files, none of which is named as Collect names a form."""

    code = "bundle.xml_ambiguous"
    vi = "Thư mục này có nhiều tệp .xml, không rõ tệp nào là phiếu. Để lại một tệp rồi nhập lại."
    en = "This folder has several .xml files; which one is the form is unclear. Leave only that."


class BundleDamaged(Problem):
    """A file in an archive that cannot be unpacked."""

    code = "bundle.damaged"
    vi = "Tệp {name} trong bản sao bị hỏng hoặc có mật khẩu. Chép lại từ điện thoại."
    en = "The file {name} in the copy is damaged or has a password. Copy it again."


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a bundle."""

    folder: str  # "instances/Thăm hộ_2026-05-20", "" at the top
    name: str
    size: int  # bytes, as declared; no more than that is ever read
    open: Callable[[], IO[bytes]]


@dataclass(frozen=True, slots=True)
class Bundled:
    """One filled-in form of a bundle, opened."""

    xml: bytes
    files: tuple[SentFile, ...]


@contextmanager
def opened(source: Path) -> Iterator[dict[str, list[Entry]]]:
    """Give the files of a bundle by their folder, in the order of the folders' names.

    Raises BundleUnreadable, BundleTooLarge.
    """
    if source.is_dir():
        yield _by_folder(_on_disk(source), source.name)
        return
    try:
        archive = zipfile.ZipFile(source)
    except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
        raise BundleUnreadable(name=source.name) from error
    with archive:
        yield _by_folder(_in_archive(archive), source.name)


@contextmanager
def form(folder: str, entries: Sequence[Entry]) -> Iterator[Bundled]:
    """Give the form in one folder, whole; its files are gone afterwards.

    Raises BundleXmlMissing, BundleXmlAmbiguous, BundleTooLarge, BundleDamaged, XmlTooLarge.
    """
    if len(entries) > MOST_FILES or sum(entry.size for entry in entries) > MOST_BYTES:
        raise BundleTooLarge(name=folder)
    chosen = _xml_of(folder, entries)
    if chosen.size > settings.MAX_XML_BYTES:
        raise XmlTooLarge(size=chosen.size, most=settings.MAX_XML_BYTES)
    with ExitStack() as kept:
        # Copied first, so that nothing of a damaged one has been stored when that is found out.
        copies = [(entry, kept.enter_context(_copied(entry))) for entry in entries]
        xml = next(file.read() for entry, file in copies if entry is chosen)
        yield Bundled(
            xml,
            tuple(SentFile(entry.name, file, "") for entry, file in copies if entry is not chosen),
        )


def _by_folder(entries: Iterable[Entry], name: str) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    count = size = 0
    for entry in entries:
        count, size = count + 1, size + entry.size
        if count > MOST_ENTRIES or size > MOST_BYTES_IN_ALL:
            raise BundleTooLarge(name=name)
        if not _is_litter(entry):
            found.setdefault(entry.folder, []).append(entry)
    return dict(sorted(found.items()))


def _is_litter(entry: Entry) -> bool:
    """Tell whether a file is Android's, macOS's or a half-filled form's, and nobody's answer."""
    parts = (*PurePosixPath(entry.folder).parts, entry.name)
    is_hidden = any(part.startswith(".") and not part.startswith("..") for part in parts)
    return is_hidden or "__MACOSX" in parts or entry.name.endswith(".save")


def _on_disk(root: Path) -> Iterator[Entry]:
    for path in sorted(root.rglob("*")):
        facts = path.lstat()
        # No link out of the copy, no pipe that would be waited for.
        if stat.S_ISREG(facts.st_mode):
            folder = path.parent.relative_to(root).as_posix()
            yield Entry(
                folder if folder != "." else root.name,
                path.name,
                facts.st_size,
                lambda path=path: path.open("rb"),  # type: ignore[misc]
            )


def _in_archive(archive: zipfile.ZipFile) -> Iterator[Entry]:
    for info in archive.infolist():
        if info.is_dir():
            continue
        # Backslashes and dots are names like others: nothing is ever written under them.
        folder, _, name = _as_named(info).rpartition("/")
        yield Entry(
            folder,
            name,
            info.file_size,
            lambda info=info: archive.open(info),  # type: ignore[misc]
        )


def _as_named(info: zipfile.ZipInfo) -> str:
    """Return a name as it was; packers that do not say that they write UTF-8 do so all the same."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode()
    except UnicodeError:
        return info.filename


def _xml_of(folder: str, entries: Sequence[Entry]) -> Entry:
    forms = [entry for entry in entries if entry.name.lower().endswith(".xml")]
    names = {entry.name for entry in entries}
    wanted = _ENCRYPTED[0] if names.issuperset(_ENCRYPTED) else f"{PurePosixPath(folder).name}.xml"
    named = [entry for entry in forms if entry.name == wanted] or forms
    if not named:
        raise BundleXmlMissing
    if len(named) > 1:
        raise BundleXmlAmbiguous
    return named[0]


@contextmanager
def _copied(entry: Entry) -> Iterator[IO[bytes]]:
    with tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as copy:
        try:
            with entry.open() as source:
                shutil.copyfileobj(source, copy)
        # A password is a RuntimeError; what is packed in a way of its own, a NotImplementedError.
        except (OSError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
            raise BundleDamaged(name=entry.name) from error
        copy.seek(0)
        yield copy
