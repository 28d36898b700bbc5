"""A person decides about what is in quarantine."""

from __future__ import annotations

import contextlib

import pytest
from django.utils import timezone

from server.errors import Problem
from server.forms.models import FormVersion
from server.projects import accounts
from server.projects.models import Project, User
from server.submissions.decide import Verdict, compared, decide
from server.submissions.models import Decision, Quarantined, Submission, SubmissionVersion
from server.submissions.problems import (
    FormStillUnknown,
    InstanceConflict,
    OriginalStillUnknown,
    QuarantinedDecided,
    QuarantinedUnknown,
    SubmissionDeleted,
)
from tests.submissions.builders import filled, photo, publish, send

ONE_PHOTO = "<photo>1.jpg</photo>"
MAI = "<head>Mai</head>"


@pytest.fixture
def hoa(project: Project) -> User:
    return accounts.create_user("hoa@example.org", "Hoa", None)


def quarantined(project: Project, xml: bytes, *names: str) -> Quarantined:
    with contextlib.suppress(Problem):
        send(project, xml, *(photo(name) for name in names))
    return Quarantined.objects.get(xml_sha256__isnull=False, decided_at=None)


def accept(row: Quarantined, by: User, reason: str = "đã gọi điện hỏi") -> Quarantined:
    return decide(row.project_id, row.pk, Verdict(Decision.ACCEPT, by, reason))


def reject(row: Quarantined, by: User) -> Quarantined:
    return decide(row.project_id, row.pk, Verdict(Decision.REJECT, by, "gửi nhầm"))


def current(instance_id: str) -> SubmissionVersion:
    found = Submission.objects.get(instance_id=instance_id).current_version
    assert found is not None
    return found


def test_a_form_that_comes_later_takes_what_waited_for_it(project: Project, hoa: User) -> None:
    row = quarantined(project, filled(body=ONE_PHOTO), "1.jpg")
    publish(project)

    accepted = accept(row, hoa)

    version = current("uuid:a")
    assert accepted.submission_id == version.submission_id
    assert bytes(version.xml) == filled(body=ONE_PHOTO)
    assert [(file.name, file.is_expected) for file in version.attachments.all()] == [
        ("1.jpg", True)
    ]
    assert (version.device_id, version.submission.derive_owed_at is None) == ("collect:abc", False)


def test_who_decided_when_and_why_is_written_down(project: Project, hoa: User) -> None:
    publish(project)
    send(project, filled())
    row = quarantined(project, filled(body=MAI))

    decided = reject(row, hoa)

    assert (decided.decision, decided.decided_by, decided.decision_reason) == (
        "reject",
        hoa,
        "gửi nhầm",
    )
    assert decided.decided_at is not None
    assert not Quarantined.objects.waiting().exists()
    assert bytes(current("uuid:a").xml) == filled()


def test_while_the_form_is_still_unknown_it_waits_on(project: Project, hoa: User) -> None:
    row = quarantined(project, filled())

    with pytest.raises(FormStillUnknown):
        accept(row, hoa)

    assert Quarantined.objects.waiting().count() == 1


def test_a_conflict_that_is_accepted_becomes_an_edit(project: Project, hoa: User) -> None:
    publish(project)
    send(project, filled())
    row = quarantined(project, filled(body=MAI))

    accept(row, hoa)

    assert bytes(current("uuid:a").xml) == filled(body=MAI)
    assert SubmissionVersion.objects.count() == 2
    assert Submission.objects.get().review_state == "edited"


def test_the_phone_is_freed_once_its_conflict_is_accepted(project: Project, hoa: User) -> None:
    publish(project)
    send(project, filled())
    accept(quarantined(project, filled(body=ONE_PHOTO)), hoa)

    receipt = send(project, filled(body=ONE_PHOTO), photo("1.jpg"))

    assert (receipt.is_new, receipt.missing) == (False, ())
    assert current("uuid:a").attachments.get().name == "1.jpg"


def test_a_conflict_that_was_rejected_stays_one(project: Project, hoa: User) -> None:
    publish(project)
    send(project, filled())
    reject(quarantined(project, filled(body=MAI)), hoa)

    with pytest.raises(InstanceConflict):
        send(project, filled(body=MAI))

    assert not Quarantined.objects.waiting().exists()


def test_two_conflicts_can_both_be_accepted_one_after_the_other(
    project: Project, hoa: User
) -> None:
    publish(project)
    send(project, filled())
    accept(quarantined(project, filled(body=MAI)), hoa)

    accept(quarantined(project, filled(body="<head>Hoa</head>")), hoa)

    assert bytes(current("uuid:a").xml) == filled(body="<head>Hoa</head>")
    assert SubmissionVersion.objects.count() == 3


