"""`owe_thumbnails`: have the worker make photos small that never were."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from server.submissions import thumbnails


class Command(BaseCommand):
    """May be run at any time, and twice: what is owed already is not counted again."""

    help = "Giao cho việc nền tạo ảnh thu nhỏ của những ảnh chưa có, ví dụ ảnh gửi từ bản cũ."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many; the worker makes them."""
        count = thumbnails.owe_missing()
        self.stdout.write(f"Đã giao {count} ảnh; việc nền tạo dần, hồ sơ vẫn xem được bình thường.")
