"""`manage.py postgres pg_dump …`: a program of PostgreSQL, on the database of this server."""

from __future__ import annotations

import argparse
import os
import subprocess
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from server import embedded
from server.errors import Problem

PROGRAMS = ("pg_dump", "pg_restore", "psql")
# What libpq reads of each of Django's settings.
_TOLD = {"HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "PASSWORD": "PGPASSWORD"}


class Command(BaseCommand):
    """Run one of PostgreSQL's own programs, told where the database is and how to get in.

    They come with the wheel, so none has to be installed, and the password is in no command line.
    Where nothing serves, the PostgreSQL that comes with the project runs for as long as it takes.
    """

    help = "Chạy chương trình của PostgreSQL trên cơ sở dữ liệu của máy chủ này, để sao lưu."
    requires_system_checks: list[str] = []  # they need tables, and there may be none yet

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the program, and everything after it as its own."""
        parser.add_argument("program", choices=PROGRAMS)
        parser.add_argument("arguments", nargs=argparse.REMAINDER)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it; its exit code is ours."""
        is_elsewhere = os.environ.get("DATABASE_URL")
        try:
            with nullcontext() if is_elsewhere else embedded.used(settings.VAR):
                done = subprocess.run(  # noqa: S603  (one of PROGRAMS)
                    [embedded.binary(options["program"]), *options["arguments"]],
                    env={**os.environ, **_told(settings.DATABASES["default"])},
                )
        except Problem as problem:
            raise CommandError(problem.sentence()) from problem
        raise SystemExit(done.returncode)


def _told(database: Mapping[str, Any]) -> dict[str, str]:
    told = {name: str(database.get(key) or "") for key, name in _TOLD.items()}
    told["PGDATABASE"] = str(database["NAME"])
    told["PGSSLMODE"] = str(database.get("OPTIONS", {}).get("sslmode", ""))
    return {name: value for name, value in told.items() if value}
