"""Files that a script asks for, waits for and fetches."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import os
import zipfile
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.storage import storages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image
from pytest_django import Settings

from server import blobs
from server.projects.models import AuditEntry, Membership, Project, Role
from server.reports import jobs, leases, making
from server.reports.export_kinds import Format
from server.reports.leases import LeaseLost
from server.reports.models import Export, ExportState
from server.submissions.models import ReviewState, Submission
from tests import builders, photos
from tests.api.conftest import Answer, Program
from tests.api.test_exports import program_of
from tests.builders import GOOD, instance, send

UID = "05665@2025-07-01"
PURPOSE = "Báo cáo 6 tháng đầu năm"
PHOTO = photos.picture(taken="2026:05:20 08:00:00", place=(105.82, 21.51))
# With every question tagged, as a form that is to be de-identified must be.
TAGGED = "\n".join(
    f"{line[:-14]}internal     |" if line.endswith("|             |") else line
    for line in builders.FORM.splitlines()
)


@dataclass(frozen=True, slots=True)
class Script:
    """What a manager's script asks of one project."""

    project: Project
    program: Program

    @property
    def address(self) -> str:
        return f"/v1/projects/{self.project.pk}/exports"

    def ask(self, format: str = "xlsx", **body: Any) -> Answer:
        asked = {"format": format, "form": "kt_thu", "purpose": PURPOSE, **body}
        content = json.dumps(asked)
        return self.program.ask("POST", self.address, data=content, content_type="application/json")

    def made(self, format: str = "xlsx", **body: Any) -> int:
        """Ask for a file and have it made; return its number."""
        number = int(self.ask(format, **body).json["id"])
        making.make_next()
        return number

    def look(self, number: int) -> Any:
        return self.program.get(f"{self.address}/{number}").json

    def content(self, number: int, **headers: str) -> Answer:
        return self.program.get(f"{self.address}/{number}/content", headers=headers)


def sent(project: Project, number: int, photo: bytes | None = None) -> None:
    answers = {**GOOD, "h/h_commune": "05665", "h/h_gps": "21.51 105.82 0 4"}
    files = {} if photo is None else {f"{number}.jpg": photo}
    send(project, instance(answers, instance_id=f"uuid:{number}", photos=list(files)), files)


@pytest.fixture
def script(project: Project) -> Script:
    builders.form(project, TAGGED)
    unit = builders.commune("05665", "Xã Đồng Hỷ")
    builders.coverage({unit: (105.8, 21.5)})
    sent(project, 1, PHOTO)
    sent(project, 2)
    Submission.objects.update(review_state=ReviewState.APPROVED)
    return Script(project, program_of(project, "hoa@example.org", Role.MANAGER))


def test_a_file_is_asked_for_made_and_fetched(script: Script) -> None:
    asked = script.ask("central_csv", filters={"year": 2026})
    making.make_next()
    found = script.look(asked.json["id"])
    fetched = script.content(asked.json["id"])

    assert (asked.status, asked.json["state"]) == (202, "queued")
    assert asked.headers["Location"] == f"{script.address}/{asked.json['id']}"
    assert (found["state"], found["percent"]) == ("ready", 100)
    assert found["rows"] == {"kt_thu.csv": 2, "kt_thu-z_photo.csv": 1}
    assert (found["name"], found["size"]) == ("kt_thu.csv.zip", len(fetched.content))
    assert hashlib.sha256(fetched.content).hexdigest() == found["sha256"]
    with zipfile.ZipFile(io.BytesIO(fetched.content)) as archive:
        assert "media/1.jpg" in archive.namelist()
    days = dt.datetime.fromisoformat(found["expiresAt"]) - timezone.now()
    assert round(days / dt.timedelta(days=1)) == 7


def test_every_format_counts_its_rows_in_the_file_itself(script: Script) -> None:
    rows = {}
    for format in Format:
        number = script.made(format, filters={"year": 2026})
        rows[format.value] = script.look(number)["rows"]
        script.program.ask("DELETE", f"{script.address}/{number}")

    assert rows == {
        "central_csv": {"kt_thu.csv": 2, "kt_thu-z_photo.csv": 1},
        "people_csv": {"Hồ sơ.csv": 2, "Ảnh.csv": 1},
        "xlsx": {"Hồ sơ": 2, "Ảnh": 1},
        "geojson": {"features": 2},
        "parquet": {"kt_thu.parquet": 2, "kt_thu-z_photo.parquet": 1},
        "media": {"media": 1},
        "summary_xlsx": {"Tổng hợp": 1},
    }


def test_without_records_a_file_has_its_headings(script: Script) -> None:
    number = script.made("people_csv", filters={"state": "rejected"})

    with zipfile.ZipFile(io.BytesIO(script.content(number).content)) as archive:
        lines = archive.read("Hồ sơ.csv").decode("utf-8-sig").splitlines()
    assert script.look(number)["rows"] == {"Hồ sơ.csv": 0, "Ảnh.csv": 0}
    assert len(lines) == 1
    assert lines[0].startswith("Xã, phường;")


# What is in them ---------------------------------------------------------------------------------


