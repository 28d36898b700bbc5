"""`python -m server.submissions.photo_scaler`: make photos small, as `photo_reader` reads them.

Run by `thumbnails`, never by hand, under the same limits. No Django. Small ones hold nothing but
pixels, the right way up.
"""

from __future__ import annotations

import base64
import io
import warnings
from dataclasses import asdict, dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from server.submissions.photo_process import LARGE, SMALL
from server.submissions.photo_reader import FORMATS, MOST_PIXELS, answer_each
from server.submissions.stripping import CannotStrip, stripped

_QUALITY = {SMALL: 75, LARGE: 80}


@dataclass(frozen=True, slots=True)
class Scaled:
    """One photo, small and large: JPEG in base64."""

    note: str = ""  # why there is none: no_image, broken, too_large
    small: str = ""
    large: str = ""


def main() -> None:
    """Make each photo small."""
    answer_each(lambda content: asdict(scaled(content)))


def scaled(content: bytes) -> Scaled:
    """Return a photo in both sizes; one that cannot be read gets a note."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they quote what they complain about
            return _scaled(content)
    except UnidentifiedImageError:
        return Scaled("no_image")
    except (MemoryError, Image.DecompressionBombError):
        return Scaled("too_large")
    except Exception:  # noqa: BLE001  # a broken file makes Pillow raise nearly anything
        return Scaled("broken")


def _scaled(content: bytes) -> Scaled:
    with Image.open(io.BytesIO(content), formats=FORMATS) as image:
        if image.width * image.height > MOST_PIXELS:  # known before a pixel is unpacked
            return Scaled("too_large")
        large = _as_it_is(image, content)
        most = SMALL if large else LARGE
        # A JPEG is unpacked no larger than needed; asked for a square, often twice that.
        part = most / max(image.size)
        fitting = (max(1, int(image.width * part)), max(1, int(image.height * part)))
        image.draft("RGB", fitting)
        shown = _plain(image, most)
    return Scaled("", _written(shown, SMALL), _encoded(large) if large else _written(shown, LARGE))


def _as_it_is(image: Image.Image, content: bytes) -> bytes:
    """Return a photo that is not too large, without what it says of itself, as it was packed.

    Collect scales photos to 1280 pixels, so that nearly all are such. b"" where it is none.
    """
    is_upright = image.getexif().get(_ORIENTATION, 1) == 1
    if image.format != "JPEG" or max(image.size) > LARGE or not is_upright:
        return b""
    try:
        return stripped(content)
    except CannotStrip:
        return b""


_ORIENTATION = 0x0112


def _plain(image: Image.Image, most: int) -> Image.Image:
    """Return it the right way up, on white where it lets through, no larger than `most`."""
    image.thumbnail((most, most))
    upright = ImageOps.exif_transpose(image)
    if not upright.has_transparency_data:
        return upright.convert("RGB")
    clear = upright.convert("RGBA")
    white = Image.new("RGBA", clear.size, "white")
    return Image.alpha_composite(white, clear).convert("RGB")


def _written(image: Image.Image, most: int) -> str:
    if max(image.size) > most:
        image = image.copy()
        image.thumbnail((most, most))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=_QUALITY[most])
    return _encoded(out.getvalue())


def _encoded(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


if __name__ == "__main__":
    main()
