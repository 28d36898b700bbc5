"""Photos for the benches: JPEGs of 200 KB as phones send them, no two of them alike.

To compress one takes as long as the server takes for it, so one is compressed, in stripes that
stand by themselves, and each photo is these in another order.
"""

from __future__ import annotations

import io
import os
import random
import re

from PIL import Image

WIDTH, HEIGHT = 1280, 960  # what Collect scales to
_BYTES = 200_000
_STRIPE = re.compile(rb"\xff[\xd0-\xd7]")  # a restart marker; no other two bytes look like one


class Album:
    """Gives photos."""

    def __init__(self) -> None:
        whole = next(jpeg for quality in range(95, 5, -1) if len(jpeg := _jpeg(quality)) < _BYTES)
        # Stripes begin where the last header, SOS, ends; its length stands in it.
        scan = whole.index(b"\xff\xda")
        begin = scan + 2 + int.from_bytes(whole[scan + 2 : scan + 4], "big")
        self._head, self._stripes = whole[:begin], _STRIPE.split(whole[begin:-2])
        self._random = random.Random(1)

    def photo(self) -> bytes:
        """Return another photo."""
        stripes = self._random.sample(self._stripes, len(self._stripes))
        marked = [
            stripe + bytes((0xFF, 0xD0 + number % 8)) for number, stripe in enumerate(stripes)
        ]
        marked[-1] = stripes[-1]
        return b"".join((self._head, *marked, b"\xff\xd9"))


_COARSE = Image.frombytes("RGB", (40, 30), os.urandom(40 * 30 * 3))
_FINE = Image.frombytes("RGB", (WIDTH, HEIGHT), os.urandom(WIDTH * HEIGHT * 3))


def _jpeg(quality: int) -> bytes:
    large = _COARSE.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    out = io.BytesIO()
    Image.blend(large, _FINE, 0.1).save(out, "JPEG", quality=quality, restart_marker_rows=1)
    return out.getvalue()