def features(script: Script, profile: str) -> list[Any]:
    content = script.content(script.made("geojson", profile=profile)).content
    return list(json.loads(content)["features"])


def test_points_are_where_the_phones_were(script: Script) -> None:
    feature = features(script, "full")[1]
    about = feature["properties"]

    assert feature["geometry"] == {"type": "Point", "coordinates": [105.82, 21.51]}
    assert (about["instanceId"], about["commune"]) == ("uuid:1", "Xã Đồng Hỷ")
    assert (about["visitDate"], about["findings"]["A3"]) == ("2026-05-20", "dat")
    assert (about["note"], about["findingsNote"]) == ("", "tạm tính – chưa đối chiếu")


def test_points_of_a_deidentified_file_are_the_middle_of_the_commune(script: Script) -> None:
    shared = features(script, "deidentified")

    assert [one["geometry"]["coordinates"] for one in shared] == [[105.85, 21.55]] * 2
    assert shared[0]["properties"]["visitMonth"] == "2026-05"
    assert "uuid:" not in json.dumps(shared)
    assert "05-20" not in json.dumps(shared)


def test_a_viewer_gets_deidentified_files_with_how_well_they_hide(script: Script) -> None:
    viewer = Script(script.project, program_of(script.project, "ha@example.org", Role.VIEWER))

    refused = viewer.ask("xlsx")
    summed_up = viewer.made("summary_xlsx", filters={"year": 2026})
    found = viewer.look(viewer.made("xlsx", profile="deidentified"))

    assert (refused.status, refused.nature) == (403, "export.profile_refused")
    assert (found["state"], found["report"]["smallestClass"]) == ("ready", 2)
    assert viewer.content(found["id"]).status == 200
    assert viewer.content(summed_up).status == 200
    assert AuditEntry.objects.filter(action="summary.export").count() == 1


def test_photos_have_names_that_a_person_can_read(script: Script) -> None:
    content = script.content(script.made("media")).content

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        (name,) = archive.namelist()
        assert name == "Xã Đồng Hỷ/2026-05-20/000002 Chụp ảnh.jpg"
        assert archive.read(name) == PHOTO


def test_photos_of_a_question_that_nobody_tagged_are_not_shared(script: Script) -> None:
    builders.form(script.project, builders.FORM.replace("thử | 1 ", "thử | 2 "))

    found = script.look(script.made("media", filters={"stripped": True}))

    assert (found["state"], found["failure"]) == ("failed", "export.sensitivity_missing")


def test_a_log_that_nobody_tagged_is_no_photo_to_withhold(script: Script) -> None:
    # The log of how the form was filled in is a file too, and never in such an archive.
    with_log = f"{TAGGED}| survey | type | name |\n| | audit | audit |\n"
    builders.form(script.project, with_log.replace("thử | 1 ", "thử | 2 "))

    found = script.look(script.made("media", filters={"stripped": True}))

    assert (found["state"], found["rows"]) == ("ready", {"media": 1})


def test_photos_to_share_say_nothing_of_themselves(script: Script) -> None:
    content = script.content(script.made("media", filters={"stripped": True})).content

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        (name,) = archive.namelist()
        assert not Image.open(io.BytesIO(archive.read(name))).getexif()
    assert Image.open(io.BytesIO(PHOTO)).getexif()


# Fetching ----------------------------------------------------------------------------------------


def test_a_download_that_broke_off_goes_on(script: Script) -> None:
    number = script.made()
    whole = script.content(number)
    etag = whole.headers["ETag"]

    rest = script.content(number, Range="bytes=100-", **{"If-Range": etag})
    tail = script.content(number, Range="bytes=-7")
    other = script.content(number, Range="bytes=100-", **{"If-Range": '"another"'})

    size = len(whole.content)
    assert (rest.status, rest.headers["Content-Range"]) == (206, f"bytes 100-{size - 1}/{size}")
    assert whole.content[:100] + rest.content == whole.content
    assert (tail.status, tail.content) == (206, whole.content[-7:])
    assert (other.status, other.content) == (200, whole.content)
    assert whole.headers["Accept-Ranges"] == "bytes"


def test_a_part_that_is_not_there_is_refused_and_what_did_not_change_not_sent(
    script: Script,
) -> None:
    number = script.made()
    size = script.look(number)["size"]

    beyond = script.content(number, Range=f"bytes={size}-")
    same = script.content(number, **{"If-None-Match": f'"{script.look(number)["sha256"]}"'})
    head = script.program.ask("HEAD", f"{script.address}/{number}/content")

    assert beyond.status == 416
    assert (same.status, same.content) == (304, b"")
    assert (head.status, head.headers["Content-Length"]) == (200, str(size))


# Whose they are ----------------------------------------------------------------------------------


def test_a_supervisor_sees_their_own_and_a_manager_all(script: Script) -> None:
    other = Script(script.project, program_of(script.project, "ha@example.org", Role.SUPERVISOR))
    theirs, mine = int(other.ask().json["id"]), int(script.ask().json["id"])

    listed = script.program.get(script.address).json
    assert [one["id"] for one in listed] == [mine, theirs]
    assert [one["id"] for one in other.program.get(script.address).json] == [theirs]
    assert other.program.get(f"{script.address}/{mine}").nature == "export.unknown"
    assert other.program.ask("DELETE", f"{script.address}/{mine}").status == 404


