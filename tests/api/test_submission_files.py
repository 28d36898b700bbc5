"""The files of a submission, sent and fetched over HTTP by programs."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable

import pytest
from PIL import Image
from pytest_django import Settings

from server.inspections import submission_desk
from server.projects.models import AuditEntry, Project
from server.submissions import thumbnails
from server.submissions.desk_problems import AttachmentFilled
from server.submissions.files import SentFile
from server.submissions.models import Submission
from server.submissions.record import Sender
from tests.api.conftest import Program
from tests.api.test_submissions import PHOTO, all_of, photo_of, post, put
from tests.api.test_submissions import manager as manager
from tests.api.test_submissions import pictured as pictured
from tests.builders import GOOD, instance
from tests.photos import picture


def test_a_file_may_come_packed(pictured: Program, project: Project) -> None:
    packed = gzip.compress(PHOTO)
    headers = {"Content-Encoding": "gzip"}

    answer = post(pictured, photo_of(project), packed, "image/jpeg", **headers)

    assert answer.json == {"success": True}
    assert pictured.get(photo_of(project)).content == PHOTO


@pytest.mark.row("RS03")
@pytest.mark.parametrize(
    ("encoding", "body", "code"),
    [
        ("br", PHOTO, 400.37),
        ("gzip", PHOTO, 400.37),
        ("gzip", gzip.compress(PHOTO) + b"more", 400.37),
        ("gzip", gzip.compress(PHOTO)[:-4], 400.1),
        ("gzip", gzip.compress(bytes(5000)), 413.1),
        ("identity", bytes(5000), 413.1),
    ],
    # Named, because gzip writes the time into what it packs: each worker would have other tests.
    ids=["no such way", "not packed", "more behind", "cut short", "packed bomb", "large"],
)
def test_a_file_that_cannot_be_unpacked_is_refused(
    pictured: Program, project: Project, settings: Settings, encoding: str, body: bytes, code: float
) -> None:
    settings.MAX_POST_BYTES = 1000

    answer = post(pictured, photo_of(project), body, **{"Content-Encoding": encoding})

    assert (answer.status, answer.json["code"]) == (int(code), code)
    assert pictured.get(photo_of(project)).status == 404


def test_a_file_that_is_there_gives_way_only_to_an_edit(
    pictured: Program, project: Project
) -> None:
    post(pictured, photo_of(project), PHOTO)

    again = post(pictured, photo_of(project), PHOTO)
    other = post(pictured, photo_of(project), b"other")
    edited = instance(GOOD, photos=["1.jpg"], instance_id="uuid:2", deprecated_id="uuid:1")
    put(pictured, all_of(project, "/uuid:1"), edited)
    late = post(pictured, photo_of(project), b"other")

    assert [answer.status for answer in (again, other, late)] == [200, 409, 200]
    assert other.nature == "submission.attachment_filled"
    assert pictured.get(photo_of(project)).content == b"other"
    assert (
        pictured.get(all_of(project, "/uuid:1/versions/uuid:1/attachments/1.jpg")).content == PHOTO
    )


class _Overtaken(io.BytesIO):
    """A file while whose bytes are read another one comes."""

    def __init__(self, content: bytes, other: Callable[[], object]) -> None:
        super().__init__(content)
        self._other: Callable[[], object] | None = other

    def read(self, size: int | None = -1, /) -> bytes:
        other, self._other = self._other, None
        if other is not None:
            other()
        return super().read(size)


def test_who_comes_second_at_once_is_not_told_that_theirs_is_there(
    pictured: Program, project: Project
) -> None:
    submission = Submission.objects.get()
    late = _Overtaken(b"late", lambda: post(pictured, photo_of(project), PHOTO))

    with pytest.raises(AttachmentFilled):
        submission_desk.attach(
            submission, SentFile("1.jpg", late, ""), Sender(project.pk, None, "", "")
        )

    assert pictured.get(photo_of(project)).content == PHOTO


@pytest.mark.row("RS21")
@pytest.mark.parametrize("kind", ["image/jpeg", "video/mp4", "image/svg+xml", "text/html"])
def test_no_file_of_a_stranger_is_ever_run(pictured: Program, project: Project, kind: str) -> None:
    post(pictured, photo_of(project), PHOTO, kind)

    answer = pictured.get(photo_of(project))

    assert answer.headers["Content-Type"] == kind
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="1.jpg"')
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_file_is_not_sent_to_who_has_it(pictured: Program, project: Project) -> None:
    post(pictured, photo_of(project), PHOTO)
    tag = pictured.get(photo_of(project)).headers["ETag"]

    assert pictured.get(photo_of(project), headers={"If-None-Match": tag}).status == 304


def test_what_came_is_told_of_what_is_named(pictured: Program, project: Project) -> None:
    post(pictured, photo_of(project, "2.jpg"), PHOTO)

    told = pictured.get(all_of(project, "/uuid:1/attachments")).json

    assert told == [{"name": "1.jpg", "exists": False}, {"name": "2.jpg", "exists": True}]
    assert pictured.get(photo_of(project)).nature == "submission.attachment_unknown"


@pytest.mark.row("RS48")
def test_briefcase_pulls_what_there_is_and_pushes_what_is_not(
    pictured: Program, project: Project
) -> None:
    anything = "*/*"

    pushed = post(pictured, all_of(project), instance(GOOD, instance_id="uuid:2"), anything)
    again = post(pictured, all_of(project), instance(GOOD, instance_id="uuid:2"), anything)
    post(pictured, photo_of(project), PHOTO, anything)

    assert (pushed.status, again.status) == (200, 409)
    assert [row["instanceId"] for row in pictured.get(all_of(project)).json] == ["uuid:2", "uuid:1"]
    pulled = pictured.get(all_of(project, "/uuid:1.xml")).content
    assert pulled == instance(GOOD, photos=["1.jpg", "2.jpg"])
    present = pictured.get(all_of(project, "/uuid:1/attachments")).json
    assert [file["name"] for file in present if file["exists"]] == ["1.jpg"]
    assert pictured.get(photo_of(project)).content == PHOTO


def test_a_photo_is_given_small_to_who_may_have_it_large(
    pictured: Program, stranger: Program, project: Project
) -> None:
    post(pictured, photo_of(project), picture(size=(640, 480)), "image/jpeg")
    small = f"{photo_of(project)}/thumbnail"

    before = pictured.get(small)
    thumbnails.pay_debts()
    answer = pictured.get(f"{small}?size=320")

    assert (before.nature, before.headers["Retry-After"]) == ("thumbnail.not_yet", "30")
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert 'filename="1-320.jpg"' in answer.headers["Content-Disposition"]
    assert Image.open(io.BytesIO(answer.content)).size == (320, 240)
    of_version = all_of(project, "/uuid:1/versions/uuid:1/attachments/1.jpg/thumbnail")
    assert pictured.get(of_version).content == answer.content
    large = pictured.get(f"{small}?size=1280")
    assert (Image.open(io.BytesIO(large.content)).size, large.status) == ((640, 480), 200)
    assert (
        pictured.get(f"{small}?size=1280", headers={"Range": "bytes=2-5"}).content
        == large.content[2:6]
    )
    assert pictured.get(f"{small}?size=5").status == 400
    assert stranger.get(small).status == 401
    actions = AuditEntry.objects.values_list("action", flat=True)
    assert "access.denied" not in actions  # it was not there yet, for nobody
    assert "submission.attachment.read" in actions
