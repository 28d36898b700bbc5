"""Photos for tests, with what a camera writes into them."""

from __future__ import annotations

import io

from PIL import ExifTags, Image


def picture(
    seed: int = 1,
    *,
    quality: int = 90,
    size: tuple[int, int] = (160, 120),
    taken: str = "",
    place: tuple[float, float] | None = None,
) -> bytes:
    """Return a JPEG of light and dark fields. place: lon, lat of its EXIF."""
    tones = bytes((seed * 7919 * (cell + 3) ** 2 // 11) % 256 for cell in range(72))
    image = Image.frombytes("L", (9, 8), tones).resize(size, Image.Resampling.NEAREST)
    exif = Image.Exif()
    if taken:
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = taken
    if place:
        gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
        gps[ExifTags.GPS.GPSLongitude], gps[ExifTags.GPS.GPSLongitudeRef] = parts(place[0]), "E"
        gps[ExifTags.GPS.GPSLatitude], gps[ExifTags.GPS.GPSLatitudeRef] = parts(place[1]), "N"
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, exif=exif)
    return out.getvalue()


def parts(degrees: float) -> tuple[float, float, float]:
    minutes = (degrees % 1) * 60
    return float(int(degrees)), float(int(minutes)), (minutes % 1) * 60