def test_the_list_costs_as_many_questions_as_one_entry(script: Script) -> None:
    script.ask("xlsx")
    with CaptureQueriesContext(
        connection,
    ) as one:
        script.program.get(script.address)
    script.ask("media")
    with CaptureQueriesContext(connection) as two:
        script.program.get(script.address)

    assert len(one) == len(two)


def test_whoever_answers_for_less_than_it_was_made_of_may_not_have_it(script: Script) -> None:
    other = Script(script.project, program_of(script.project, "ha@example.org", Role.SUPERVISOR))
    number = other.made()
    before = other.content(number).status

    Membership.objects.filter(role=Role.SUPERVISOR).update(commune_uids=["05443@2025-07-01"])

    assert before == 200
    assert other.content(number).nature == "export.right_lost"


def test_whoever_left_the_project_gets_no_file(script: Script) -> None:
    number = int(script.ask().json["id"])
    Membership.objects.all().delete()

    making.make_next()

    found = Export.objects.get(pk=number)
    assert (found.state, found.failure) == (ExportState.FAILED, "export.right_lost")


def test_the_audit_log_says_who_took_what_and_why(script: Script) -> None:
    number = script.made(filters={"commune": UID})
    script.content(number)

    entries = list(AuditEntry.objects.filter(action__contains="export").order_by("pk"))
    assert [entry.action for entry in entries] == [
        "export.create",
        "form.submission.export",
        "export.download",
    ]
    said = entries[1].details
    assert (said["purpose"], said["rows"]) == (PURPOSE, 2)
    assert said["filters"]["commune"] == UID
    assert (said["format"], said["profile"]) == ("xlsx", "full")
    assert {entry.actor_id for entry in entries} == {Export.objects.get().asked_by_id}


# Quotas, cancelling, forgetting ------------------------------------------------------------------


def test_the_same_file_asked_for_twice_is_one(script: Script) -> None:
    assert script.ask().json["id"] == script.ask().json["id"]


def test_one_person_has_only_so_many_made_at_once(script: Script, settings: Settings) -> None:
    settings.EXPORTS_WAITING = 1
    script.ask("xlsx")

    refused = script.ask("media")

    assert (refused.status, refused.nature) == (429, "export.too_many_waiting")


def test_one_person_keeps_only_so_many(script: Script, settings: Settings) -> None:
    settings.EXPORTS_KEPT = 1
    script.made("xlsx")

    assert script.ask("media").nature == "export.too_many_kept"


def test_what_was_cancelled_is_not_made(script: Script) -> None:
    number = int(script.ask().json["id"])

    cancelled = script.program.ask("DELETE", f"{script.address}/{number}")
    is_any_owed = making.make_next()

    assert (cancelled.json["state"], is_any_owed) == ("cancelled", False)
    assert script.content(number).nature == "export.not_ready"


def test_cancelling_stops_whoever_makes_it(script: Script) -> None:
    number = int(script.ask().json["id"])
    lease = leases.take()
    assert lease is not None

    script.program.ask("DELETE", f"{script.address}/{number}")

    with pytest.raises(LeaseLost):
        lease.beat()


def test_a_file_goes_after_seven_days_and_its_row_stays(script: Script) -> None:
    number = script.made()
    sha256 = script.look(number)["sha256"]
    in_a_week = timezone.now() + dt.timedelta(days=7, minutes=1)
    age(sha256)

    expired = jobs.expire(in_a_week)

    assert (expired, blobs.exists(sha256)) == (1, False)
    assert script.look(number)["state"] == "expired"
    assert script.content(number).nature == "export.gone"


def age(sha256: str) -> None:
    """Let a blob be as old as it will be in a week."""
    path = storages["default"].path(f"{sha256[:2]}/{sha256[2:4]}/{sha256}")
    os.utime(path, (0, 0))


# Bad input ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "nature"),
    [
        ({"format": "docx"}, "parameter.invalid"),
        ({"purpose": ""}, "parameter.invalid"),
        ({"filters": {"comune": UID}}, "parameter.invalid"),
        ({"filters": {"separator": ";"}}, "parameter.invalid"),
        ({"filters": {"year": 1234}}, "parameter.invalid"),
        ({"filters": []}, "parameter.invalid"),
        ({"form": "khac"}, "summary.form_unknown"),
        ({"format": "media", "profile": "deidentified"}, "export.profile_unavailable"),
        ({"format": "summary_xlsx"}, "parameter.invalid"),
        ({"profile": "deidentified", "filters": {"team": "Tổ 1"}}, "export.filter_too_fine"),
        ({"purpose": "gọi chị Lan 0912345678"}, "parameter.invalid"),
    ],
)
def test_what_cannot_be_had_is_refused_at_once(
    script: Script, body: dict[str, Any], nature: str
) -> None:
    answer = script.ask(**{"format": "xlsx", **body})

    assert (answer.nature, Export.objects.count()) == (nature, 0)
