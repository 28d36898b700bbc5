"""The whole path over HTTP, on a server started as `make serve` does: form, phone, commune row."""

from __future__ import annotations

import base64
import json
import random
import socket
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from sync.collect import Collect
from sync.demo.host import Host
from sync.demo.inspections import Inspection, inspections
from tests.demo import world
from tests.device import Device, multipart
from tests.journeys import clone, phones, served


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served") / "var"


@pytest.fixture(scope="module")
def server(var: Path) -> Iterator[Host]:
    # Messages alone, and no sweep after that at the start: each would work out ahead which counts
    # are hidden (tests/inspections/test_ahead.py), while the demonstration goes on to change them.
    running = served.start_again(var.parent, SWEEP_S="3600")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def url(server: Host) -> str:
    return served.device_url(server)


def filled(number: int) -> Inspection:
    """Return an inspection that the demonstration, of which the last test speaks, does not send."""
    visit = [v for v in world.planned() if v.is_in_scope and not v.is_photo_missing][number]
    inspection = inspections(visit, world.desk())[0]
    other_id = inspection.instance_id[:-4] + "f00d"
    xml = inspection.xml.replace(inspection.instance_id.encode(), other_id.encode())
    return replace(inspection, instance_id=other_id, xml=xml)


def summary(server: Host, year: int) -> dict[str, Any]:
    """Ask for the table as the supervisor."""
    table: dict[str, Any] = json.loads(_table(server, year))
    return table


def _table(server: Host, year: int = 2026) -> bytes:
    pair = base64.b64encode(f"giamsat@soxa.local:{served.PASSWORD}".encode()).decode()
    answer = Collect(server.base, device_id="").ask(  # a program, not a phone
        "GET",
        f"{server.base}/v1/projects/1/summary?form=kt_18_5&year={year}",
        headers={"Authorization": f"Basic {pair}"},
    )
    assert answer.status == 200, answer.body
    return answer.body


def test_a_phone_lists_downloads_and_sends_and_the_commune_has_its_row(
    server: Host, url: str
) -> None:
    phone = Collect(url)
    inspection = filled(200)

    downloaded = phone.match_exactly()
    answer = phone.send(inspection.xml, inspection.files())

    assert "kt_18_5" in downloaded
    assert answer.status == 201
    rows = summary(server, 2026)["communes"]
    assert len(rows) == 92
    visited = [row for row in rows if row["status"] != "chua_kiem_tra"]
    assert [row["latest"]["instance_id"] for row in visited] == [inspection.instance_id]
    assert f"<z_result>{visited[0]['status']}</z_result>" in inspection.xml.decode()


def test_the_form_that_is_served_is_the_one_in_the_workbook(url: str) -> None:
    phone = Collect(url)

    phone.match_exactly()

    (held,) = [form for form in phone.held.values() if form.form_id == "kt_18_5"]
    assert held.xform == world.compiled().xform
    assert set(held.files) == {"communes.csv", "inspectors.csv"}


