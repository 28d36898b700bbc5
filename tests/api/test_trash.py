"""What is deleted is hidden, can be brought back, and goes for good after a while (RS46)."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import threading
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections, transaction
from django.utils import timezone
from pytest_django import Settings

from server import blobs
from server.entities.models import Entity, EntityVersion
from server.forms import trash as form_trash
from server.forms.models import Form
from server.inspections import purge
from server.inspections.models import Inspection
from server.projects.audit import SERVER
from server.projects.models import AuditEntry, Project, Role
from server.submissions import orphans
from server.submissions.models import (
    Comment,
    PhotoFacts,
    Submission,
    SubmissionAttachment,
    SubmissionVersion,
    Thumbnails,
)
from server.submissions.trash import Gone
from tests import builders
from tests.api.conftest import Program
from tests.api.test_recommendations import signed_in
from tests.blobs.s3 import free_port, use_bucket
from tests.builders import GOOD, instance
from tests.locks import waiting

PHOTO = {"anh.jpg": b"\xff\xd8 anh"}


@pytest.fixture
def manager(project: Project) -> Program:
    builders.form(project)
    builders.send(project, instance(GOOD, photos=["anh.jpg"]), PHOTO)
    return signed_in(project, Role.MANAGER)


@pytest.fixture(autouse=True)
def _nothing_is_too_young(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path
) -> None:
    # Files stay a day after the last post that had them; tests/submissions proves that. A folder of
    # its own: the others' is that of all workers, whose rows a sweep of this one does not see.
    monkeypatch.setattr("server.blobs.GRACE", dt.timedelta(days=-1))
    place = {"BACKEND": "server.folder.DurableFolder", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = {**settings.STORAGES, "default": place}


def at(project: Project, below: str = "") -> str:
    return f"/v1/projects/{project.pk}/forms/kt_thu{below}"


def rejudged() -> bool:
    return not Submission.objects.filter(derive_owed_at__isnull=False).exists()


@pytest.mark.row("RS46")
def test_a_record_is_hidden_and_brought_back(manager: Program, project: Project) -> None:
    path = at(project, "/submissions/uuid:1")

    assert manager.ask("DELETE", path).json == {"success": True}
    hidden = manager.get(path).status, manager.get(at(project, "/submissions")).json
    (trashed,) = manager.get(at(project, "/submissions?deleted=true")).json
    summary = manager.get(f"/v1/projects/{project.pk}/summary?form=kt_thu&year=2026&period=h1").json
    assert manager.ask("POST", f"{path}/restore").json == {"success": True}
    assert manager.ask("POST", f"{path}/restore").json == {"success": True}

    assert hidden == (404, [])
    assert (trashed["instanceId"], trashed["deletedAt"] is None) == ("uuid:1", False)
    assert json.dumps(summary).count('"inspections": 1') == 0
    assert manager.get(path).json["deletedAt"] is None
    of_it = AuditEntry.objects.filter(object_name="uuid:1").order_by("pk")
    actions = of_it.values_list("action", flat=True)
    assert [a for a in actions if a.endswith(("delete", "restore"))] == [
        "submission.delete",
        "submission.restore",
    ]
    assert rejudged()


def test_only_a_manager_deletes_and_restores(manager: Program, project: Project) -> None:
    hoa = signed_in(project, Role.SUPERVISOR)
    path = at(project, "/submissions/uuid:1")

    assert hoa.ask("DELETE", path).status == 404
    manager.ask("DELETE", path)
    assert hoa.ask("POST", f"{path}/restore").status == 404
    assert hoa.get(f"/v1/projects/{project.pk}/forms?deleted=true").status == 404
    assert Submission.objects.get().deleted_at is not None


@pytest.mark.row("RS46")
def test_a_record_is_purged_with_files_and_comments(manager: Program, project: Project) -> None:
    path = at(project, "/submissions/uuid:1")
    data = json.dumps({"body": "Thiếu ảnh."})
    manager.ask("POST", f"{path}/comments", data=data, content_type="application/json")
    builders.send(project, instance(GOOD, instance_id="uuid:2"))
    manager.ask("DELETE", path)
    sha256 = SubmissionAttachment.objects.get().sha256

    young = purge.purge(purge.due(), SERVER)
    out = io.StringIO()
    call_command("purge_trash", "--kept-days", "0", "--dry-run", stdout=out)
    assert Submission.objects.count() == 2
    gone = purge.purge(purge.due(timezone.now() + dt.timedelta(days=31)), SERVER)

    assert (young.records, gone.records) == (0, 1)
    assert "kt_thu: trong biểu: 1 hồ sơ" in out.getvalue()
    assert Submission.objects.get().instance_id == "uuid:2"
    left = [model.objects.count() for model in (SubmissionVersion, Inspection)]
    assert (left, Comment.objects.count(), SubmissionAttachment.objects.count()) == ([1, 1], 0, 0)
    assert not orphans._referred_to([sha256])
    entry = AuditEntry.objects.get(action="submission.purge")
    assert entry.details == {"submissions": 1, "files": 1}


@pytest.mark.row("RS46")
@pytest.mark.parametrize("is_away", [False, True])
def test_place_and_small_ones_of_purged_photos_go(
    manager: Program, project: Project, settings: Settings, is_away: bool
) -> None:
    photo = SubmissionAttachment.objects.get().sha256
    small = blobs.put(io.BytesIO(b"a small one")).sha256
    PhotoFacts.objects.create(blob=photo, lon=105.85, lat=21.61, taken_at=timezone.now())
    Thumbnails.objects.create(blob=photo, small_sha256=small)
    manager.ask("DELETE", at(project, "/submissions/uuid:1"))
    plan = purge.due(timezone.now() + dt.timedelta(days=31))

    storages = settings.STORAGES
    if is_away:
        use_bucket(settings, free_port())
    with pytest.raises(blobs.StorageUnavailable) if is_away else contextlib.nullcontext():
        purge.purge(plan, SERVER)
    settings.STORAGES = storages

    assert not PhotoFacts.objects.exists()
    assert not Thumbnails.objects.exists()
    orphans.collect()
    assert [blobs.exists(sha256) for sha256 in (photo, small)] == [False, False]


@pytest.mark.row("RS46")
def test_a_form_is_purged_with_all_that_was_sent_to_it(manager: Program, project: Project) -> None:
    manager.ask("DELETE", at(project))
    listed = manager.get(f"/v1/projects/{project.pk}/forms").json
    (trashed,) = manager.get(f"/v1/projects/{project.pk}/forms?deleted=true").json

    plan = purge.due(timezone.now() + dt.timedelta(days=31))
    purge.purge(plan, SERVER)

    assert (listed, trashed["xmlFormId"]) == ([], "kt_thu")
    assert [(one.is_whole, one.records) for one in plan.forms] == [(True, 1)]
    assert not Form.objects.exists()
    assert not SubmissionVersion.objects.exists()
    assert AuditEntry.objects.filter(action="form.purge").count() == 1
    builders.form(project)  # its id and version are free again


def test_what_was_brought_back_since_stays(manager: Program, project: Project) -> None:
    manager.ask("DELETE", at(project))
    plan = purge.due(timezone.now() + dt.timedelta(days=31))
    manager.ask("POST", at(project, "/restore"))

    purge.purge(plan, SERVER)

    assert Submission.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_form_that_is_being_brought_back_loses_nothing() -> None:
    project = builders.project()
    builders.form(project)
    builders.send(project, instance(GOOD))
    form_trash.remove(project.pk, "kt_thu", SERVER)
    plan = purge.due(timezone.now() + dt.timedelta(days=31))
    told: list[Gone] = []

    def go() -> None:
        told.append(purge.purge(plan, SERVER))
        connections.close_all()

    purging = threading.Thread(target=go)
    with transaction.atomic():
        Form.objects.update(deleted_at=None)  # not committed yet
        purging.start()
        while purging.is_alive() and not waiting():
            purging.join(0.01)
    purging.join()

    assert told == [Gone()]
    assert Submission.objects.count() == 1
    assert not AuditEntry.objects.filter(action__endswith="purge").exists()


@pytest.mark.row("RS46")
def test_an_entity_is_restored_until_it_is_purged(manager: Program, project: Project) -> None:
    made = builders.recommendation(project)
    path = f"/v1/projects/{project.pk}/datasets/kien_nghi/entities/{made.uuid}"
    manager.ask("DELETE", path)

    (trashed,) = manager.get(f"{path.rpartition('/')[0]}?deleted=true").json
    restored = manager.ask("POST", f"{path}/restore").status, manager.get(path).status
    manager.ask("DELETE", path)
    purge.purge(purge.due(timezone.now() + dt.timedelta(days=31)), SERVER)

    assert (trashed["uuid"], restored) == (str(made.uuid), (200, 200))
    kept = Entity.objects.get()  # no phone may make another under its id
    assert (kept.uuid, kept.label, kept.data) == (made.uuid, "", {})
    assert not EntityVersion.objects.exists()
    assert manager.ask("POST", f"{path}/restore").nature == "entity.missing"
