"""Files of posts that never became a row go; everything else stays."""

from __future__ import annotations

import contextlib
import io
import os
import threading
import time
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.db import connections
from django.utils import timezone
from pytest_django import Settings

from server import blobs
from server.errors import Problem
from server.forms.models import Draft, FormAttachment, FormVersion
from server.projects.models import Project
from server.submissions import orphans
from server.submissions.models import DraftSubmission, SubmissionAttachment
from tests.submissions.builders import filled, photo, publish, send

OLD = time.time() - 25 * 3600


@pytest.fixture(autouse=True)
def _folder(settings: Settings, tmp_path: Path) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "server.folder.DurableFolder",
            "OPTIONS": {"location": str(tmp_path)},
        },
    }


def put(content: bytes) -> str:
    return blobs.put(io.BytesIO(content)).sha256


def path(sha256: str) -> Path:
    return Path(storages["default"].path(f"{sha256[:2]}/{sha256[2:4]}/{sha256}"))


def age(sha256: str) -> None:
    os.utime(path(sha256), (OLD, OLD))


def test_what_nothing_refers_to_is_removed_after_a_day(db: None) -> None:
    old, young = put(b"old"), put(b"young")
    age(old)

    removed = orphans.collect()

    assert removed == 1
    assert (blobs.exists(old), blobs.exists(young)) == (False, True)


def test_what_anything_refers_to_stays(project: Project, visit: FormVersion) -> None:
    send(project, filled(body="<photo>1.jpg</photo>"), photo("1.jpg", b"of a submission"))
    with contextlib.suppress(Problem):
        send(project, filled(form_id="elsewhere"), photo("1.jpg", b"in quarantine"))
    media, workbook = put(b"of a form"), put(b"a workbook")
    FormAttachment.objects.create(form_version=visit, name="a.png", kind="image", sha256=media)
    FormVersion.objects.filter(pk=visit.pk).update(workbook_sha256=workbook)
    tried = put(b"sent to a draft")
    draft = Draft.objects.create(
        **{name: getattr(visit, name) for name in ("form", "version", "title", "xform", "md5")},
        schema=visit.schema,
        conditions=visit.conditions,
        token_sha256="0" * 64,
    )
    DraftSubmission.objects.create(
        draft=draft, xml=b"", files=[{"sha256": tried}], received_at=timezone.now()
    )
    every = [file.name for file in Path(storages["default"].path("")).glob("??/??/*")]
    for sha256 in every:
        age(sha256)

    removed = orphans.collect()

    assert removed == 0
    assert len(every) == 5


def test_a_post_that_brings_old_bytes_again_touches_them(db: None) -> None:
    sha256 = put(b"left by a post that broke off yesterday")
    age(sha256)

    put(b"left by a post that broke off yesterday")

    assert path(sha256).stat().st_mtime > time.time() - 60
    assert orphans.collect() == 0


@pytest.mark.django_db(transaction=True)
def test_a_sweep_never_takes_a_file_from_a_post_under_way() -> None:
    project = Project.objects.create(name="Bình đẳng giới")
    publish(project)
    contents = [b"%d" % number for number in range(60)]
    for content in contents:
        age(put(content))
    sweeping = threading.Thread(target=_sweep_until_nothing_is_left)
    sweeping.start()

    for number, content in enumerate(contents):
        body = "<photo>1.jpg</photo>"
        send(project, filled(f"uuid:{number}", body), photo("1.jpg", content))
    sweeping.join()

    kept = SubmissionAttachment.objects.values_list("sha256", flat=True)
    assert len(kept) == len(contents)
    assert [sha256 for sha256 in kept if not blobs.exists(sha256)] == []


def _sweep_until_nothing_is_left() -> None:
    for _ in range(30):
        orphans.collect()
    connections.close_all()