def test_an_outdated_edit_that_is_accepted_is_the_newest(project: Project, hoa: User) -> None:
    publish(project)
    send(project, filled("uuid:a"))
    send(project, filled("uuid:b", deprecated_id="uuid:a"))
    row = quarantined(project, filled("uuid:c", MAI, deprecated_id="uuid:a"))

    accept(row, hoa)

    assert current("uuid:a").instance_id == "uuid:c"
    assert bytes(current("uuid:a").xml) == filled("uuid:c", MAI, deprecated_id="uuid:a")


def test_an_edit_under_the_id_of_another_record_becomes_one_of_its_own(
    project: Project, hoa: User
) -> None:
    publish(project)
    send(project, filled("uuid:a"))
    send(project, filled("uuid:z"))
    row = quarantined(project, filled("uuid:z", MAI, deprecated_id="uuid:a"))

    accept(row, hoa)

    assert bytes(current("uuid:a").xml) == filled("uuid:z", MAI, deprecated_id="uuid:a")
    assert bytes(current("uuid:z").xml) == filled("uuid:z")


def test_an_edit_waits_for_its_original(project: Project, hoa: User) -> None:
    publish(project)
    row = quarantined(project, filled("uuid:b", deprecated_id="uuid:a"))
    with pytest.raises(OriginalStillUnknown):
        accept(row, hoa)
    send(project, filled("uuid:a"))

    accept(row, hoa)

    assert current("uuid:a").instance_id == "uuid:b"


def test_what_came_in_by_itself_meanwhile_is_not_recorded_twice(
    project: Project, hoa: User
) -> None:
    row = quarantined(project, filled(body=ONE_PHOTO), "1.jpg")
    publish(project)
    send(project, filled(body=ONE_PHOTO))

    accept(row, hoa)

    assert SubmissionVersion.objects.count() == 1
    assert current("uuid:a").attachments.get().name == "1.jpg"


def test_the_same_decision_again_changes_nothing(project: Project, hoa: User) -> None:
    publish(project)
    send(project, filled())
    row = quarantined(project, filled(body=MAI))
    first = accept(row, hoa, "một")

    again = accept(row, hoa, "hai")

    assert (again.decision_reason, again.decided_at) == ("một", first.decided_at)
    assert SubmissionVersion.objects.count() == 2


def test_a_decision_is_not_taken_back(project: Project, hoa: User) -> None:
    row = quarantined(project, filled())
    reject(row, hoa)
    publish(project)

    with pytest.raises(QuarantinedDecided):
        accept(row, hoa)

    assert Submission.objects.count() == 0


def test_nothing_is_added_to_what_was_deleted(project: Project, hoa: User) -> None:
    publish(project)
    send(project, filled())
    row = quarantined(project, filled(body=MAI))
    Submission.objects.update(deleted_at=timezone.now())

    with pytest.raises(SubmissionDeleted):
        accept(row, hoa)


def test_another_projects_quarantine_is_not_here(project: Project, hoa: User) -> None:
    row = quarantined(project, filled())

    with pytest.raises(QuarantinedUnknown):
        decide(project.pk + 1, row.pk, Verdict(Decision.REJECT, hoa, ""))


def test_a_conflict_says_what_it_would_change(project: Project, visit: FormVersion) -> None:
    send(project, filled(body="<head>Lan</head><photos><more>1.jpg</more></photos>"))
    row = quarantined(project, filled(body="<head>Mai</head><photos><more>2.jpg</more></photos>"))

    found = compared(row)

    assert found is not None
    twin, changes = found
    assert twin.instance_id == "uuid:a"
    assert [(change.path, change.old, change.new) for change in changes] == [
        ("head", "Lan", "Mai"),
        ("photos[1]/more", "1.jpg", "2.jpg"),
    ]
    assert not any(change.is_restricted for change in changes)


def test_a_path_that_is_no_question_is_treated_as_restricted(
    project: Project, visit: FormVersion
) -> None:
    send(project, filled(body="<head>Lan</head>"))
    row = quarantined(project, filled(body="<head>Lan</head><victim>Mai</victim>"))

    found = compared(row)

    assert found is not None
    assert [(change.path, change.is_restricted) for change in found[1]] == [("victim", True)]


def test_what_has_no_counterpart_is_not_compared(project: Project) -> None:
    assert compared(quarantined(project, filled())) is None
