"""What a submission was before its edits, what these changed, and who did what to it."""

from __future__ import annotations

from typing import Any

import pytest

from server.projects.models import Project, User
from server.submissions.models import Submission
from tests import builders
from tests.api.conftest import Program
from tests.api.test_review import decide
from tests.api.test_submissions import PHOTO, all_of, edit, photo_of, post, put, send
from tests.api.test_submissions import manager as manager
from tests.builders import GOOD, instance


def test_each_version_is_given_as_it_came(manager: Program, project: Project) -> None:
    send(project, 1)
    put(manager, all_of(project, "/uuid:1"), edit(2, of=1))
    one = all_of(project, "/uuid:1")

    versions = manager.get(f"{one}/versions").json

    assert [(row["instanceId"], row["current"]) for row in versions] == [
        ("uuid:2", True),
        ("uuid:1", False),
    ]
    assert manager.get(f"{one}/versions/uuid:1").json == versions[1]
    assert manager.get(f"{one}/versions/uuid:1.xml").text.encode() == instance(GOOD)
    assert manager.get(f"{one}.xml").text.encode() == edit(2, of=1)
    assert manager.get(f"{one}/versions/uuid:7").nature == "submission.version_missing"


def test_xml_says_in_which_letters_it_is_written(manager: Program, project: Project) -> None:
    xml = instance({**GOOD, "a/a1_plan": "Đã có"}).decode()
    head, body = xml.split("?>", 1)
    other = f"{head} encoding='UTF-16'?>{body}".replace("uuid:1", "uuid:2").encode("utf-16")
    for sent in (xml.encode(), other):
        post(manager, all_of(project), sent)

    one, two = (manager.get(all_of(project, f"/uuid:{number}.xml")) for number in (1, 2))

    assert one.headers["Content-Type"] == "application/xml; charset=utf-8"
    assert (two.headers["Content-Type"], two.content) == ("application/xml", other)


@pytest.mark.row("ED08")
def test_who_asks_by_the_id_of_an_edit_is_sent_to_that_version(
    manager: Program, project: Project
) -> None:
    send(project, 1, 5)
    put(manager, all_of(project, "/uuid:1"), edit(2, of=1))

    answer = manager.get(all_of(project, "/uuid:2"))

    assert answer.status == 301
    assert answer.headers["Cache-Control"] == "no-store"
    there = all_of(project, "/uuid%3A1/versions/uuid%3A2")
    assert answer.headers["Location"] == there
    assert manager.get(there).json["instanceId"] == "uuid:2"


@pytest.mark.row("ED08")
@pytest.mark.parametrize("below", [".xml", "/attachments", "/attachments/%C3%A0%201.jpg"])
def test_what_is_below_the_id_of_an_edit_is_found_below_that_version(
    manager: Program, project: Project, below: str
) -> None:
    builders.arrive(project, instance(GOOD, photos=["à 1.jpg"]))
    post(manager, all_of(project, "/uuid:1/attachments/%C3%A0%201.jpg"), PHOTO)
    edited = instance(GOOD, photos=["à 1.jpg"], instance_id="uuid:2", deprecated_id="uuid:1")
    put(manager, all_of(project, "/uuid:1"), edited)

    answer = manager.get(all_of(project, f"/uuid:2{below}"))

    there = all_of(project, f"/uuid%3A1/versions/uuid%3A2{below}")
    assert (answer.status, answer.headers["Location"]) == (301, there)
    assert manager.get(there).content == manager.get(all_of(project, f"/uuid:1{below}")).content
    assert manager.get(all_of(project, f"/uuid:9{below}")).status == 404


@pytest.mark.row("ED11")
def test_what_an_edit_changed_is_told_step_by_step(manager: Program, project: Project) -> None:
    builders.arrive(project, instance(GOOD, photos=["1.jpg", "2.jpg"]))
    changed = instance(
        {**GOOD, "a/a3_key_f": "2"},
        photos=["1.jpg", "3.jpg"],
        instance_id="uuid:2",
        deprecated_id="uuid:1",
    )
    put(manager, all_of(project, "/uuid:1"), changed)

    assert manager.get(all_of(project, "/uuid:1/diffs")).json == {
        "uuid:2": [
            {"path": ["a", "a3_key_f"], "old": "1", "new": "2"},
            {"path": [["z_photo", 1], "zp_img"], "old": "2.jpg", "new": "3.jpg"},
        ]
    }


def test_it_is_edited_on_a_page_by_managers(
    manager: Program, program: Program, project: Project
) -> None:
    send(project, 1)
    there = manager.get(all_of(project, "/uuid:1/edit"))

    assert there.status == 302
    assert there.headers["Location"] == f"/du-an/{project.pk}/ho-so/kt_thu/uuid:1/sua"
    assert program.get(all_of(project, "/uuid:1/edit")).status == 404
    assert manager.get(all_of(project, "/uuid:9/edit")).status == 404


def test_what_happened_is_told_the_newest_first(manager: Program, project: Project) -> None:
    first = instance(GOOD, photos=["1.jpg", "2.jpg"])
    builders.arrive(project, first, {"1.jpg": PHOTO})  # with the XML, and so no act of its own
    post(manager, photo_of(project, "2.jpg"), PHOTO)
    decide(manager, Submission.objects.get(), "hasIssues", "Thiếu ảnh 2.")
    edited = instance(GOOD, instance_id="uuid:2", deprecated_id="uuid:1")
    put(manager, all_of(project, "/uuid:1"), edited)

    audits: list[dict[str, Any]] = manager.get(all_of(project, "/uuid:1/audits")).json

    hoa = User.objects.get(email="hoa@example.org").pk
    told = manager.get(all_of(project, "/uuid:1/audits"), headers={"X-Extended-Metadata": "true"})
    assert [act["actor"] and act["actor"]["id"] for act in told.json] == [hoa, hoa, None, None]
    assert [(act["action"], act["actorId"], act["notes"]) for act in audits] == [
        ("submission.update.version", hoa, None),
        ("submission.update", hoa, "Thiếu ảnh 2."),
        ("submission.attachment.update", 0, None),
        ("submission.create", 0, None),
    ]
    assert [act["details"].get("instanceId") for act in audits] == ["uuid:2", None, None, "uuid:1"]


def test_what_is_said_with_a_new_record_stands_in_its_history(
    manager: Program, project: Project
) -> None:
    notes = {"X-Action-Notes": "Nh%E1%BA%ADp t%E1%BB%AB gi%E1%BA%A5y"}

    sent = post(manager, all_of(project), instance(GOOD), **notes)
    personal = {"X-Action-Notes": "Theo nạn nhân Nguyễn Thị Hoa".encode().decode("latin-1")}
    refused = post(manager, all_of(project), instance(GOOD, instance_id="uuid:2"), **personal)

    assert (sent.status, refused.status, refused.nature) == (200, 400, "review.personal")
    (told,) = manager.get(all_of(project, "/uuid:1/audits")).json
    assert (told["action"], told["notes"]) == ("submission.create", "Nhập từ giấy")
