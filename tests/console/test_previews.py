"""Biểu mẫu, Xem thử: a form in a frame, a draft tried from it, and who may."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from server.forms import drafts
from server.forms.models import AttachmentSource, FormAttachment, FormVersion
from server.projects.audit import SERVER
from server.projects.models import Role
from server.submissions.models import DraftSubmission, Submission
from tests import builders
from tests.console.conftest import reader, text
from tests.console.world import HOSTILE, World

pytestmark = pytest.mark.usefixtures("static_files")

_PART = "xml_submission_file"
_PATHS = ("xem-thu", "xem-thu/man-hinh", "xem-thu/bieu.xml", "xem-thu/tep")


def _form(world: World) -> str:
    return f"/du-an/{world.project.pk}/bieu-mau/kt_thu"


def _post(client: Client, address: str, xml: bytes, **other: Any) -> Any:
    """Send what the frame would."""
    sizes = {_PART: len(xml)}
    said = {_PART: SimpleUploadedFile(_PART, xml), "sizes": json.dumps(sizes), **other}
    return client.post(address, said)


def test_only_who_reviews_sees_a_version_and_only_managers_a_draft(world: World) -> None:
    listed = FormVersion.objects.get()
    FormAttachment.objects.create(
        form_version=listed, name="communes.csv", kind="file", source=AttachmentSource.COMMUNES
    )
    seen = {
        role: [
            reader(user).get(f"{_form(world)}/{path}?ban={name}&ten=communes.csv").status_code
            for name in ("1", "khong_co")
            for path in _PATHS
        ]
        for role, user in world.people.items()
    }
    foreign = reader(world.people[Role.MANAGER]).get(
        f"/du-an/{world.foreign.pk}/bieu-mau/kt_thu/xem-thu?ban=1"
    )

    assert seen[Role.MANAGER] == seen[Role.SUPERVISOR] == [200] * 4 + [404] * 4
    assert seen[Role.VIEWER] == [404] * 8
    assert foreign.status_code == 404


def test_the_frame_alone_has_a_policy_of_its_own_without_eval_or_inline_scripts(
    world: World,
) -> None:
    client = reader(world.people[Role.SUPERVISOR])
    around = client.get(f"{_form(world)}/xem-thu?ban=1")
    frames = [client.get(f"{_form(world)}/xem-thu/man-hinh?ban=1") for _ in range(2)]
    policies = [frame["Content-Security-Policy"] for frame in frames]
    rules = dict(part.strip().split(" ", 1) for part in policies[0].split(";"))

    assert rules["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert rules["default-src"] == "'none'"
    assert rules["connect-src"] == rules["frame-ancestors"] == "'self'"
    assert "unsafe-inline" not in policies[0]
    assert policies[0] != policies[1]  # a nonce is for one answer
    assert frames[0]["X-Frame-Options"] == "SAMEORIGIN"
    assert "wasm" not in around["Content-Security-Policy"]
    assert around["X-Frame-Options"] == "DENY"


def test_lists_in_the_frame_keep_to_the_communes_of_who_looks(world: World) -> None:
    FormAttachment.objects.create(
        form_version=FormVersion.objects.get(),
        name="communes.csv",
        kind="file",
        source=AttachmentSource.COMMUNES,
    )
    address = f"{_form(world)}/xem-thu/tep?ban=1&ten="

    whole = text(reader(world.people[Role.MANAGER]).get(f"{address}communes.csv"))
    part = text(reader(world.scoped).get(f"{address}communes.csv"))
    unknown = reader(world.scoped).get(f"{address}khac.csv")

    assert "Xã Đồng Hỷ" in part
    assert "Phan Đình Phùng" in whole
    assert "Phan Đình Phùng" not in part
    assert unknown.status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_trial_shows_its_answers_and_findings_and_counts_nowhere(live_world: World) -> None:
    drafts.copy(live_world.project.pk, "kt_thu", SERVER)
    client, before = reader(live_world.people[Role.MANAGER]), Submission.objects.count()
    answers = {**builders.GOOD, "a/a5_child": "7", "h/h_commune": HOSTILE}
    xml = builders.instance(answers, instance_id="uuid:thu")

    sent = _post(client, f"{_form(live_world)}/xem-thu/gui", xml)
    again = _post(client, f"{_form(live_world)}/xem-thu/gui", xml)
    page = text(client.get(sent.json()["next"]))
    listed = text(client.get(f"{_form(live_world)}/xem-thu?ban=ban-thu"))

    assert (sent.status_code, again.json()) == (200, sent.json())
    assert DraftSubmission.objects.get().instance_id == "uuid:thu"
    assert Submission.objects.count() == before
    assert "Số trường hợp tảo hôn" in page
    assert "Không đạt" in page
    assert HOSTILE not in page
    assert "phieu=uuid%3Athu" in listed


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_a_trial_is_told_in_words_and_nothing_is_kept(live_world: World) -> None:
    address, client = f"{_form(live_world)}/xem-thu/gui", reader(live_world.people[Role.MANAGER])
    xml = builders.instance(builders.GOOD, instance_id="uuid:thu")
    without_draft = _post(client, address, xml)
    drafts.copy(live_world.project.pk, "kt_thu", SERVER)
    codes = [
        _post(client, address, given, **other).json()["code"]
        for given, other in (
            (xml, {"sizes": json.dumps({_PART: len(xml), "anh.jpg": 3})}),
            (xml, {"sizes": "["}),
            (b"<data", {}),
            (xml.replace(b"kt_thu", b"khac"), {}),
        )
    ]
    supervisor = _post(reader(live_world.people[Role.SUPERVISOR]), address, xml)
    draft = reader(live_world.people[Role.SUPERVISOR]).get(
        f"{_form(live_world)}/xem-thu?ban=ban-thu"
    )

    assert without_draft.status_code == 404
    assert codes[:2] == ["console.screen_post_cut"] * 2
    assert codes[2:] == ["xml.malformed", "submission.form_id_differs"]
    assert (supervisor.status_code, draft.status_code) == (404, 404)
    assert not DraftSubmission.objects.exists()
