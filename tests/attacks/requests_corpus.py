"""Requests that mean harm, or do harm unmeant. Each entry: what it is, and what it must be told.

features.md §4.4, T4 to T9, T16, T18 and T22. A status of 201 means that the bytes are kept as
evidence and nothing was made of them.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

from tests.attacks.wire import END, Attack, Place, file, form, get, part, post, post_framed
from tests.sync.published import filled

MB = 1_000_000
CANARY = "chim-hoàng-yến-7"  # an answer; no log line may show it

NOT_MULTIPART, MALFORMED, CUT = "envelope.not_multipart", "envelope.malformed", "envelope.cut"


def fresh(name: str, **answers: str) -> bytes:
    """Return the part of an inspection that no other case sends."""
    return form(filled(f"uuid:{name}", head=CANARY, **answers))


def chunked(*chunks: bytes) -> bytes:
    framed = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return framed + b"0\r\n\r\n"


def png(width: int, height: int) -> bytes:
    """Return a picture whose header promises more pixels than any memory holds."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    crc = struct.pack(">I", zlib.crc32(header))
    return (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + crc + b"\0\0\0\0IEND\xaeB\x60\x82"
    )


EXIF = b"\xff\xd8\xff\xe1\xff\xffExif\0\0MM\0*\xff\xff\xff\xff" + b"\xff" * 40 + b"\xff\xd9"
GIFAR = b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)" + b"PK\x05\x06" + b"\0" * 18

ENVELOPES: Mapping[str, Attack] = {  # T6
    "no body": Attack(400, CUT, post(b"")),
    "no boundary": Attack(400, NOT_MULTIPART, post(END, content_type="multipart/form-data")),
    "a boundary of 201 letters": Attack(
        400, NOT_MULTIPART, post(END, content_type=f"multipart/form-data; boundary={'b' * 201}")
    ),
    "a boundary that is no ASCII": Attack(
        400, NOT_MULTIPART, post(END, content_type="multipart/form-data; boundary=b\xe9")
    ),
    "a form that is not posted as one": Attack(
        400, NOT_MULTIPART, post(b"a=b", content_type="application/x-www-form-urlencoded")
    ),
    "nothing but the end": Attack(400, "envelope.xml_missing", post(END)),
    "10 000 parts": Attack(
        413, "envelope.too_many_parts", post(lambda: part(b"", b'; name="a"') * 10_000 + END)
    ),
    "no form": Attack(400, "envelope.xml_missing", post(file(b"1.jpg") + END)),
    "two forms": Attack(400, "envelope.xml_twice", post(fresh("a") + fresh("b") + END)),
    "a form of 6 MB": Attack(413, "xml.too_large", post(lambda: form(b"x" * (6 * MB)) + END)),
    "a part without a name": Attack(400, MALFORMED, post(part(b"x", b"") + END)),
    "a part without headers": Attack(400, MALFORMED, post(b"--b\r\n\r\n\r\nx\r\n" + END)),
    "a part with an empty name": Attack(400, MALFORMED, post(part(b"x", b'; name=""') + END)),
    "part headers of 9 KB": Attack(
        400, MALFORMED, post(part(b"x", b'; name="a"', b"X: " + b"x" * 9000) + END)
    ),
    "part headers of 5 MB without an end": Attack(
        400, MALFORMED, post(lambda: b"--b\r\n" + b"x" * 5 * MB)
    ),
    "part headers that are no UTF-8": Attack(400, MALFORMED, post(file(b"a\xff.jpg") + END)),
    "a part in base64": Attack(
        400,
        MALFORMED,
        post(part(b"eA==", b'; name="a"', b"Content-Transfer-Encoding: base64") + END),
    ),
    "text behind a boundary": Attack(400, MALFORMED, post(b"--b text\r\n" + END)),
    "lines that end in LF alone": Attack(
        400, MALFORMED, post((fresh("lf") + END).replace(b"\r\n", b"\n"))
    ),
    "a gzipped body": Attack(400, CUT, post(zlib.compress(bytes(MB)), "Content-Encoding: gzip")),
    "no last boundary": Attack(400, CUT, post(fresh("no-end") + file(b"1.jpg", b"x" * MB))),
    "5 MB before the first boundary": Attack(
        201, "", post(lambda: b"x" * (5 * MB) + b"\r\n" + fresh("before") + END)
    ),
    "5 MB behind the last boundary": Attack(
        201, "", post(lambda: fresh("after") + END + b"x" * (5 * MB))
    ),
    "a million near boundaries": Attack(
        201, "", post(lambda: fresh("near") + file(b"1.jpg", b"\r\n--c" * MB) + END)
    ),
    "a file of 30 MB": Attack(
        201, "", post(lambda: fresh("big") + file(b"1.mp4", bytes(30 * MB)) + END)
    ),
    "200 files": Attack(
        201, "", post(fresh("many") + b"".join(file(b"%d.jpg" % n) for n in range(200)) + END)
    ),
    "a multipart within a part": Attack(
        201,
        "",
        post(fresh("nested") + file(b"1", END, b"multipart/mixed; boundary=b2") + END),
    ),
}

