"""What files to share leave out, harmless as it looks: rows that count, photos once restricted.

And what they are called.
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import Any

import pytest
from django.utils import timezone

from server.forms.models import FormVersion
from server.projects import api_keys
from server.projects.models import ApiKey, AppUser, AuditEntry, Membership, Project, Role
from server.reports import making
from server.submissions.models import ReviewState, Submission
from tests import builders
from tests.api.conftest import Program
from tests.api.test_export_jobs import PHOTO, TAGGED, Script, sent
from tests.api.test_exports import program_of
from tests.api.test_exports_deidentified import FORM, fetch, filled
from tests.api.test_exports_deidentified import send as send_filled
from tests.builders import GOOD, instance, send


@pytest.fixture
def script(project: Project) -> Script:
    builders.form(project, TAGGED)
    builders.commune("05665", "Xã Đồng Hỷ")
    sent(project, 1, PHOTO)
    return Script(project, program_of(project, "hoa@example.org", Role.MANAGER))


@pytest.fixture
def viewer(project: Project) -> Program:
    return program_of(project, "xem@example.org", Role.VIEWER)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("export.xlsx", "nguoi-khu-nhan-dang.xlsx"),
        ("export.csv.zip", "nguoi-khu-nhan-dang-excel.csv.zip"),
        ("submissions.csv.zip", "nguoi-khu-nhan-dang.zip"),
        ("submissions.csv", "nguoi-khu-nhan-dang.csv"),
    ],
)
def test_its_name_says_that_it_is_deidentified(
    viewer: Program, project: Project, name: str, file: str
) -> None:
    builders.form(project, FORM)

    answer = fetch(viewer, project, name)

    assert answer.headers["Content-Disposition"] == f'attachment; filename="{file}"'


def test_so_does_the_name_of_a_file_made_by_a_worker(script: Script) -> None:
    viewer = Script(script.project, program_of(script.project, "ha@example.org", Role.VIEWER))

    found = viewer.look(viewer.made("xlsx", profile="deidentified"))

    assert found["name"] == "kt_thu-khu-nhan-dang.xlsx"


@pytest.mark.parametrize(
    ("count", "hidden", "is_there"),
    [("", (), True), ("", ("age", "words"), False), ("${women}", (), True)]
    + [(count, (), False) for count in ("${victims}", "${total}")],
)
def test_a_repeat_that_only_counts_cases_is_left_out(
    viewer: Program, project: Project, count: str, hidden: tuple[str, ...], is_there: bool
) -> None:
    device = AppUser.objects.create(project=project, display_name="máy", token_sha256="1")
    builders.form(project, counting(count))
    version = FormVersion.objects.get()
    for field in version.schema["fields"]:
        if field["name"] in hidden:
            field["sensitivity"] = "restricted"
    version.save()
    send_filled(device, filled(1))

    with zipfile.ZipFile(
        io.BytesIO(fetch(viewer, project, "submissions.csv.zip").content)
    ) as archive:
        assert ("nguoi-person.csv" in archive.namelist()) == is_there


def counting(count: str) -> str:
    """Return FORM with as many people as an expression says."""
    lines = FORM.strip().splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("| choices"))
    head, *questions = lines[:at]
    counted = [f"{line} {count if 'begin_repeat' in line else ''} |" for line in questions]
    return "\n".join([f"{head} repeat_count |", *counted, *lines[at:]])


@pytest.mark.parametrize(("name", "photos_left"), [("zp_img", 0), ("h_unit_type", 1)])
def test_photos_that_an_earlier_version_restricted_are_not_shared(
    script: Script, name: str, photos_left: int
) -> None:
    # Of record 3, the other question names the photo as well.
    answers = {**GOOD, "h/h_unit_type": "1.jpg"}
    send(
        script.project, instance(answers, instance_id="uuid:3", photos=["1.jpg"]), {"1.jpg": PHOTO}
    )
    Submission.objects.update(review_state=ReviewState.APPROVED)
    old = FormVersion.objects.get()
    for field in old.schema["fields"]:
        if field["name"] == name:
            field["sensitivity"] = "restricted"
    old.save()
    builders.form(script.project, TAGGED.replace("thử | 1 ", "thử | 2 "))

    found = script.look(script.made("media", filters={"stripped": True}))

    assert found["rows"] == {"media": photos_left}


# Asked as one, made as another -------------------------------------------------------------------


def asking_as(script: Script, role: Role) -> Script:
    """Return what a script asks with a key of its owner for a role."""
    membership = Membership.objects.get(user__email="hoa@example.org")
    until = timezone.now() + dt.timedelta(days=1)
    key = api_keys.create(membership, api_keys.Wanted("Máy", role, False, until))
    return Script(script.project, Program(key.token))


def test_a_viewer_s_key_gets_the_file_of_a_viewer_and_not_its_owner_s(script: Script) -> None:
    sent(script.project, 2)
    Submission.objects.filter(instance_id="uuid:1").update(review_state=ReviewState.APPROVED)
    weak = asking_as(script, Role.VIEWER)
    what: dict[str, Any] = {"profile": "deidentified", "filters": {"state": "all"}}
    whole = script.made(**what)

    number = weak.made(**what)

    assert script.look(whole)["rows"]["Hồ sơ"] == 2
    assert (weak.look(number)["rows"]["Hồ sơ"], weak.content(number).status) == (1, 200)
    assert weak.content(whole).nature == "export.right_lost"
    taken = AuditEntry.objects.filter(action="form.submission.export").latest("pk")
    assert taken.details["apiKey"] == ApiKey.objects.get().pk


def test_whoever_becomes_a_viewer_has_no_file_made_as_more(script: Script) -> None:
    number, waiting = script.made(profile="deidentified"), script.ask(profile="deidentified")
    Membership.objects.update(role=Role.VIEWER)

    making.make_next()

    assert script.content(number).nature == "export.right_lost"
    assert script.content(waiting.json["id"]).status == 200


def test_what_was_asked_as_a_viewer_is_not_made_for_a_supervisor_of_some(script: Script) -> None:
    number = int(asking_as(script, Role.VIEWER).ask(profile="deidentified").json["id"])
    Membership.objects.update(role=Role.SUPERVISOR, commune_uids=["05665@2025-07-01"])

    making.make_next()

    assert script.look(number)["failure"] == "export.right_lost"
