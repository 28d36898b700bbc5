"""Open a photo of a stranger's within limits, and pack it small again. No Django.

Only for the processes that `photo_process` starts. A JPEG stays in the colours that it is packed in
(luma and two of chroma) all the way: turning them into RGB and back takes time and is a loss.
"""

from __future__ import annotations

import base64
import contextlib
import io
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from PIL import Image, UnidentifiedImageError

from server.submissions.photo_limits import LARGE, MOST_PIXELS, SMALL

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")  # of those that Pillow reads, what phones write
_QUALITY = {SMALL: 75, LARGE: 80}
_ORIENTATION = 0x0112
_UPRIGHT = {  # what turns a photo the right way up; Exif 2.32 §4.6.4
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def noted(read: Callable[[bytes], dict[str, Any]], content: bytes) -> dict[str, Any]:
    """Return what `read` says of a photo; of one that cannot be read, only a note why.

    It is one of no_image, broken, too_large.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they quote what they complain about
            return read(content)
    except UnidentifiedImageError:
        return {"note": "no_image"}
    except (MemoryError, Image.DecompressionBombError):
        return {"note": "too_large"}
    except Exception:  # noqa: BLE001  # a broken file makes Pillow raise nearly anything
        return {"note": "broken"}


@contextlib.contextmanager
def opened(content: bytes) -> Iterator[Image.Image]:
    """Open a photo, no pixel of it unpacked yet. Raises whatever Pillow does."""
    with Image.open(io.BytesIO(content), formats=FORMATS) as image:
        if image.width * image.height > MOST_PIXELS:  # known before a pixel is unpacked
            raise Image.DecompressionBombError
        yield image


def unpack(image: Image.Image, most: int, least: tuple[int, int] = (1, 1)) -> None:
    """Unpack a photo; a JPEG at a half, a quarter or an eighth where no more will be needed.

    most: pixels of the longer side of what is to be made of it. least: of both sides.
    """
    part = most / max(image.size)  # asked for a square, it would be twice that at times
    fitting = (max(least[0], int(image.width * part)), max(least[1], int(image.height * part)))
    # One that says it is packed as RGB cannot be had otherwise. (libjpeg guesses so too by the
    # names of the components.)
    is_rgb = image.info.get("adobe_transform") == 0 or _is_named_rgb(image)
    image.draft("RGB" if is_rgb else "YCbCr", fitting)
    image.load()


def _is_named_rgb(image: Image.Image) -> bool:
    return [layer[0] for layer in getattr(image, "layer", ())] == [*b"RGB"]


def exif_of(image: Image.Image) -> Any:
    """Return what it says of itself, nothing where that is broken: the picture may not be."""
    with contextlib.suppress(Exception):
        return image.getexif()
    return {}


def jpeg(image: Image.Image, exif: Any, most: int) -> str:
    """Return an unpacked photo, `most` pixels long at the most: a JPEG in base64.

    It is the right way up, on white where it lets through, and holds nothing but pixels.
    """
    image.thumbnail((most, most))
    turning = None
    with contextlib.suppress(Exception):  # as in exif_of: it reads a tag when asked for it
        turning = _UPRIGHT.get(exif.get(_ORIENTATION))
    if turning is not None:
        image = image.transpose(turning)
    out = io.BytesIO()
    # Pillow would copy a remark into it.
    _opaque(image).save(out, "JPEG", quality=_QUALITY[most], comment=b"")
    return base64.b64encode(out.getvalue()).decode("ascii")


def _opaque(image: Image.Image) -> Image.Image:
    if image.has_transparency_data:
        clear = image.convert("RGBA")
        white = Image.new("RGBA", clear.size, "white")
        image = Image.alpha_composite(white, clear)
    return image if image.mode in ("L", "YCbCr", "RGB") else image.convert("RGB")