FRAMES: Mapping[str, Attack] = {  # T6, refused by the HTTP server before our own code
    "a terabyte is promised": Attack(413, "", post_framed(b"", f"Content-Length: {10**12}")),
    "a length that is no number": Attack(400, "", post_framed(END, "Content-Length: abc")),
    "a length below nothing": Attack(400, "", post_framed(END, "Content-Length: -1")),
    "two lengths": Attack(400, "", post_framed(END, "Content-Length: 5", "Content-Length: 7")),
    "a length that is too short": Attack(
        400, CUT, post_framed(fresh("short") + END, "Content-Length: 90")
    ),
    "chunked, and a length besides": Attack(
        201,
        "",
        post_framed(
            chunked(fresh("both") + END), "Content-Length: 5", "Transfer-Encoding: chunked"
        ),
    ),
    "chunked, and cut within a part": Attack(
        400, CUT, post_framed(chunked(fresh("chunk")), "Transfer-Encoding: chunked")
    ),
    "a chunk whose size is no number": Attack(
        400, "", post_framed(b"zz\r\nxx\r\n0\r\n\r\n", "Transfer-Encoding: chunked")
    ),
    "an encoding of the line that nobody has": Attack(
        501, "", post_framed(END, "Transfer-Encoding: chunked, gzip")
    ),
    "headers of 300 KB": Attack(431, "", get("{device}/formList", f"X: {'x' * 300_000}")),
    "no request at all": Attack(400, "", lambda place: b"\x16\x03\x01\x02\0\x01\0\x01\r\n\r\n"),
}

NAMES: Mapping[str, Attack] = {  # T7: a name is text that is kept, never a path
    name: Attack(status, code, post(fresh(f"name {name}") + file(written) + END))
    for name, written, status, code in [
        ("a path upwards", b"../../../../etc/passwd", 201, ""),
        ("a path from the root", b"/etc/cron.d/a", 201, ""),
        ("a path of Windows", b"..\\..\\windows\\win.ini", 201, ""),
        ("a device of Windows", b"CON", 201, ""),
        ("dots", b"..", 201, ""),
        ("a name that reads backwards", "1\u202egpj.exe".encode(), 201, ""),
        ("a name of 300 letters", "ễ".encode() * 300, 201, ""),
        ("a name of two lines", b"1%0D%0ASet-Cookie: a", 201, ""),
        ("a name with quotes", b"1%22;<script>.jpg", 201, ""),
        ("a name with a NUL", b"1\0.jpg", 400, MALFORMED),
        ("a name that asks for a statement", b"'; DROP TABLE submissions_submission;--", 201, ""),
    ]
}

