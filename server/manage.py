"""Run a management command: `python server/manage.py COMMAND`."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

# All that is imported comes to stay, and Python would walk it again and again while it comes. Not
# off: what migrations and workbooks of a first start leave behind would stay in the memory that all
# children of `serve` share.
gc.set_threshold(50_000, 20, 100)

# The repository root is the import root; this file's own folder must not be (house.md 1.1).
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from django.core.management import execute_from_command_line  # noqa: E402
from django.db import OperationalError, connection  # noqa: E402

_NO_DATABASE = """Cơ sở dữ liệu không trả lời: {said}
Máy chủ đã chạy chưa? Chạy make serve ở một cửa sổ khác (hoặc kiểm tra DATABASE_URL), rồi thử lại.
"""


def main() -> None:
    """Run the command that the shell named."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
    try:
        execute_from_command_line(sys.argv)
    except OperationalError as error:
        if connection.connection is not None:  # it let us in, and something else is wrong
            raise
        sys.exit(_NO_DATABASE.format(said=str(error).partition("\n")[0]))


if __name__ == "__main__":
    main()
