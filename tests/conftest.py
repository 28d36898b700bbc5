"""How databases are made, and emptied after a test that commits; the order of the modules."""

from __future__ import annotations

import gc
import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import TransactionTestCase
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from server import slots
from tests.once import once
from tests.throwaway import FRESH

# How long an example takes on a busy machine says nothing of what it proves.
settings.register_profile("unhurried", deadline=None, suppress_health_check=(HealthCheck.too_slow,))
settings.load_profile("unhurried")

# Modules that take longest, those first that nobody else may help with. xdist gives a worker one
# module after another (--no-loadscope-reorder: in this order), so that what is left for the end is
# short and no worker waits long for the other. There are more workers than cores: some wait.
LONGEST = (
    "tests/console/test_in_browser.py",  # with all that need a browser (TOGETHER)
    "tests/journeys/test_main_job.py",
    "tests/javarosa/test_filler.py",  # it ends the engine, which then is not yet quick (TOGETHER)
    "tests/journeys/test_kills.py",
    "tests/journeys/test_bad_road.py",
    "tests/serving/test_serve.py",
    "tests/embedded/test_postgres.py",
    "tests/api/test_matrix.py",
    "tests/console/test_matrix.py",
    "tests/inspections/test_suppression.py",
    "tests/sync/test_outages.py",
    "tests/api/test_schema.py",
    "tests/contract/test_schemathesis.py",
    "tests/communes/test_real_map.py",
    "tests/inspections/test_publication.py",
    "tests/attacks/test_requests.py",
    "tests/attacks/test_fuzz.py",
    "tests/attacks/test_workbooks.py",
    "tests/forms/test_compile.py",
    "tests/blobs/test_folder.py",
)


def _with_a_browser() -> tuple[str, ...]:
    here = Path(__file__).parent
    found = [path for path in here.glob("console/test_*.py") if "Desks" in path.read_text("utf-8")]
    return tuple(sorted(str(path.relative_to(here.parent)) for path in found))


# Modules that need something dear to start: one worker starts it and plays all of them.
TOGETHER = {
    "a browser": _with_a_browser(),
    "the phone's engine": (
        "tests/demo/test_inspections.py",
        "tests/demo/test_other_forms.py",
        "tests/forms_kt_18_5/",
        "tests/inspections/test_phone_agrees_on_rules.py",
        "tests/javarosa/",
        "tests/journeys/test_recommendations.py",
        "tests/workbooks/",
    ),
}


class _Together(LoadScopeScheduling):  # type: ignore[misc]  # untyped
    """xdist's way to give modules to workers, for which those of TOGETHER are one."""

    def _split_scope(self, nodeid: str) -> str:
        alone: str = super()._split_scope(nodeid)
        return next((of for of, them in TOGETHER.items() if nodeid.startswith(them)), alone)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _Together | None:
    """Schedule so where `--dist loadscope` asks for modules as a whole."""
    return _Together(config, log) if config.getoption("dist") == "loadscope" else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection() -> None:
    """Import a worker's share of the modules before all others, in a fresh clone.

    pytest rewrites what it imports and keeps it for the next one; each worker would rewrite all.
    """
    worker, here = os.environ.get("PYTEST_XDIST_WORKER", ""), Path(__file__).parent
    if worker and FRESH in os.environ:
        number, workers = int(worker.removeprefix("gw")), os.environ["PYTEST_XDIST_WORKER_COUNT"]
        for path in sorted(here.rglob("test_*.py"))[number :: int(workers)]:
            importlib.import_module(".".join(path.relative_to(here.parent).with_suffix("").parts))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest modules first; everything else stays in its order."""
    items.sort(key=_place)


def pytest_collection_finish() -> None:
    """Turn the collector on (tests/throwaway.py), with what has come to stay out of its sight."""
    gc.freeze()
    gc.enable()


def _place(item: pytest.Item) -> int:
    module = item.nodeid.partition("::")[0]
    return LONGEST.index(module) if module in LONGEST else len(LONGEST)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Make the database of each of xdist's workers a copy of one that was migrated for all.

    To migrate one takes seconds. A cluster of yours (DATABASE_URL) has none that may be migrated.
    """
    if "PYTEST_XDIST_WORKER" in os.environ and not os.environ.get("DATABASE_URL"):
        once("migrated", _migrate)
        connection.settings_dict["TEST"]["TEMPLATE"] = connection.settings_dict["NAME"]


def _migrate(_: Path) -> None:
    """Migrate the database of the cluster itself, which no test asks for."""
    subprocess.run(
        [sys.executable, "server/manage.py", "migrate", "--skip-checks", "--verbosity=0"],
        cwd=Path(__file__).parents[1],
        check=True,
    )


@pytest.fixture(scope="session", autouse=True)
def _only_what_was_filled_is_emptied() -> Iterator[None]:
    """Do after tests that commit what `flush` does, in a tenth of its time.

    `flush` truncates every table with its indexes, and asks every model anew for its permissions.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: empty())
        yield


@pytest.fixture(autouse=True)
def _places_to_download() -> None:
    """Let what an earlier test has not read to its end hold nobody up: no HTTP server closes it."""
    slots.places.cache_clear()


def empty() -> None:
    """Remove all that tests have committed, and nothing that migrations put there."""
    tables = _tables()
    with transaction.atomic(), connection.cursor() as cursor:
        # As truncating does, it waits for whoever is still writing.
        cursor.execute(f"LOCK TABLE {', '.join(tables)} IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(
            " UNION ALL ".join(f"SELECT '{t}' WHERE EXISTS (SELECT FROM {t})" for t in tables)
        )
        filled = [table for (table,) in cursor.fetchall()]
        if _AUDIT in filled:  # its triggers let nobody remove anything
            cursor.execute(
                f"ALTER TABLE {_AUDIT} DISABLE TRIGGER USER; DELETE FROM {_AUDIT};"
                f"ALTER TABLE {_AUDIT} ENABLE TRIGGER USER"
            )
        for table in sorted(filled, key=lambda table: table in _NOTED):
            cursor.execute(f"DELETE FROM {table}")  # keys are checked at the end


@cache
def _tables() -> list[str]:
    """Return the tables that tests write to: all, but for what migrations have put into them."""
    names = connection.introspection.table_names()
    return [name for name in names if name not in _OF_MIGRATIONS]


_AUDIT = "projects_auditentry"
# Last, since what goes from other tables is noted there.
_NOTED = ("submissions_formlength", "entities_entitylistlength")
_OF_MIGRATIONS = ("django_migrations", "django_content_type", "auth_permission")