FILES: Mapping[str, Attack] = {  # T8, T9: evidence is kept as it came, and nothing opens it
    name: Attack(201, "", post(fresh(f"file {name}", photo="1.jpg") + sent + END))
    for name, sent in [
        ("a file that nobody named", file(b"9.jpg", b"x" * MB)),
        ("a page as a photo", file(b"1.jpg", b"<script>alert(1)</script>", b"text/html")),
        ("a drawing with a script", file(b"1.jpg", b"<svg onload='alert(1)'/>", b"image/svg+xml")),
        ("a photo that is a program too", file(b"1.jpg", GIFAR)),
        ("a photo of 900 million pixels", file(b"1.jpg", png(30_000, 30_000), b"image/png")),
        ("a photo with broken EXIF", file(b"1.jpg", EXIF)),
        ("a type that breaks the line", file(b"1.jpg", b"x", b"a/b\rSet-Cookie: a")),
        ("the same name twice", file(b"1.jpg", b"one") + file(b"1.jpg", b"two")),
    ]
}

PLAIN = filled("uuid:plain", head=CANARY)

INSTANCES: Mapping[str, Attack] = {  # T4, T5
    "decomposed Vietnamese": Attack(
        201, "", post(form(filled("uuid:nfd", head="Nguye\u0302\u0303n")) + END)
    ),
    "UTF-16": Attack(201, "", post(form(filled("uuid:utf-16").decode().encode("utf-16")) + END)),
    "two ids": Attack(
        400,
        "submission.id_ambiguous",
        post(form(PLAIN.replace(b"</meta>", b"<instanceID>uuid:2</instanceID></meta>")) + END),
    ),
    "an id of 256 letters": Attack(
        400, "submission.id_too_long", post(form(filled("x" * 256)) + END)
    ),
    "no id": Attack(201, "", post(form(filled("")) + END)),
    "an id that is a path": Attack(201, "", post(form(filled("../../etc/passwd")) + END)),
    "no form id": Attack(400, "submission.form_id_missing", post(form(filled(form_id="")) + END)),
    "a form of nobody": Attack(
        404, "submission.form_unknown", post(form(filled("uuid:f", form_id="../x")) + END)
    ),
    "a version of nobody": Attack(
        404, "submission.version_unknown", post(form(filled("uuid:v", version="x" * 9000)) + END)
    ),
    "an edit of nothing": Attack(
        404,
        "submission.original_unknown",
        post(form(filled("uuid:e", deprecated_id="uuid:nowhere")) + END),
    ),
    "encrypted without an id": Attack(
        400,
        "submission.encrypted_without_id",
        post(form(b'<data id="household" version="1" encrypted="yes"/>') + END),
    ),
}

NOWHERE = "openrosa.address_unknown"

