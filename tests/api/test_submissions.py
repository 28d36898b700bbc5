"""Submissions, listed, sent, edited and completed over HTTP by programs."""

from __future__ import annotations

import csv
import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from server.api import submission_list
from server.forms.models import Form
from server.inspections import submission_desk
from server.inspections.submission_desk import pages as pages_of
from server.projects import accounts
from server.projects.models import Membership, Project, Role, User
from server.submissions.intake import Sender, receive
from server.submissions.models import Quarantined, Submission, SubmissionVersion
from tests import builders
from tests.api.conftest import Answer, Program
from tests.api.test_review import decide, signed_in
from tests.builders import GOOD, instance

XML = "application/xml"
PHOTO = b"\xff\xd8photo"


@pytest.fixture
def manager(project: Project) -> Program:
    builders.form(project)
    return signed_in(project, "hoa", Role.MANAGER)


def all_of(project: Project, below: str = "", form_id: str = "kt_thu") -> str:
    return f"/v1/projects/{project.pk}/forms/{form_id}/submissions{below}"


def post(program: Program, path: str, body: bytes, kind: str = XML, **headers: str) -> Answer:
    return program.ask("POST", path, data=body, content_type=kind, headers=headers)


def put(program: Program, path: str, body: bytes, **headers: str) -> Answer:
    return program.ask("PUT", path, data=body, content_type=XML, headers=headers)


def edit(number: int, of: int, **answers: str) -> bytes:
    said = {path.replace("__", "/"): answer for path, answer in answers.items()}
    return instance({**GOOD, **said}, instance_id=f"uuid:{number}", deprecated_id=f"uuid:{of}")


def send(project: Project, *numbers: int) -> None:
    for number in numbers:
        builders.arrive(project, instance(GOOD, instance_id=f"uuid:{number}"))


def ids(answer: Answer) -> list[str]:
    return [row["instanceId"] for row in answer.json]


def photo_of(project: Project, name: str = "1.jpg") -> str:
    return all_of(project, f"/uuid:1/attachments/{name}")


@pytest.fixture
def pictured(manager: Program, project: Project) -> Program:
    """A submission that names two photos, of which none has come."""
    builders.arrive(project, instance(GOOD, photos=["1.jpg", "2.jpg"]))
    return manager


# Lists -------------------------------------------------------------------------------------------


def test_they_are_listed_the_newest_first_and_in_parts(manager: Program, project: Project) -> None:
    send(project, 1, 2, 3)

    assert ids(manager.get(all_of(project))) == ["uuid:3", "uuid:2", "uuid:1"]
    assert ids(manager.get(all_of(project, "?limit=1&offset=1"))) == ["uuid:2"]
    assert ids(manager.get(all_of(project, "?offset=2"))) == ["uuid:1"]


