"""`python -m server.submissions.photo_reader`: read photos from stdin, answer a line for each.

A photo is unpacked once, for what it shows (its hash) and for its small one.

Run by `photos`, never by hand. No Django. A photo comes from a stranger: it may be broken, or made
so that unpacking it fills the memory. What is said of it are figures; nothing of it is printed.

On stdin stands, for each photo, its length in 8 bytes (big-endian) and then its bytes.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import math
import resource
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, TypedDict

from PIL import ExifTags, Image

from server.submissions.photo_limits import LARGE, MEGABYTES, SMALL
from server.submissions.photo_pixels import exif_of, jpeg, noted, opened, unpack

FLATTEST = 8  # of 255, between the darkest and the lightest cell
# Eight a cell at the least: with fewer, copies differ more than with all of them.
_DOTS = (136, 128)
_SIZE_BYTES = 8


class Read(TypedDict, total=False):
    """What one photo shows and says of itself. No dataclass: to import those takes 8 ms."""

    note: str  # why nothing was read: no_image, broken, too_large; then there is nothing else
    coarse: str  # dHash of 64 bits, hexadecimal; "" where it shows nothing (one colour)
    fine: str  # of 256 bits: forms of one kind look alike in 64
    taken_at: str  # ISO 8601; without a zone where the camera named none
    lon: float | None
    lat: float | None
    small: str  # JPEG in base64, at most SMALL pixels long
    is_own_large: bool  # a JPEG no longer than LARGE


def main() -> None:
    """Say of each photo what it shows and says of itself."""
    answer_each(read)


def answer_each(answer: Callable[[bytes], Mapping[str, Any]]) -> None:
    """Answer with one line of JSON for each photo, as soon as it is read."""
    seconds = int(sys.argv[1])  # of processor time, for each photo anew
    resource.setrlimit(resource.RLIMIT_AS, (MEGABYTES << 20, MEGABYTES << 20))
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    source = sys.stdin.buffer
    while head := source.read(_SIZE_BYTES):
        content = source.read(int.from_bytes(head, "big"))
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time()) + seconds, most))
        print(json.dumps(answer(content)), flush=True)  # noqa: T201  # that is the answer


def read(content: bytes) -> Mapping[str, Any]:
    """Return what can be known of a photo (Read); one that cannot be read gets a note."""
    return noted(lambda content: {**_read(content)}, content)


def _read(content: bytes) -> Read:
    with opened(content) as image:
        exif = exif_of(image)
        lon, lat = _position(exif)
        is_own_large = image.format == "JPEG" and max(image.size) <= LARGE
        unpack(image, SMALL, least=_DOTS)
        # Of those colours the first is the grey one.
        grey = image.getchannel(0) if image.mode == "YCbCr" else image.convert("L")
        return Read(
            note="",
            coarse=_dhash(grey, 8),
            fine=_dhash(grey, 16),
            taken_at=_taken_at(exif),
            lon=lon,
            lat=lat,
            small=jpeg(image, exif, SMALL),
            is_own_large=is_own_large,
        )


def _dhash(grey: Image.Image, side: int) -> str:
    """Return whether each of `side` cells in `side` rows is darker than the one to its right.

    Krawetz, «Kind of Like That» (2013): it outlives scaling and compressing.
    """
    width = side + 1
    cells = grey.resize((width, side), Image.Resampling.BOX).tobytes()
    if max(cells) - min(cells) < FLATTEST:
        return ""
    rows = (cells[start : start + width] for start in range(0, width * side, width))
    bits = "".join("1" if row[at] < row[at + 1] else "0" for row in rows for at in range(side))
    return f"{int(bits, 2):0{side * side // 4}x}"


def _taken_at(exif: Any) -> str:
    tags: Mapping[int, Any] = {}
    with contextlib.suppress(Exception):
        tags = exif.get_ifd(ExifTags.IFD.Exif)
    text = str(tags.get(ExifTags.Base.DateTimeOriginal) or "").strip("\0 ")
    zone = str(tags.get(ExifTags.Base.OffsetTimeOriginal) or "").strip("\0 ")
    with contextlib.suppress(ValueError):
        taken = dt.datetime.strptime(text, "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007  # zone below
        with contextlib.suppress(ValueError):
            return dt.datetime.fromisoformat(f"{taken.isoformat()}{zone}").isoformat()
        return taken.isoformat()
    return ""


def _position(exif: Any) -> tuple[float, float] | tuple[None, None]:
    """Return lon and lat, degrees WGS 84."""
    with contextlib.suppress(Exception):
        tags = exif.get_ifd(ExifTags.IFD.GPSInfo)
        lat = _degrees(tags[ExifTags.GPS.GPSLatitude], tags.get(ExifTags.GPS.GPSLatitudeRef), "S")
        lon = _degrees(tags[ExifTags.GPS.GPSLongitude], tags.get(ExifTags.GPS.GPSLongitudeRef), "W")
        # Cameras without a fix write zeros, or nothing divided by nothing.
        if abs(lat) <= 90 and abs(lon) <= 180 and (lat, lon) != (0.0, 0.0):
            return lon, lat
    return None, None


def _degrees(parts: Any, side: Any, negative: str) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    found = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(found):
        raise ValueError
    return -found if str(side).strip("\0 ").upper() == negative else found


if __name__ == "__main__":
    main()
