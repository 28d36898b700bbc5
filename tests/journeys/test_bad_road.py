"""Everything arrives, once: over a link that is cut, to a server whose stores come and go.

The server is started as `make serve` starts it, with a PostgreSQL and an S3 store of its own.
"""

from __future__ import annotations

import hashlib
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from server import embedded
from sync.collect import Answer, Collect, multipart
from sync.demo.host import Host, is_serving
from tests.blobs.s3 import BUCKET, S3
from tests.embedded.processes import wait_until
from tests.journeys import exporting, phones, served
from tests.journeys.phones import Inspection, Ledger
from tests.journeys.road import road
from tests.journeys.stores import Database, stop_and_start
from tests.serving.server import copy_of, first
from tests.workbooks import books

INSPECTIONS = 300
CUTS, CUT_PHONES = 200, 4
STOPS, PHONES = 10, 6
TOLD_WITHIN_S = 10.0  # a limit of 2 s, asked for twice, on a busy machine
LONGEST_S = 180.0  # from the last 201 to the last debt paid; a busy machine is no fault
SEED = "20261125"

# Every file that a row of a form names; the others are photos. A list of ours has none.
OF_FORMS = """
SELECT workbook_sha256 FROM forms_formversion
UNION SELECT sha256 FROM forms_formattachment WHERE sha256 <> ''
"""


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bad") / "var"


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    store = S3(tmp_path_factory.mktemp("s3"))
    store.start()
    yield store
    store.stop()


@pytest.fixture(scope="module")
def server(var: Path, s3: S3) -> Iterator[Host]:
    _move_a_first_start(var, s3.folder / BUCKET)
    running = served.start(
        var,
        STORAGE="minio",
        MINIO_ENDPOINT=f"127.0.0.1:{s3.port}",
        MINIO_ACCESS_KEY="key",
        MINIO_SECRET_KEY="secret",
        MINIO_USE_HTTPS="false",
        DATABASE_TIMEOUT_S="2",
        MINIO_TIMEOUT_S="2",
        MINIO_AWAY_S="1",
        SWEEP_S="2",
        EXPORT_STALE_S="10",
        ADVERTISED_POST_BYTES="100000",  # so that large photos come in several posts
    )
    yield running
    running.stop()


def _move_a_first_start(var: Path, bucket: Path) -> None:
    """Put what a first start made into `var`, its files into the bucket; leave one form to publish.

    A first start that publishes all of them takes ten seconds.
    """
    copy_of(first(), var.parent)
    shutil.move(var / "files", bucket)
    workbook = hashlib.sha256(books.path("theo_doi").read_bytes()).hexdigest()
    (kept,) = bucket.rglob(workbook)
    kept.unlink()
    with embedded.used(var):
        forgotten = served.rows(
            var,
            "UPDATE forms_formversion SET workbook_sha256 = ''"
            f" WHERE workbook_sha256 = '{workbook}' RETURNING 1",
        )
    assert forgotten == [(1,)]


@pytest.fixture(scope="module")
def url(server: Host) -> str:
    return served.device_url(server)


