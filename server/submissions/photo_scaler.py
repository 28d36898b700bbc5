"""`python -m server.submissions.photo_scaler`: make photos no larger than they are shown.

Run by `thumbnails`, never by hand, under the same limits. No Django.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.submissions.photo_limits import LARGE
from server.submissions.photo_pixels import exif_of, jpeg, noted, opened, unpack
from server.submissions.photo_reader import answer_each


def main() -> None:
    """Make each photo no larger than LARGE."""
    answer_each(scaled)


def scaled(content: bytes) -> Mapping[str, Any]:
    """Return `large`, a JPEG in base64, and `note`, "" or why there is none."""
    return noted(_scaled, content)


def _scaled(content: bytes) -> dict[str, Any]:
    with opened(content) as image:
        exif = exif_of(image)
        unpack(image, LARGE)
        return {"note": "", "large": jpeg(image, exif, LARGE)}


if __name__ == "__main__":
    main()
