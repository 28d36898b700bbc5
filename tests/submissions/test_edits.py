"""Edits: a new instanceID that deprecates the current one (openrosa.md §4.8, rows ED)."""

from __future__ import annotations

import pytest
from django.utils import timezone

from server.forms.models import FormState, FormVersion
from server.projects.models import Project
from server.submissions.models import (
    Quarantined,
    ReviewState,
    Submission,
    SubmissionAttachment,
    SubmissionVersion,
)
from server.submissions.problems import (
    EditOutdated,
    FormClosed,
    IdTaken,
    InstanceConflict,
    OriginalUnknown,
    SubmissionDeleted,
)
from tests.submissions.builders import filled, photo, send

pytestmark = pytest.mark.usefixtures("visit")

ONE_PHOTO = "<photo>1.jpg</photo>"
TWO_PHOTOS = "<photo>1.jpg</photo><photos><more>2.jpg</more></photos>"


def edited(instance_id: str, deprecated_id: str, body: str = "<head>Mai</head>") -> bytes:
    return filled(instance_id, body, deprecated_id=deprecated_id)


def shown(instance_id: str) -> list[tuple[str, int]]:
    """Return the names and sizes of the files of one version."""
    files = SubmissionAttachment.objects.filter(version__instance_id=instance_id)
    return list(files.order_by("name", "pk").values_list("name", "size"))


def test_an_edit_is_the_next_version_of_the_same_submission(project: Project) -> None:
    first = send(project, filled("uuid:a"))

    edit = send(project, edited("uuid:b", "uuid:a"))

    submission = Submission.objects.select_related("current_version").get()
    assert edit.is_new
    assert edit.submission_id == first.submission_id
    assert submission.instance_id == "uuid:a"
    assert submission.current_version is not None
    assert submission.current_version.instance_id == "uuid:b"
    assert submission.review_state == ReviewState.EDITED
    assert submission.updated_at is not None


def test_an_edit_is_owed_its_meaning(project: Project) -> None:
    send(project, filled("uuid:a"))
    Submission.objects.update(derive_owed_at=None)

    send(project, edited("uuid:b", "uuid:a"))

    assert Submission.objects.owed().exists()


def test_an_edit_sent_again_is_one_version(project: Project) -> None:
    send(project, filled("uuid:a"))
    send(project, edited("uuid:b", "uuid:a"))

    again = send(project, edited("uuid:b", "uuid:a"))

    assert not again.is_new
    assert SubmissionVersion.objects.count() == 2


def test_edits_form_a_chain(project: Project) -> None:
    send(project, filled("uuid:a"))
    send(project, edited("uuid:b", "uuid:a"))

    send(project, edited("uuid:c", "uuid:b"))

    current = Submission.objects.select_related("current_version").get().current_version
    assert current is not None
    assert current.instance_id == "uuid:c"


def test_an_edit_of_what_is_not_here_is_told_to_send_the_original_first(project: Project) -> None:
    with pytest.raises(OriginalUnknown):
        send(project, edited("uuid:b", "uuid:a"))


def test_an_edit_of_itself_is_an_edit_of_what_is_not_here(project: Project) -> None:
    with pytest.raises(OriginalUnknown):
        send(project, edited("uuid:a", "uuid:a"))

    assert not Submission.objects.exists()
    assert bytes(Quarantined.objects.get().xml) == edited("uuid:a", "uuid:a")


def test_what_is_here_cannot_become_its_own_edit(project: Project) -> None:
    send(project, filled("uuid:a"))

    with pytest.raises(InstanceConflict):
        send(project, edited("uuid:a", "uuid:a"))

    assert SubmissionVersion.objects.get().deprecated_id == ""
    assert bytes(Quarantined.objects.get().xml) == edited("uuid:a", "uuid:a")


def test_two_edits_of_each_other_make_no_record_and_no_circle(project: Project) -> None:
    for one, other in (("uuid:a", "uuid:b"), ("uuid:b", "uuid:a"), ("uuid:a", "uuid:b")):
        with pytest.raises(OriginalUnknown):
            send(project, edited(one, other))

    assert not SubmissionVersion.objects.exists()
    assert Quarantined.objects.count() == 2


def test_a_chain_does_not_come_back_to_where_it_began(project: Project) -> None:
    send(project, filled("uuid:a"))
    send(project, edited("uuid:b", "uuid:a"))

    with pytest.raises(IdTaken):
        send(project, edited("uuid:a", "uuid:b"))

    assert [v.instance_id for v in SubmissionVersion.objects.order_by("pk")] == ["uuid:a", "uuid:b"]


