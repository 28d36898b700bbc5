"""`manage.py load_units`: the administrative units that come with the project."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from server.communes.schematic import make_schematic
from server.communes.seed import load_units


class Command(BaseCommand):
    """Fill the tables of units, then draw the schematic coverages from their points."""

    help = "Nạp danh mục đơn vị hành chính và vẽ sơ đồ xã. Chạy lại không đổi gì."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, draw, and say how much there is and how much of it is new."""
        seeded = load_units()
        drawn = make_schematic()
        self.stdout.write(
            f"Đơn vị hành chính: {seeded.units} phiên bản, {seeded.successions} liên kết "
            f"({seeded.written} dòng mới hoặc thay đổi); sơ đồ vẽ lại: {drawn}."
        )
