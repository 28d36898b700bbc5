"""Files are fetched whole, in parts, or at the store itself; never run, and named as they are."""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.storage import storages
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pytest_django import Settings

from server.api import ranges
from server.api.files import named
from server.api.problems import RangeUnsatisfiable
from server.listing import name_of
from server.projects.models import AuditEntry, Project
from tests.api.conftest import Answer, Program
from tests.api.test_submissions import manager as manager
from tests.api.test_submissions import photo_of, post
from tests.api.test_submissions import pictured as pictured
from tests.blobs.s3 import S3, free_port, use_bucket

CONTENT = bytes(range(256)) * 800  # more than two pieces
SIZE = len(CONTENT)
TAG = f'"{hashlib.sha256(CONTENT).hexdigest()}"'


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    server = S3(tmp_path_factory.mktemp("s3"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, settings: Settings, s3: S3, tmp_path: Path) -> None:
    if request.param == "bucket":
        use_bucket(settings, s3.port)
    else:
        place = {"location": str(tmp_path)}
        settings.STORAGES = {
            **settings.STORAGES,
            "default": {"BACKEND": "server.folder.DurableFolder", "OPTIONS": place},
        }


def fetch(program: Program, project: Project, method: str = "GET", **headers: str) -> Answer:
    spelled = {name.replace("_", "-"): value for name, value in headers.items()}
    return program.ask(method, photo_of(project), headers=spelled)


def test_a_file_comes_whole_in_parts_and_on_from_where_it_broke_off(
    store: None, pictured: Program, project: Project
) -> None:
    post(pictured, photo_of(project), CONTENT, "image/jpeg")

    whole = fetch(pictured, project)
    middle = fetch(pictured, project, Range="bytes=100000-100009")
    rest = fetch(pictured, project, Range="bytes=70000-", If_Range=TAG)
    last = fetch(pictured, project, Range="bytes=-5")
    beyond = fetch(pictured, project, Range=f"bytes={SIZE}-")
    changed = fetch(pictured, project, Range="bytes=70000-", If_Range='"another"')

    assert (whole.status, whole.content) == (200, CONTENT)
    assert (whole.headers["ETag"], whole.headers["Accept-Ranges"]) == (TAG, "bytes")
    assert (middle.status, middle.content) == (206, CONTENT[100_000:100_010])
    assert middle.headers["Content-Range"] == f"bytes 100000-100009/{SIZE}"
    assert middle.headers["Content-Length"] == "10"
    assert middle.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert (rest.status, rest.content) == (206, CONTENT[70_000:])
    assert last.content == CONTENT[-5:]
    assert (beyond.status, beyond.nature) == (416, "range.unsatisfiable")
    assert beyond.headers["Content-Range"] == f"bytes */{SIZE}"
    assert (changed.status, changed.content) == (200, CONTENT)


def test_who_asks_for_the_head_is_told_the_same_and_gets_no_byte(
    pictured: Program, project: Project
) -> None:
    post(pictured, photo_of(project), CONTENT, "image/jpeg")
    whole = fetch(pictured, project)

    head = fetch(pictured, project, "HEAD")

    assert (head.status, head.content) == (200, b"")
    told = ("Content-Length", "Content-Type", "ETag", "Accept-Ranges", "Content-Disposition")
    assert {name: head.headers[name] for name in told} == {
        name: whole.headers[name] for name in told
    }


def test_a_file_is_not_packed_so_that_its_parts_are_parts_of_it(
    pictured: Program, project: Project
) -> None:
    post(pictured, photo_of(project), CONTENT, "text/csv")

    part = fetch(pictured, project, Range="bytes=0-999", Accept_Encoding="gzip")

    assert "Content-Encoding" not in part.headers
    assert part.content == CONTENT[:1000]


def test_an_empty_file_is_a_file(store: None, pictured: Program, project: Project) -> None:
    post(pictured, photo_of(project), b"", "text/plain")

    assert fetch(pictured, project).content == b""
    assert fetch(pictured, project, Range="bytes=0-").status == 416


def test_a_file_that_the_store_lost_is_told_of(
    store: None, pictured: Program, project: Project
) -> None:
    post(pictured, photo_of(project), CONTENT, "image/jpeg")
    storages["default"].delete(name_of(TAG.strip('"')))

    assert fetch(pictured, project).nature == "storage.lost"


def test_the_store_itself_gives_a_file_by_an_address_that_is_soon_over(
    pictured: Program, project: Project, settings: Settings, s3: S3
) -> None:
    use_bucket(settings, s3.port)
    settings.PRESIGNED, settings.PRESIGNED_S = f"http://127.0.0.1:{s3.port}", 5
    post(pictured, photo_of(project), CONTENT, "text/html")

    answer = fetch(pictured, project)
    address = answer.headers["Location"]
    asked = urllib.request.Request(address, headers={"Range": "bytes=10-19"})

    assert (answer.status, answer.headers["Cache-Control"]) == (302, "no-store")
    # Whoever was given the address was shown the file.
    assert AuditEntry.objects.filter(action="submission.attachment.read").count() == 1
    assert "X-Amz-Expires=5" in address
    assert "response-content-type=application%2Foctet-stream" in address
    assert urllib.request.urlopen(asked).read() == CONTENT[10:20]
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(address.replace("X-Amz-Signature=", "X-Amz-Signature=0"))
    assert fetch(pictured, project, "HEAD").headers["Content-Length"] == str(SIZE)
    assert fetch(pictured, project, If_None_Match=TAG).status == 304


def test_what_still_waits_for_the_store_is_given_by_ourselves(
    pictured: Program, project: Project, settings: Settings, tmp_path: Path
) -> None:
    use_bucket(settings, free_port())  # nobody is there
    settings.PRESIGNED = "https://files.example.vn"
    spool = {"location": str(tmp_path), "most_bytes": 10**9}
    settings.STORAGES = {
        **settings.STORAGES,
        "spool": {"BACKEND": "server.folder.Spool", "OPTIONS": spool},
    }
    post(pictured, photo_of(project), CONTENT, "image/jpeg")

    part = fetch(pictured, project, Range="bytes=5-9")

    assert (part.status, part.content) == (206, CONTENT[5:10])


@pytest.mark.parametrize(
    ("name", "ascii_name"),
    [
        ("Ảnh Đồng Hỷ.jpg", "Anh Dong Hy.jpg"),
        ('a"b\\c%41.jpg', "a_b_c_41.jpg"),
        ("a\r\nSet-Cookie: x=1.jpg", "a__Set-Cookie: x=1.jpg"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("ảnh\u202egpj.exe", "anh_gpj.exe"),
        ("照片.jpg", "__.jpg"),
        ("\ud800.jpg", "_.jpg"),
        ("..", "tep"),
    ],
)
def test_a_name_is_told_twice_and_can_do_no_harm(name: str, ascii_name: str) -> None:
    told = named(name)["Content-Disposition"]

    assert told.startswith(f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''")
    told.encode("ascii")


@pytest.mark.parametrize(
    "header",
    ["", "bytes", "bytes=-", "bytes=a-b", "bytes=5-2", "bytes=0-1,5-6", "items=0-1", "bytes=１-２"],
)
def test_a_range_that_cannot_be_read_asks_for_everything(header: str) -> None:
    assert ranges.part(header, "", TAG, 100) is None


@examples(max_examples=50)
@given(st.integers(1, 200), st.integers(0, 300), st.integers(0, 300))
def test_a_part_is_what_a_slice_would_be(size: int, first: int, last: int) -> None:
    content = bytes(number % 256 for number in range(size))
    first, last = sorted((first, last))

    try:
        part = ranges.part(f"bytes={first}-{last}", "", TAG, size)
    except RangeUnsatisfiable:
        assert first >= size
        return

    assert part is not None
    assert content[part.start : part.start + part.length] == content[first : last + 1]
    assert part.said(size) == f"bytes {first}-{min(last, size - 1)}/{size}"
