"""`move_recommendations`: give those of merged communes to what these became."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from server.inspections import recommendation_succession as succession
from server.inspections.recommendations import all_open, today


class Command(BaseCommand):
    """Pays the debt that a reform leaves; may be run at any time."""

    help = "Chuyển kiến nghị còn mở của xã đã sáp nhập sang xã mới; đếm kiến nghị chờ chọn xã."

    def handle(self, *args: Any, **options: Any) -> None:
        """Move, and say what is left to a person."""
        moved = succession.follow()
        split = succession.gone(today()).split
        left = all_open().filter(data__xa__in=sorted(split)).count()
        self.stdout.write(f"Đã chuyển {moved} kiến nghị; {left} kiến nghị chờ chọn xã tiếp nhận.")
