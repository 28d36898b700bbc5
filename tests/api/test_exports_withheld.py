"""What files to share leave out, harmless as it looks: rows that count, photos once restricted."""

from __future__ import annotations

import io
import zipfile

import pytest

from server.forms.models import FormVersion
from server.projects.models import AppUser, Project, Role
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
