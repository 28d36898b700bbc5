"""`python -m server.submissions.photo_reader`: read photos from stdin, answer a line for each.

Run by `photos`, never by hand. No Django. A photo comes from a stranger: it may be broken, or made
so that unpacking it fills the memory. What is said of it are figures; nothing of it is printed.

On stdin stands, for each photo, its length in 8 bytes (big-endian) and then its bytes.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import math
import resource
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from PIL import ExifTags, Image, UnidentifiedImageError

MOST_PIXELS = 50_000_000  # more than any phone's camera takes in its usual mode
MEGABYTES = 768  # of addresses, for one photo of that size and what reads it
FLATTEST = 8  # of 255, between the darkest and the lightest cell
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")  # of those that Pillow reads, what phones write
_SIZE_BYTES = 8


@dataclass(frozen=True, slots=True)
class Read:
    """What one photo shows and says of itself."""

    note: str = ""  # why nothing was read: no_image, broken, too_large
    coarse: str = ""  # dHash of 64 bits, hexadecimal; "" where it shows nothing (one colour)
    fine: str = ""  # of 256 bits: forms of one kind look alike in 64
    taken_at: str = ""  # ISO 8601; without a zone where the camera named none
    lon: float | None = None
    lat: float | None = None


def main() -> None:
    """Say of each photo what it shows and says of itself."""
    answer_each(lambda content: asdict(read(content)))


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


def read(content: bytes) -> Read:
    """Return what can be known of a photo; one that cannot be read gets a note."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they quote what they complain about
            return _read(content)
    except UnidentifiedImageError:
        return Read("no_image")
    except (MemoryError, Image.DecompressionBombError):
        return Read("too_large")
    except Exception:  # noqa: BLE001  # a broken file makes Pillow raise nearly anything
        return Read("broken")


def _read(content: bytes) -> Read:
    with Image.open(io.BytesIO(content), formats=FORMATS) as image:
        if image.width * image.height > MOST_PIXELS:  # known before a pixel is unpacked
            return Read("too_large")
        exif: Image.Exif | dict[int, Any] = {}
        # What it says of itself may be broken where the picture is not.
        with contextlib.suppress(Exception):
            exif = image.getexif()
        lon, lat = _position(exif)
        taken_at = _taken_at(exif)
        # A JPEG is unpacked at a half, a quarter or an eighth, eight dots a cell at the least: with
        # fewer, copies differ more than with all of them.
        image.draft("L", (136, 128))
        grey = image.convert("L")
        return Read("", _dhash(grey, 8), _dhash(grey, 16), taken_at, lon, lat)


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