def test_an_edit_of_a_version_that_was_edited_since_is_out_of_date(project: Project) -> None:
    send(project, filled("uuid:a"))
    send(project, edited("uuid:b", "uuid:a"))

    with pytest.raises(EditOutdated):
        send(project, edited("uuid:c", "uuid:a"))

    assert SubmissionVersion.objects.count() == 2


def test_an_edit_under_the_id_of_another_record_is_refused_and_kept(project: Project) -> None:
    send(project, filled("uuid:a"))
    send(project, filled("uuid:z"))

    with pytest.raises(IdTaken):
        send(project, edited("uuid:z", "uuid:a"))

    assert bytes(Quarantined.objects.get().xml) == edited("uuid:z", "uuid:a")


def test_an_edit_sent_again_with_other_content_is_a_conflict(project: Project) -> None:
    send(project, filled("uuid:a"))
    send(project, edited("uuid:b", "uuid:a"))

    with pytest.raises(InstanceConflict) as conflict:
        send(project, edited("uuid:b", "uuid:a", "<head>Hoa</head>"))

    assert conflict.value.code == "submission.conflict"


def test_an_edit_of_a_deleted_submission_is_refused(project: Project) -> None:
    send(project, filled("uuid:a"))
    Submission.objects.update(deleted_at=timezone.now())

    with pytest.raises(SubmissionDeleted):
        send(project, edited("uuid:b", "uuid:a"))


def test_an_edit_to_a_closed_form_is_refused(project: Project, visit: FormVersion) -> None:
    send(project, filled("uuid:a"))
    visit.form.state = FormState.CLOSED
    visit.form.save()

    with pytest.raises(FormClosed):
        send(project, edited("uuid:b", "uuid:a"))


def test_the_first_version_sent_again_after_an_edit_is_still_known(project: Project) -> None:
    send(project, filled("uuid:a"))
    send(project, edited("uuid:b", "uuid:a"))

    again = send(project, filled("uuid:a"))

    assert not again.is_new


def test_a_file_that_an_edit_still_names_is_carried_over(project: Project) -> None:
    send(project, filled("uuid:a", TWO_PHOTOS), photo("1.jpg", b"1"), photo("2.jpg", b"22"))

    edit = send(project, edited("uuid:b", "uuid:a", TWO_PHOTOS), photo("1.jpg", b"333"))

    assert edit.missing == ()
    assert shown("uuid:b") == [("1.jpg", 3), ("2.jpg", 2)]
    assert shown("uuid:a") == [("1.jpg", 1), ("2.jpg", 2)]


def test_a_file_that_an_edit_names_no_more_stays_behind(project: Project) -> None:
    send(project, filled("uuid:a", TWO_PHOTOS), photo("1.jpg"), photo("2.jpg"))

    send(project, edited("uuid:b", "uuid:a", ONE_PHOTO))

    assert [name for name, _ in shown("uuid:b")] == ["1.jpg"]


def test_the_first_of_a_name_is_the_one_that_is_carried_over(project: Project) -> None:
    send(project, filled("uuid:a", ONE_PHOTO), photo("1.jpg", b"1"), photo("1.jpg", b"22"))

    send(project, edited("uuid:b", "uuid:a", ONE_PHOTO))

    assert shown("uuid:b") == [("1.jpg", 1)]


def test_an_edits_own_file_takes_the_place_of_the_carried_over_one(project: Project) -> None:
    send(project, filled("uuid:a", ONE_PHOTO), photo("1.jpg", b"1"))
    send(project, edited("uuid:b", "uuid:a", ONE_PHOTO))

    send(project, edited("uuid:b", "uuid:a", ONE_PHOTO), photo("1.jpg", b"22"))

    assert shown("uuid:b") == [("1.jpg", 2)]
    assert shown("uuid:a") == [("1.jpg", 1)]


def test_a_file_of_an_edit_may_come_in_a_later_post(project: Project) -> None:
    send(project, filled("uuid:a"))
    first = send(project, edited("uuid:b", "uuid:a", ONE_PHOTO))

    second = send(project, edited("uuid:b", "uuid:a", ONE_PHOTO), photo("1.jpg"))

    assert (first.missing, second.missing) == (("1.jpg",), ())


def test_a_file_of_the_original_that_comes_after_the_edit_reaches_the_edit(
    project: Project,
) -> None:
    send(project, filled("uuid:a", ONE_PHOTO))
    send(project, edited("uuid:b", "uuid:a", ONE_PHOTO))
    send(project, edited("uuid:c", "uuid:b", ONE_PHOTO))

    send(project, filled("uuid:a", ONE_PHOTO), photo("1.jpg", b"1"))

    assert shown("uuid:b") == shown("uuid:c") == [("1.jpg", 1)]
