"""`python -m tests.journeys.sweep_now`: the sweep of files, for which nothing is too young.

Prints how many files it removed. No post may be under way.
"""

from __future__ import annotations

import datetime as dt
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
django.setup()

from server import blobs  # noqa: E402
from server.submissions import orphans  # noqa: E402


def main() -> None:
    """Sweep once."""
    blobs.GRACE = dt.timedelta(0)
    sys.stdout.write(f"{orphans.collect()}\n")


if __name__ == "__main__":
    main()