def test_twenty_equal_posts_at_once_make_one_submission(var: Path, url: str) -> None:
    inspection = filled(1)
    start, statuses = threading.Barrier(20), Counter[int]()

    def send() -> None:
        phone = Device(url)
        start.wait()
        statuses[phone.give(inspection.xml, *inspection.files()).status] += 1
        phone.close()

    senders = [threading.Thread(target=send) for _ in range(20)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()

    assert statuses == {201: 20}
    found = served.rows(
        var,
        "SELECT count(*), count(DISTINCT a.name), count(DISTINCT v.id)"
        " FROM submissions_submissionattachment a"
        " JOIN submissions_submissionversion v ON v.id = a.version_id"
        f" WHERE v.instance_id = '{inspection.instance_id}'",
    )
    files = len(inspection.files())
    assert found == [(files, files, 1)]


def test_a_body_cut_anywhere_leaves_no_trace_and_is_never_told_201(var: Path, url: str) -> None:
    inspection = filled(2)
    body, content_type = multipart(inspection.xml, inspection.files())
    last = len(body) - len("-\r\n")  # but for one dash of the last boundary it is whole
    rng = random.Random(7)
    before = served.count(var, "submissions_submissionversion"), len(served.stored(var))

    answers = [
        cut
        for place in (1, last, *(rng.randrange(last) for _ in range(14)))
        for cut in (
            post_cut(url, body, content_type, place, told=len(body)),
            post_cut(url, body, content_type, place, told=place),
        )
    ]

    assert not any(answer.startswith(b"HTTP/1.1 2") for answer in answers)
    # Told the truth about its length, a cut body is a whole request, and gets a sentence.
    assert all(answer.startswith(b"HTTP/1.1 400") for answer in answers[1::2])
    after = served.count(var, "submissions_submissionversion"), len(served.stored(var))
    assert after == before
    assert served.left_in_uploads(var) == []


def post_cut(url: str, body: bytes, content_type: str, place: int, *, told: int) -> bytes:
    """Send the beginning of a body, hang up sending, and return what comes back."""
    where = urlsplit(url)
    head = (
        f"POST {where.path}/submission HTTP/1.1\r\nHost: {where.netloc}\r\n"
        f"X-OpenRosa-Version: 1.0\r\nContent-Type: {content_type}\r\nContent-Length: {told}\r\n\r\n"
    )
    with socket.create_connection((where.hostname or "", where.port or 80), 20) as line:
        line.sendall(head.encode() + body[:place])
        line.shutdown(socket.SHUT_WR)
        try:
            return line.recv(4096)
        except ConnectionResetError:
            return b""


def test_the_demonstration_fills_every_table_and_a_second_run_adds_nothing(
    server: Host, var: Path
) -> None:
    demo = ("demo", "--base-url", server.base)

    first = server.manage(*demo)
    tables = _counts(var)
    second = server.manage(*demo)

    assert "Đã gửi 420 phiếu" in first
    assert "không thêm gì" in second
    assert "Máy chủ từ chối" not in first + second
    assert _counts(var) == tables
    assert min(tables.values()) > 0
    table = summary(server, 2026)
    statuses = Counter(row["status"] for row in table["communes"])
    assert sum(statuses.values()) == 92
    assert set(statuses) == {"dat", "khong_dat", "chua_du_can_cu", "khong_ap_dung", "chua_kiem_tra"}
    expected = {"gps_far", "gps_missing", "photo_missing", "result_differs", "verbal_zero"}
    copied = {"same_photo"}  # from those that the tests above sent under other ids
    assert _flags(var) - copied == expected | {"late"}
    states = served.rows(var, "SELECT DISTINCT review_state FROM submissions_submission")
    assert {"approved", "hasIssues", "rejected", "received"} <= {state for (state,) in states}
    recommended = served.rows(var, "SELECT DISTINCT data->>'trang_thai' FROM entities_entity")
    assert {"moi", "qua_han", "hoan_thanh"} <= {state for (state,) in recommended}
    assert served.rows(var, "SELECT 1 FROM entities_entitysource WHERE state = 'waiting'") == []
    ((earliest,),) = served.rows(var, "SELECT min(created_at) FROM submissions_submission")
    assert earliest.year == 2024  # as if it had come on the evening of the visit


def _counts(var: Path) -> dict[str, int]:
    tables = (
        "submissions_submission",
        "submissions_submissionversion",
        "submissions_submissionattachment",
        "inspections_inspection",
        "inspections_finding",
        "inspections_flag",
        "submissions_reviewevent",
        "entities_entityversion",
        "plans_planitem",
        "plans_snapshot",
        "projects_appuser",
        "projects_user",
    )
    return {table: served.count(var, table) for table in tables}


def _flags(var: Path) -> set[str]:
    return {str(code) for (code,) in served.rows(var, "SELECT code FROM inspections_flag")}


def test_the_demonstration_says_where_it_found_no_server(server: Host) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        server.manage("demo", "--base-url", "http://127.0.0.1:9")


def test_a_backup_of_the_running_server_restored_elsewhere_is_the_same_server(
    server: Host, var: Path, url: str, tmp_path: Path
) -> None:
    backing_up, restoring = clone.commands("operations.md", "Backup and restore")
    first, second = clone.make(tmp_path / "first"), clone.make(tmp_path / "second")
    (first / "var").symlink_to(var)
    phones.send_everything([url], phones.filled_in(5, "before a backup"), phones.Ledger())
    before, held = _table(server), _named_photos(var)
    sending = threading.Thread(target=_send_until, args=(url, stop := threading.Event()))

    sending.start()  # of other years, so that the table stays as it is
    try:
        clone.run(first, backing_up)
    finally:
        stop.set()
        sending.join()
    for backup in first.glob("so-xa*"):
        backup.rename(second / backup.name)
    assert restoring[-1] == "make serve"
    clone.run(second, restoring[:-1])
    restored = served.start(second / "var")

    try:
        assert _table(restored) == before
        named, stored = _named_photos(second / "var"), served.stored(second / "var")
        assert held <= named <= set(stored)
        assert all(name == digest for name, digest in stored.items())
        phone = Collect(url.replace(server.base, restored.base))
        inspection = filled(200)
        assert "kt_18_5" in phone.match_exactly()
        assert phone.send(inspection.xml, inspection.files()).status == 201
        assert served.count(second / "var", "submissions_quarantined") == 0
    finally:
        restored.stop()


def _send_until(url: str, stop: threading.Event) -> None:
    for inspection in phones.filled_in(1_000, "during a backup", year=2019):
        if stop.wait(0.1):  # some come at every step of the backup; more would show no more
            return
        phones.send_everything([url], [inspection], phones.Ledger())


def _named_photos(var: Path) -> set[str]:
    return {
        name for (name,) in served.rows(var, "SELECT sha256 FROM submissions_submissionattachment")
    }
