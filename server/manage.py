"""Run a management command: `python server/manage.py COMMAND`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

# The repository root is the import root; this file's own folder must not be (house.md 1.1).
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from django.core.management import execute_from_command_line  # noqa: E402


def main() -> None:
    """Run the command that the shell named."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
