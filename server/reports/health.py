"""How the server fares: each thing that can go wrong, whether it does, and by which facts.

For people who answer for a project. No path, address or secret of the machine is told, and nothing
about any one submission. What each means and what to do about it are words of the edge.
"""

from __future__ import annotations

import datetime as dt
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import django
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from server import VERSION
from server.inspections.expected import local_day
from server.inspections.flag_kinds import VISIT_IN_FUTURE
from server.inspections.models import Flag
from server.plans.devices import OLDEST_COLLECT, Devices, devices
from server.reports import health_of_stores, health_of_work
from server.reports.checks import Check, Level
from server.reports.health_of_work import Task
from server.statements import one_row
from server.upkeep import clock

_CLOCK_WATCH, _CLOCK_BAD = dt.timedelta(seconds=2), dt.timedelta(seconds=60)
_RECENT = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Health:
    """All that was looked at."""

    groups: Mapping[str, tuple[Check, ...]]  # work, kept, copies, clocks, versions
    tasks: Sequence[Task]
    collect: Sequence[tuple[str, int]]  # version of Collect, "" another program; devices in use

    @property
    def troubles(self) -> tuple[Check, ...]:
        """Return what is not good, the worst first."""
        found = [one for group in self.groups.values() for one in group]
        bad = [one for one in found if one.level == Level.BAD]
        return (*bad, *(one for one in found if one.level == Level.WATCH))


def look(project_id: int) -> Health:
    """Look at everything now; the number of queries is always the same.

    project_id: whose devices are told; the rest is of the whole server.
    """
    phones = devices(project_id)
    tasks = health_of_work.tasks()
    worst = [one.level for one in tasks if one.level != Level.GOOD]
    late = Level.BAD if Level.BAD in worst else Level.WATCH if worst else Level.GOOD
    return Health(
        {
            "work": (*health_of_work.checks(), Check("tasks", late, {"count": len(worst)})),
            "kept": tuple(health_of_stores.kept()),
            "copies": tuple(health_of_stores.copies()),
            "clocks": tuple(_clocks(project_id)),
            "versions": tuple(_versions(phones)),
        },
        tasks,
        phones.collects,
    )


def _clocks(project_id: int) -> Iterator[Check]:
    ahead = abs(clock.database_ahead())
    level = Level.GOOD
    if ahead > _CLOCK_WATCH:
        level = Level.BAD if ahead > _CLOCK_BAD else Level.WATCH
    yield Check("clock", level, {"apart": ahead})
    # What a phone's clock is, nothing tells; a visit dated after its receipt shows a wrong one.
    wrong = (
        Flag.objects.filter(
            code=VISIT_IN_FUTURE,
            inspection__form__project=project_id,
            inspection__submission__deleted_at=None,
            inspection__submission__created_at__date__gte=local_day() - _RECENT,
        )
        .values("inspection__submission__current_version__app_user")
        .distinct()
        .count()
    )
    yield Check("phones", Level.WATCH if wrong else Level.GOOD, {"count": wrong})


def _versions(phones: Devices) -> Iterator[Check]:
    named = one_row("SELECT current_setting('server_version')", [])
    facts = {
        "version": VERSION,
        "django": django.get_version(),
        "python": platform.python_version(),
        "postgresql": str(named[0]).partition(" ")[0] if named else "?",
    }
    yield Check("app", Level.GOOD, facts)
    pending = len(_known() - MigrationRecorder(connection).applied_migrations().keys())
    yield Check("migrations", Level.BAD if pending else Level.GOOD, {"count": pending})
    oldest = "v" + ".".join(map(str, OLDEST_COLLECT))
    level = Level.WATCH if phones.too_old else Level.GOOD
    yield Check("collect", level, {"count": phones.too_old, "oldest": oldest})


@cache
def _known() -> frozenset[tuple[str, str]]:
    """Return the migrations that this program comes with, those that others replace left out."""
    loader = MigrationLoader(None)
    replaced = {old for one in loader.disk_migrations.values() for old in one.replaces}
    return frozenset(loader.disk_migrations.keys() - replaced)