PATHS: Mapping[str, Attack] = {  # T22
    "a file upwards": Attack(
        404,
        "download.file_unknown",
        get("{device}/forms/household/attachments/..%5C..%5Cetc%5Cpasswd"),
    ),
    "a file upwards, in slashes": Attack(
        404,
        "download.file_unknown",
        get("{device}/forms/household/attachments/..%2f..%2f..%2fetc%2fpasswd"),
    ),
    "a form upwards": Attack(
        404, "download.form_unknown", get("{device}/forms/..%2f..%2fetc%2fpasswd.xml")
    ),
    "a path upwards": Attack(404, NOWHERE, get("{device}/../../../../etc/passwd")),
    "a NUL in a form": Attack(404, NOWHERE, get("{device}/forms/a%00b.xml")),
    "bytes that are no UTF-8": Attack(
        404, "download.form_unknown", get("{device}/forms/%ff%fe.xml")
    ),
    "a form of 8 000 letters": Attack(
        404, "download.form_unknown", get(f"{{device}}/forms/{'x' * 8000}.xml")
    ),
    "a project of 30 digits": Attack(
        403,
        "key.unknown",
        lambda place: get(f"/v1/key/{place.token}/projects/{'9' * 30}/formList")(place),
    ),
    "another host in the path": Attack(404, "openrosa.address_unknown", get("//example.org/%2f..")),
    "another host as proxy": Attack(
        404, "openrosa.address_unknown", get("http://example.org/v1/formList", "Host: 127.0.0.1")
    ),
    "another host by name": Attack(
        400, "openrosa.request_refused", get("{device}/formList", "Host: example.org")
    ),
    "another host by a proxy's word": Attack(
        200, "", get("{device}/formList", "X-Forwarded-Host: example.org")
    ),
    "a path of two lines": Attack(
        404, "download.form_unknown", get("{device}/forms/a%0D%0AFORGED%20a%20line.xml")
    ),
    "a method of two lines": Attack(400, "", get("{device}/formList", method="GET\rFORGED")),
    "a method that is none": Attack(
        405, "openrosa.method_not_allowed", get("{device}/formList", method="TRACE")
    ),
    "another method by a header": Attack(
        405,
        "openrosa.method_not_allowed",
        get("{device}/formList", "X-HTTP-Method-Override: GET", method="DELETE"),
    ),
    "a NUL in a question": Attack(200, "", get("{device}/formList?formID=%00")),
    "2 000 questions": Attack(
        400, "openrosa.request_refused", get(f"{{device}}/formList?{'a=1&' * 2000}")
    ),
    "1 000 ranges": Attack(
        200, "", get("{device}/forms/household.xml", f"Range: bytes=0-{',0-' * 1000}")
    ),
    "1 000 languages": Attack(
        200, "", get("{device}/formList", f"Accept-Language: {'vi;q=1e999,' * 1000}")
    ),
    "1 000 tags": Attack(
        200, "", get("{device}/forms/household.xml", "If-None-Match: " + '"a",' * 1000)
    ),
}

DIGEST = "Authorization: Digest "
GOOD = (
    'username="u", realm="r", nonce="n", uri="/", response="0123456789abcdef0123456789abcdef"'
    ', cnonce="c", nc=00000001'
)
UNREADABLE = "device.credentials_malformed"
KEYS: Mapping[str, Attack] = {  # T16, T18
    "no key": Attack(401, "key.missing", get("{project}/formList")),
    "a key that is none": Attack(401, "key.malformed", get("/v1/key/a/projects/1/formList")),
    "a key of nobody": Attack(403, "key.unknown", get(f"/v1/key/{'a' * 64}/projects/1/formList")),
    "a device that reads what people read": Attack(
        401, "auth.failed", lambda place: get("{project}/summary", bearer(place))(place)
    ),
    "Digest without anything": Attack(401, UNREADABLE, get("{project}/formList", DIGEST)),
    "Digest without qop": Attack(401, UNREADABLE, get("{project}/formList", DIGEST + GOOD)),
    "Digest over the body": Attack(
        401, UNREADABLE, get("{project}/formList", f"{DIGEST}{GOOD}, qop=auth-int")
    ),
    "Digest with a session": Attack(
        401, UNREADABLE, get("{project}/formList", f"{DIGEST}{GOOD}, qop=auth, algorithm=MD5-sess")
    ),
    "Digest with a user twice": Attack(
        401, UNREADABLE, get("{project}/formList", f'{DIGEST}{GOOD}, qop=auth, username="v"')
    ),
    "Digest of 100 KB of quotes": Attack(
        401, UNREADABLE, get("{project}/formList", f'{DIGEST}username="{chr(92) * 100_000}')
    ),
    "Digest for another address": Attack(
        401, "device.credentials_wrong", get("{project}/formList", f"{DIGEST}{GOOD}, qop=auth")
    ),
    "Basic in the clear": Attack(
        401, "device.password_in_clear", get("{project}/formList", "Authorization: Basic dTpw")
    ),
    "a kind of login of nobody": Attack(
        401, "key.missing", get("{project}/formList", "Authorization: Negotiate \xff\xfe")
    ),
}


def bearer(place: Place) -> str:
    return f"Authorization: Bearer {place.token}"


CORPUS: Mapping[str, Attack] = (
    dict(ENVELOPES) | dict(FRAMES) | dict(NAMES) | dict(FILES) | dict(INSTANCES) | dict(PATHS)
    | dict(KEYS)
)  # fmt: skip
