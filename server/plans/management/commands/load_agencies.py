"""`manage.py load_agencies`: the agencies that come with the project."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from server.plans.agencies import load_agencies


class Command(BaseCommand):
    """Fill the table of agencies."""

    help = "Nạp danh sách cơ quan (có ngày hiệu lực). Chạy lại không đổi gì."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, and say how many there are."""
        self.stdout.write(f"Cơ quan: {load_agencies()}.")