def test_three_hundred_inspections_arrive_once_over_a_link_that_is_cut_two_hundred_times(
    server: Host, url: str, var: Path, s3: S3
) -> None:
    held, ledger = phones.filled_in(INSPECTIONS, SEED), Ledger()

    with ExitStack() as open_roads:
        roads = [
            open_roads.enter_context(road(server.base, f"{SEED} {n}", CUTS // CUT_PHONES))
            for n in range(CUT_PHONES)
        ]
        urls = [url.replace(server.base, near) for near, _ in roads]
        phones.send_everything(urls, held, ledger)

    made = [cut for _, way in roads for cut in way.made]
    assert len(made) == CUTS
    assert min(Counter((cut.is_in_answer, cut.is_reset) for cut in made).values()) > CUTS // 10
    assert ledger.told == []  # a cut is never taken for something to be refused
    assert ledger.cut  # the others hit a line that was kept, and Collect dialled again by itself
    _wait_until_settled(var)
    check_all_is_there_once(var, s3, server, held, ledger)


def test_the_same_while_postgresql_and_the_object_store_stop_and_start_ten_times(
    server: Host, url: str, var: Path, s3: S3
) -> None:
    held, ledger = phones.filled_in(INSPECTIONS, f"{SEED} again"), Ledger()
    rng = random.Random(SEED)
    database = Database(var, rng)

    def sent() -> float:
        return len(ledger.taken) / INSPECTIONS

    with ThreadPoolExecutor(3) as at_once:
        sending = at_once.submit(phones.send_everything, [url] * PHONES, held, ledger)
        stopping = [
            at_once.submit(stop_and_start, store, STOPS, sent, random.Random(rng.random()))
            for store in (database, s3)
        ]
        for each in (*stopping, sending):
            each.result()

    assert set(ledger.told) == {503}
    _wait_until_settled(var)
    check_all_is_there_once(var, s3, server, held, ledger)


def test_a_postgresql_that_hangs_is_told_to_phones_in_time_and_recovery_is_by_itself(
    server: Host, url: str, var: Path
) -> None:
    held, database = phones.filled_in(8, "hanging database"), Database(var)
    before = [_answer_to(url, inspection) for inspection in held[:4]]

    database.hang()
    try:
        during = _at_once(url, held)
        health = Collect(server.base).ask("GET", f"{server.base}/healthz")
    finally:
        database.go_on()
    wait_until(lambda: is_serving(server.base))
    after = [_answer_to(url, inspection) for inspection in held]

    assert [answer.status for answer, _ in before] == [201] * 4
    assert [answer.nature for answer, _ in during] == ["server.unavailable"] * 8
    assert max(took_s for _, took_s in during) < TOLD_WITHIN_S
    assert (health.status, health.body) == (503, b'{"status": "database"}')
    assert [answer.status for answer, _ in after] == [201] * 8
    ids = {inspection.instance_id for inspection in held}
    assert sorted(row for row in _recorded(var) if row[0] in ids) == sorted(
        file for inspection in held for file in inspection.files()
    )


def test_an_object_store_that_hangs_holds_no_phone_up_and_gets_the_photos_later(
    url: str, var: Path, s3: S3
) -> None:
    held = phones.filled_in(8, "hanging store")
    _wait_until_settled(var)

    s3.hang()
    try:
        during = _at_once(url, held)
        waiting = set(_files(var / "spool"))
    finally:
        s3.go_on()
    _wait_until_settled(var)

    sent = {sha256 for inspection in held for _, _, sha256 in inspection.files()}
    assert [answer.status for answer, _ in during] == [201] * 8
    assert max(took_s for _, took_s in during) < TOLD_WITHIN_S
    assert waiting == sent
    assert sent <= set(_stored(s3))


def test_a_file_whose_worker_is_killed_and_whose_store_goes_away_is_made_once_and_right(
    server: Host, url: str, var: Path, s3: S3
) -> None:
    held = phones.filled_in(8, "to be exported", year=2025)
    phones.send_everything([url], held, Ledger())
    _wait_until_settled(var)

    s3.hang()  # whoever makes the file stands still at its first photo
    number = exporting.ask(server, "central_csv", {"year": "2025"})
    exporting.wait_for(var, number, "running", attempts=1)
    killed = exporting.worker(server)
    killed.kill()
    exporting.wait_for(var, number, "running", attempts=2)  # it fell silent; its successor stands
    s3.stop()
    exporting.wait_for(var, number, "queued", attempts=1)  # no fault of its own
    s3.start()
    exporting.wait_for(var, number, "ready", attempts=2)
    content = exporting.content(server, number)

    assert exporting.worker(server).pid != killed.pid
    assert exporting.records(content) == sorted(inspection.instance_id for inspection in held)
    assert exporting.photos(content) == sorted(
        (name, sha256) for inspection in held for _, name, sha256 in inspection.files()
    )
    _sweep(server)
    of_records = {sha256 for _, _, sha256 in _recorded(var)}
    of_forms = {sha256 for (sha256,) in served.rows(var, OF_FORMS)}
    assert set(_stored(s3)) - of_records - of_forms == {hashlib.sha256(content).hexdigest()}
    assert served.left_in_uploads(var) == _files(var / "spool") == []


def test_health_is_503_without_a_database_and_200_again_with_it(server: Host, var: Path) -> None:
    database = Database(var)

    database.stop()
    stopped = Collect(server.base).ask("GET", f"{server.base}/healthz")
    database.start()

    assert (stopped.status, stopped.body) == (503, b'{"status": "database"}')
    wait_until(lambda: is_serving(server.base))


def _at_once(url: str, held: Sequence[Inspection]) -> list[tuple[Answer, float]]:
    with ThreadPoolExecutor(len(held)) as together:
        return list(together.map(partial(_answer_to, url), held))


def _answer_to(url: str, inspection: Inspection) -> tuple[Answer, float]:
    """Send it in one post; return what a phone is told, and after how many seconds."""
    phone, started = Collect(url), time.monotonic()
    answer = phone.post(*multipart(inspection.xml, inspection.photos))
    phone.close()
    return answer, time.monotonic() - started


def _wait_until_settled(var: Path) -> None:
    """Wait until the server's worker has paid every debt, and nothing waits in the spool."""
    owed = "SELECT count(*) FROM submissions_submission WHERE derive_owed_at IS NOT NULL"
    deadline = time.monotonic() + LONGEST_S
    while served.rows(var, owed) != [(0,)] or _files(var / "spool"):
        assert time.monotonic() < deadline, (served.rows(var, owed), _files(var / "spool"))
        time.sleep(0.2)


def check_all_is_there_once(
    var: Path, s3: S3, server: Host, held: Sequence[Inspection], ledger: Ledger
) -> None:
    """Look whether each inspection, and each byte of its photos, is there once, and no more."""
    sent = sorted(file for inspection in held for file in inspection.files())
    ids = {inspection.instance_id for inspection in held}
    assert (len(ids), len(sent)) == (INSPECTIONS, 3 * INSPECTIONS)
    assert sorted(ledger.taken) == sorted(ids)
    assert [row for row in _recorded(var) if row[0] in ids] == sent
    for table in ("submissions_submission", "submissions_submissionversion"):
        found = served.rows(var, f"SELECT instance_id FROM {table}")
        assert sorted(each for (each,) in found if each in ids) == sorted(ids)
    assert served.count(var, "inspections_inspection") == served.count(
        var, "submissions_submission"
    )
    assert served.count(var, "submissions_quarantined") == 0
    assert served.left_in_uploads(var) == []
    _sweep(server)
    photos = {sha256 for _, _, sha256 in _recorded(var)}
    of_forms = {sha256 for (sha256,) in served.rows(var, OF_FORMS)}
    stored = _stored(s3)
    assert {name: sha256 for name, sha256 in stored.items() if name != sha256} == {}
    assert set(stored) == photos | of_forms
    assert _files(var / "spool") == []
    assert _files(var / "cache" / "partial") == []


def _recorded(var: Path) -> list[tuple[str, ...]]:
    found = served.rows(
        var,
        "SELECT v.instance_id, a.name, a.sha256 FROM submissions_submissionattachment a"
        " JOIN submissions_submissionversion v ON v.id = a.version_id",
    )
    return sorted(found)


def _stored(s3: S3) -> dict[str, str]:
    digests = served.digests(s3.folder / BUCKET)
    # What the store itself left behind when it was killed, and shows to nobody.
    return {name: it for name, it in digests.items() if not name.startswith(".rclone_temp_")}


def _files(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file()]


def _sweep(server: Host) -> int:
    """Remove what nothing refers to, however young; return how many files that was."""
    swept = subprocess.run(
        [sys.executable, "-m", "tests.journeys.sweep_now"],
        env=dict(server.environ),
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        check=True,
    )
    return int(swept.stdout)