def test_a_part_may_be_as_long_as_a_script_asks(
    manager: Program, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(project, 1, 2, 3)
    monkeypatch.setattr(submission_list, "_WHOLE", 1)

    assert len(ids(manager.get(all_of(project, "?limit=10000")))) == 3
    assert ids(manager.get(all_of(project, "?limit=2&offset=1"))) == ["uuid:2", "uuid:1"]
    assert ids(manager.get(all_of(project, "?limit=2"))) == ["uuid:3", "uuid:2"]


def test_a_long_list_is_read_page_by_page(manager: Program, project: Project) -> None:
    send(project, 1, 2, 3)
    hoa = Membership.objects.get(user__email="hoa@example.org")
    found = submission_desk.listed(hoa, Form.objects.get())

    pages = [[told.submission.instance_id for told in page] for page in pages_of(found, 2)]

    assert pages == [["uuid:3", "uuid:2"], ["uuid:1"]]
    after = [[told.submission.instance_id for told in page] for page in pages_of(found, 1, start=1)]
    assert after == [["uuid:2"], ["uuid:1"]]


def test_the_rest_of_a_list_is_read_page_by_page_too(manager: Program, project: Project) -> None:
    send(project, 1, 2)

    with CaptureQueriesContext(connection) as asked:
        rest = manager.get(all_of(project, "?offset=1"))

    assert ids(rest) == ["uuid:1"]
    (skipping,) = [query["sql"] for query in asked if "OFFSET" in query["sql"]]
    assert skipping.startswith('SELECT "submissions_submission"."id" AS "pk" FROM')
    assert skipping.endswith("LIMIT 1 OFFSET 1")


def test_a_form_without_any_gives_an_empty_list(manager: Program, project: Project) -> None:
    assert manager.get(all_of(project)).json == []


def test_a_list_asks_the_same_number_of_questions_for_any_length(
    manager: Program, project: Project
) -> None:
    def questions() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            manager.get(all_of(project), headers={"X-Extended-Metadata": "true"})
        return len(asked)

    send(project, 1)
    builders.arrive(project, edit(11, of=1))
    one = questions()
    send(project, 2, 3, 4)
    builders.arrive(project, edit(12, of=2))

    assert questions() == one


@pytest.mark.parametrize("query", ["?limit=0", "?limit=x", "?offset=-1"])
def test_a_part_that_is_none_is_refused(manager: Program, project: Project, query: str) -> None:
    answer = manager.get(all_of(project, query))

    assert (answer.status, answer.json["code"]) == (400, 400.8)


def test_a_form_that_is_not_there_is_404(manager: Program, project: Project) -> None:
    answer = manager.get(all_of(project, form_id="kt_x"))

    assert (answer.status, answer.json["code"]) == (404, 404.1)


def test_times_are_central_s(manager: Program, project: Project) -> None:
    send(project, 1)

    (row,) = manager.get(all_of(project)).json

    written = Submission.objects.get().created_at.isoformat(timespec="milliseconds")
    assert row["createdAt"] == written.replace("+00:00", "Z")
    assert row["currentVersion"]["createdAt"] == row["createdAt"]


def test_who_sent_it_first_stays_beside_who_sent_the_edit(
    manager: Program, project: Project
) -> None:
    lan = accounts.create_app_user(project, "Chị Lan").app_user
    receive(instance(GOOD), [], Sender(project.pk, lan, "collect:7", "Collect"))
    put(manager, all_of(project, "/uuid:1?deviceID=ban"), edit(2, of=1))

    (row,) = manager.get(all_of(project), headers={"X-Extended-Metadata": "true"}).json

    hoa = User.objects.get(email="hoa@example.org")
    assert (row["submitterId"], row["deviceId"]) == (lan.pk, "collect:7")
    assert row["submitter"]["type"] == "field_key"
    current = row["currentVersion"]
    assert (current["submitterId"], current["deviceId"]) == (hoa.pk, "ban")
    assert (current["submitter"]["type"], current["formVersion"]) == ("user", "1")
    (first,) = manager.get(all_of(project, "/submitters")).json
    assert (first["id"], first["displayName"]) == (lan.pk, "Chị Lan")


def test_who_sent_it_from_a_desk_stands_in_exports(manager: Program, project: Project) -> None:
    post(manager, all_of(project), instance(GOOD))

    (row,) = csv.DictReader(manager.get(all_of(project, ".csv")).text.splitlines())

    hoa = User.objects.get(email="hoa@example.org")
    assert (row["SubmitterID"], row["SubmitterName"]) == (f"{hoa.pk}", hoa.display_name)


def test_who_remarked_is_told_in_full_when_asked(manager: Program, project: Project) -> None:
    send(project, 1)
    remarks = all_of(project, "/uuid:1/comments")
    post(manager, remarks, json.dumps({"body": "Thiếu ảnh."}).encode(), "application/json")

    (said,) = manager.get(remarks, headers={"X-Extended-Metadata": "true"}).json

    assert (said["actor"]["type"], said["actor"]["id"]) == ("user", said["actorId"])
    assert re.fullmatch(r"[-\d]+T[:\d]+\.\d{3}Z", said["createdAt"])


def test_a_supervisor_is_shown_the_communes_they_answer_for(
    manager: Program, project: Project
) -> None:
    own = builders.commune("05443", "Mới")
    builders.commune("05446", "Khác")
    for code in ("05443", "05446"):
        builders.send(project, instance({**GOOD, "h/h_commune": code}, instance_id=f"uuid:{code}"))
    binh = signed_in(project, "binh", Role.SUPERVISOR, (own.uid,))

    assert ids(binh.get(all_of(project))) == ["uuid:05443"]
    assert binh.get(all_of(project, "/uuid:05443.xml")).status == 200
    assert binh.get(all_of(project, "/uuid:05446.xml")).status == 404


READ = ("", "/submitters", ".geojson", "/uuid:1", "/uuid:1.xml", "/uuid:1.geojson",
        "/uuid:1/attachments", "/uuid:1/attachments/1.jpg", "/uuid:1/versions",
        "/uuid:1/versions/uuid:1", "/uuid:1/versions/uuid:1.xml", "/uuid:1/diffs",
        "/uuid:1/audits", "/uuid:1/versions/uuid:1/attachments",
        "/uuid:1/versions/uuid:1/attachments/1.jpg")  # fmt: skip


@pytest.mark.row("RS45")
@pytest.mark.parametrize("below", READ)
def test_who_only_sees_totals_or_is_of_elsewhere_reads_none(
    program: Program, manager: Program, project: Project, below: str
) -> None:
    builders.arrive(project, instance(GOOD, photos=["1.jpg"]), {"1.jpg": PHOTO})
    elsewhere = signed_in(builders.project("Nơi khác"), "xa", Role.MANAGER)

    assert manager.get(all_of(project, below)).status == 200
    assert program.get(all_of(project, below)).status == 404
    assert elsewhere.get(all_of(project, below)).status == 404


@pytest.mark.row("RS45")
def test_only_managers_send_edit_and_complete(program: Program, project: Project) -> None:
    builders.form(project)
    send(project, 1)
    supervisor = signed_in(project, "binh", Role.SUPERVISOR)

    for one in (program, supervisor):
        assert post(one, all_of(project), instance(GOOD, instance_id="uuid:2")).status == 404
        assert put(one, all_of(project, "/uuid:1"), edit(2, of=1)).status == 404
        assert post(one, all_of(project, "/uuid:1/attachments/1.jpg"), PHOTO).status == 404
    assert SubmissionVersion.objects.count() == 1


# Sending -----------------------------------------------------------------------------------------


@pytest.mark.row("RS16")
def test_the_same_again_is_there_already(manager: Program, project: Project) -> None:
    first = post(manager, all_of(project), instance(GOOD))
    again = post(manager, all_of(project), instance(GOOD))

    assert (first.status, "attachments" in first.json) == (200, False)
    assert (again.status, again.nature, again.json["code"]) == (409, "submission.exists", 409.3)
    assert SubmissionVersion.objects.count() == 1


def test_another_text_under_the_same_id_is_kept_for_a_decision(
    manager: Program, project: Project
) -> None:
    send(project, 1)

    answer = post(manager, all_of(project), instance({**GOOD, "a/a3_key_f": "2"}))

    assert (answer.status, answer.json["code"]) == (409, 409.1)
    waiting = Quarantined.objects.get()
    assert waiting.person == User.objects.get(email="hoa@example.org")
    manager.ask(
        "POST",
        f"/v1/projects/{project.pk}/quarantine/{waiting.pk}",
        data=json.dumps({"decision": "accept", "reason": "đã hỏi"}),
        content_type="application/json",
    )
    assert SubmissionVersion.objects.latest("pk").person == waiting.person


@pytest.mark.parametrize("said", ["%00", "a" * 300, "%F0%9F%92%A9", "%FF"])
def test_whatever_a_program_calls_itself_is_kept_as_far_as_it_can_be(
    manager: Program, project: Project, said: str
) -> None:
    sent = post(manager, all_of(project, f"?deviceID={said}"), instance(GOOD))

    assert sent.status == 200
    assert 0 < len(sent.json["deviceId"]) <= 255


@pytest.mark.row("RS17")
def test_what_fills_in_another_form_is_refused(manager: Program, project: Project) -> None:
    other = instance(GOOD, form_id="kt_x")

    sent = post(manager, all_of(project), other)

    assert (sent.status, sent.json["code"]) == (400, 400.8)
    assert not Quarantined.objects.exists()


@pytest.mark.parametrize(
    ("body", "nature"),
    [
        (b"", "xml.malformed"),
        (b"<data", "xml.malformed"),
        (b"<data/>", "submission.form_id_missing"),
    ],
)
def test_what_is_no_filled_in_form_is_refused(
    manager: Program, project: Project, body: bytes, nature: str
) -> None:
    answer = post(manager, all_of(project), body)

    assert (answer.status, answer.nature) == (400, nature)


def test_nobody_approves_what_they_sent_by_a_program(manager: Program, project: Project) -> None:
    post(manager, all_of(project), instance(GOOD))

    answer = decide(manager, Submission.objects.get(), "approved")

    assert (answer.status, answer.nature) == (403, "review.own")


@pytest.mark.row("ED09")
def test_an_edit_again_changes_nothing(manager: Program, project: Project) -> None:
    send(project, 1)

    answers = [put(manager, all_of(project, "/uuid:1"), edit(2, of=1)) for _ in range(2)]

    assert [answer.status for answer in answers] == [200, 200]
    assert answers[1].json["currentVersion"]["instanceId"] == "uuid:2"
    assert answers[1].json["reviewState"] == "edited"
    assert SubmissionVersion.objects.count() == 2


@pytest.mark.parametrize(
    "written",
    ["Dem%20l%E1%BA%A1i%3A%20100%25.%00", "Dem lại: 100%.".encode().decode("latin-1")],
    ids=["escaped", "as it is"],
)
def test_why_somebody_edited_stands_in_the_history(
    manager: Program, project: Project, written: str
) -> None:
    send(project, 1)

    put(manager, all_of(project, "/uuid:1"), edit(2, of=1), **{"X-Action-Notes": written})

    latest = manager.get(all_of(project, "/uuid:1/audits")).json[0]
    assert (latest["action"], latest["notes"]) == ("submission.update.version", "Dem lại: 100%.")


def test_a_reason_that_may_tell_of_somebody_is_taken_when_it_is_confirmed_to_tell_of_nobody(
    manager: Program, project: Project
) -> None:
    send(project, 1)
    notes = {"X-Action-Notes": "Theo nạn nhân Nguyễn Thị Hoa".encode().decode("latin-1")}
    here = all_of(project, "/uuid:1")

    refused = put(manager, here, edit(2, of=1), **notes)
    left = SubmissionVersion.objects.count()
    taken = put(manager, f"{here}?confirmed=true", edit(2, of=1), **notes)

    assert (refused.status, refused.nature, left) == (400, "review.personal", 1)
    assert (taken.status, SubmissionVersion.objects.count()) == (200, 2)


@pytest.mark.row("ED09")
@pytest.mark.parametrize(
    ("body", "code"),
    [
        (instance(GOOD, instance_id="uuid:9"), 400.19),  # edits nothing
        (edit(9, of=2), 404.5),  # another record
        (edit(9, of=7), 404.5),  # none
        (edit(9, of=1), 409.9),  # what was edited since
        (instance(GOOD, form_id="kt_x", deprecated_id="uuid:1"), 400.8),
    ],
)
def test_an_edit_of_anything_else_is_refused(
    manager: Program, project: Project, body: bytes, code: float
) -> None:
    send(project, 1, 2)
    put(manager, all_of(project, "/uuid:1"), edit(3, of=1))

    answer = put(manager, all_of(project, "/uuid:1"), body)

    assert (answer.status, answer.json["code"]) == (int(code), code)
    assert SubmissionVersion.objects.count() == 3
