"""The XML that devices read: form list, manifest, and what they are told (openrosa.md §1, §2, §4).

Pure text: no Django, no database. Everything that comes from people is escaped here, once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
# What XML 1.0 cannot hold at all, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PHOTO_ENDINGS = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".heic")


@dataclass(frozen=True, slots=True)
class ListedForm:
    """One form as the list names it."""

    form_id: str
    name: str  # the title; blank is allowed and then the id is shown
    version: str  # "" when the form has none
    md5: str  # of the bytes behind `download_url`
    download_url: str
    manifest_url: str  # "" when the form needs no files


@dataclass(frozen=True, slots=True)
class ListedFile:
    """One file as the manifest names it."""

    name: str
    md5: str  # of the bytes behind `download_url`
    download_url: str
    type: str = ""  # entityList, approvalEntityList; "" for an ordinary file
    integrity_url: str = ""  # of an entity list


def form_list(forms: Iterable[ListedForm]) -> bytes:
    """Write the form list. Every form has a hash: without it Collect cannot download (FL06)."""
    rows = "".join(_listed_form(form) for form in forms)
    return _document("xforms", "http://openrosa.org/xforms/xformsList", rows)


def manifest(files: Iterable[ListedFile]) -> bytes:
    """Write the manifest of one form version; without files it is an empty one (MF03)."""
    rows = "".join(
        (f'<mediaFile type="{file.type}">' if file.type else "<mediaFile>")
        + _element("filename", file.name)
        + _element("hash", f"md5:{file.md5}")
        + _element("downloadUrl", file.download_url)
        + (_element("integrityUrl", file.integrity_url) if file.integrity_url else "")
        + "</mediaFile>\n"
        for file in files
    )
    return _document("manifest", "http://openrosa.org/xforms/xformsManifest", rows)


def integrity(deleted: Mapping[str, bool]) -> bytes:
    """Write which entities are deleted, by UUID; the words are exactly these (MF18, MF22)."""
    rows = "".join(
        f'<entity id="{_attribute(uuid)}"><deleted>{"true" if gone else "false"}</deleted></entity>'
        for uuid, gone in deleted.items()
    )
    return f"{_DECLARATION}<data><entities>{rows}</entities></data>".encode()


def response(message: str, nature: str = "") -> bytes:
    """Write what Collect shows to the person holding the phone.

    `nature` is the code of a refusal, empty for success. There must be no prefix on any element:
    clients look for `message` by its plain name (openrosa.md §4.4).
    """
    text = f'<message nature="{_attribute(nature)}">{_text(message)}</message>\n'
    return _document("OpenRosaResponse", "http://openrosa.org/http/response", text, ' items="0"')


def received(missing: Sequence[str], language: str = "vi") -> str:
    """Return the sentence for a submission that was stored.

    `missing` are the names of files that its XML refers to and that have not come yet. Collect
    shows any sentence but Central's own English one as it stands (SB03).
    """
    count = len(missing)
    are_photos = all(name.lower().endswith(_PHOTO_ENDINGS) for name in missing)
    if language == "en":
        kind = ("photo" if are_photos else "file") + ("" if count == 1 else "s")
        return f"Received; {count} {kind} still to come." if count else "Received in full."
    kind = "ảnh" if are_photos else "tệp"
    return f"Đã nhận phiếu, còn {count} {kind} chưa nhận." if count else "Đã nhận đủ phiếu."


def returned(counts: Mapping[str, int], shown_in: str, language: str = "vi") -> str:
    """Return the line that tells of submissions to be completed; nothing of what is in them.

    counts: how many of each form, by its title. shown_in: the title of the form that says why;
    "" where the device has none.
    """
    total = sum(counts.values())
    which = ", ".join(f"{title} ({count})" for title, count in counts.items())
    if language == "en":
        is_are = "submission is" if total == 1 else "submissions are"
        where = f"refresh the forms and open “{shown_in}”" if shown_in else "ask your supervisor"
        return f"{total} {is_are} to be completed: {which}. To learn why, {where}."
    where = f"làm mới danh sách biểu rồi mở «{shown_in}»" if shown_in else "hỏi người giám sát"
    return f"Có {total} hồ sơ cần bổ sung: {which}. Để biết lý do, {where}."


def _listed_form(form: ListedForm) -> str:
    # A blank name would void the whole list on the phone, not just this form (FL08). What XML
    # cannot hold is no name either.
    name = _FORBIDDEN.sub("", form.name).strip() or form.form_id
    return (
        "<xform>"
        + _element("formID", form.form_id)
        + _element("name", name)
        + _element("version", form.version)
        + _element("hash", f"md5:{form.md5}")
        + _element("downloadUrl", form.download_url)
        + (_element("manifestUrl", form.manifest_url) if form.manifest_url else "")
        + "</xform>\n"
    )


def _document(root: str, namespace: str, content: str, attributes: str = "") -> bytes:
    start = f'<{root} xmlns="{namespace}"{attributes}>\n'
    return f"{_DECLARATION}{start}{content}</{root}>\n".encode()


def _element(name: str, text: str) -> str:
    return f"<{name}>{_text(text)}</{name}>"


def _text(text: str) -> str:
    return escape(_FORBIDDEN.sub("", text))


def _attribute(text: str) -> str:
    return escape(_FORBIDDEN.sub("", text), {'"': "&quot;"})
