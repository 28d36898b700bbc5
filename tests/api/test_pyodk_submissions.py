"""pyodk, the client of ODK Central, unpatched: submissions, their review, files and remarks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyodk._utils.config import CentralConfig, Config
from pyodk.client import Client
from pyodk.errors import PyODKError

from server import blobs
from server.projects.models import Project, Role, User
from server.submissions.models import ReviewState, Submission, SubmissionAttachment
from tests import builders
from tests.builders import GOOD, instance
from tests.sync.conftest import base_url as base_url
from tests.sync.conftest import project as project  # transactional: the server reads it too

FIRST, SECOND = "uuid:1", "uuid:2"


@pytest.fixture
def hoa(project: Project) -> User:
    return builders.member(project, "hoa@example.org", Role.MANAGER)


@pytest.fixture
def client(base_url: str, project: Project, hoa: User, tmp_path: Path) -> Iterator[Client]:
    builders.form(project)
    central = CentralConfig(base_url, hoa.email, builders.PASSWORD, project.pk)
    with Client(config=Config(central), cache_path=tmp_path / "cache.toml") as opened:
        opened.submissions.default_form_id = "kt_thu"
        yield opened


def edited(**answers: str) -> str:
    said = {**GOOD, **{path.replace("__", "/"): answer for path, answer in answers.items()}}
    return instance(said, instance_id=SECOND, deprecated_id=FIRST).decode()


@pytest.mark.row("RS16", "RS20")
def test_a_submission_is_sent_with_the_files_that_it_names(
    client: Client, hoa: User, tmp_path: Path
) -> None:
    photo = tmp_path / "ảnh 1.jpg"
    photo.write_bytes(b"\xff\xd8" + b"photo" * 20_000)  # several chunks of 16 kB

    made = client.submissions.create(
        instance(GOOD, photos=["ảnh 1.jpg", "ảnh 2.jpg"]).decode(),
        device_id="may-tinh",
        attachments=[str(photo)],
    )

    assert (made.instanceId, made.submitterId, made.deviceId) == (FIRST, hoa.pk, "may-tinh")
    assert [(file.name, file.exists) for file in made.attachments or ()] == [
        ("ảnh 1.jpg", True),
        ("ảnh 2.jpg", False),
    ]
    stored = SubmissionAttachment.objects.get()
    assert blobs.open_blob(stored.sha256).read() == photo.read_bytes()
    assert client.submissions.get(FIRST).userAgent == "pyodk v1.3.0"


@pytest.mark.row("RS20")
def test_a_file_that_it_does_not_name_is_refused(client: Client, tmp_path: Path) -> None:
    other = tmp_path / "khác.jpg"
    other.write_bytes(b"\xff\xd8")

    with pytest.raises(PyODKError) as refused:
        client.submissions.create(instance(GOOD).decode(), attachments=[str(other)])

    assert refused.value.is_central_error("404.1")


def test_submissions_of_devices_are_listed_beside_those_of_programs(
    client: Client, project: Project, hoa: User
) -> None:
    builders.send(project, instance(GOOD))
    client.submissions.create(instance(GOOD, instance_id=SECOND).decode())

    assert [(one.instanceId, one.submitterId) for one in client.submissions.list()] == [
        (SECOND, hoa.pk),
        (FIRST, 0),
    ]


@pytest.mark.row("RS18", "RS19")
def test_a_submission_is_remarked_reviewed_and_edited(client: Client, project: Project) -> None:
    builders.send(project, instance(GOOD))

    client.submissions.add_comment(FIRST, "Thiếu ảnh.")
    client.submissions.review(FIRST, "hasIssues")
    client.submissions.edit(FIRST, edited(a__a3_key_f="2"), comment="Đã sửa.")

    found = client.submissions.get(FIRST)
    assert (found.reviewState, found.updatedAt is not None) == ("edited", True)
    remarks = [comment.body for comment in client.submissions.list_comments(FIRST)]
    assert remarks == ["Đã sửa.", "Thiếu ảnh."]


@pytest.mark.row("RS18")
def test_a_state_that_is_none_is_refused(client: Client, project: Project) -> None:
    builders.send(project, instance(GOOD))

    with pytest.raises(PyODKError) as refused:
        client.submissions.review(FIRST, "tuyệt vời")

    assert refused.value.is_central_error("400.8")
    assert Submission.objects.get().review_state == ReviewState.RECEIVED


def test_a_slash_in_a_name_does_not_end_it(client: Client, hoa: User) -> None:
    odd = "uuid:xã/1 +%2F"
    client.submissions.create(instance(GOOD, instance_id=odd).decode())
    client.submissions.add_comment(odd, "xem lại")

    assert client.submissions.get(odd).instanceId == odd
    assert [one.body for one in client.submissions.list_comments(odd)] == ["xem lại"]
    assert Submission.objects.get().instance_id == odd
