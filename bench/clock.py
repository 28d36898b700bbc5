"""How long something takes by the clock."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable


def milliseconds(act: Callable[[], object], times: int) -> tuple[float, float]:
    """Return the median and the longest of so many runs."""
    took_ms = []
    for _ in range(times):
        begun = time.perf_counter()
        act()
        took_ms.append((time.perf_counter() - begun) * 1000)
    return statistics.median(took_ms), max(took_ms)
