"""What becomes of an instance that a device sends (openrosa.md §4.6, rows SB)."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from server import blobs
from server.forms.models import FormState, FormVersion
from server.projects.models import AppUser, Project
from server.submissions.intake import Sender, receive
from server.submissions.models import Quarantined, Submission, SubmissionVersion
from server.submissions.problems import (
    FormClosed,
    FormUnknown,
    InstanceConflict,
    SubmissionDeleted,
    VersionUnknown,
)
from server.xml import XmlTooLarge
from tests.submissions.builders import filled, photo, publish, send

pytestmark = pytest.mark.usefixtures("visit")

ONE_PHOTO = "<photo>1.jpg</photo>"


def test_a_new_instance_is_kept_byte_for_byte_with_who_sent_it(project: Project) -> None:
    app_user = AppUser.objects.create(project=project, display_name="Lan", token_sha256="0" * 64)
    xml = filled("uuid:a")

    receipt = receive(xml, [], Sender(project.pk, app_user, "collect:abc", "org.odk.collect"))

    version = SubmissionVersion.objects.get()
    assert bytes(version.xml) == xml
    assert (version.app_user, version.device_id, version.user_agent) == (
        app_user,
        "collect:abc",
        "org.odk.collect",
    )
    assert receipt.is_new
    assert receipt.instance_id == "uuid:a"
    assert Submission.objects.get(pk=receipt.submission_id).current_version == version


def test_what_arrives_is_owed_its_meaning(project: Project) -> None:
    receipt = send(project, filled())

    assert Submission.objects.owed().get().pk == receipt.submission_id


def test_a_new_instance_without_files_takes_two_queries(project: Project) -> None:
    send(project, filled("uuid:warm"))

    with CaptureQueriesContext(connection) as queries:
        send(project, filled("uuid:a"))

    statements = [q["sql"] for q in queries if "SAVEPOINT" not in q["sql"]]
    assert len(statements) == 2


def test_the_same_again_without_files_takes_one_query(project: Project) -> None:
    send(project, filled("uuid:a"))

    with CaptureQueriesContext(connection) as queries:
        send(project, filled("uuid:a"))

    assert len(queries) == 1


def test_the_same_bytes_again_are_the_same_submission(project: Project) -> None:
    first = send(project, filled())

    again = send(project, filled())

    assert again.submission_id == first.submission_id
    assert not again.is_new
    assert SubmissionVersion.objects.count() == 1


def test_a_re_send_with_nothing_new_makes_no_new_debt(project: Project) -> None:
    xml = filled(body=ONE_PHOTO)
    send(project, xml, photo("1.jpg"))
    Submission.objects.update(derive_owed_at=None)

    send(project, xml, photo("1.jpg"))

    assert not Submission.objects.owed().exists()


def test_the_same_id_with_other_content_is_refused_and_both_are_kept(project: Project) -> None:
    first, second = filled(body="<head>Lan</head>"), filled(body="<head>Mai</head>")
    send(project, first)

    with pytest.raises(InstanceConflict):
        send(project, second, photo("1.jpg", b"of the second"))

    kept = Quarantined.objects.get()
    assert bytes(SubmissionVersion.objects.get().xml) == first
    assert bytes(kept.xml) == second
    assert kept.files[0]["name"] == "1.jpg"
    assert blobs.open_blob(kept.files[0]["sha256"]).read() == b"of the second"


def test_a_conflict_sent_again_in_parts_is_one_row_with_all_files(project: Project) -> None:
    second = filled(body="<head>Mai</head>")
    send(project, filled())
    with pytest.raises(InstanceConflict):
        send(project, second, photo("1.jpg"))

    with pytest.raises(InstanceConflict):
        send(project, second, photo("1.jpg"), photo("2.jpg"))

    assert [file["name"] for file in Quarantined.objects.get().files] == ["1.jpg", "2.jpg"]


def test_the_same_answers_written_otherwise_are_other_content(project: Project) -> None:
    send(project, filled())

    with pytest.raises(InstanceConflict):
        send(project, filled() + b"\n")


def test_the_same_id_in_another_form_is_another_submission(project: Project) -> None:
    publish(project, form_id="other")
    send(project, filled("uuid:a"))

    receipt = send(project, filled("uuid:a", form_id="other"))

    assert receipt.is_new
    assert Submission.objects.count() == 2


def test_an_instance_without_id_gets_the_same_id_each_time_it_is_sent(project: Project) -> None:
    first = send(project, filled(""))

    again = send(project, filled(""))

    assert first.instance_id.startswith("uuid:")
    assert again.submission_id == first.submission_id
    assert send(project, filled("", body="<head>Mai</head>")).instance_id != first.instance_id


def test_a_form_that_is_not_here_is_unknown(project: Project) -> None:
    with pytest.raises(FormUnknown):
        send(project, filled(form_id="elsewhere"))


def test_a_form_of_another_project_is_unknown(visit: FormVersion) -> None:
    other = Project.objects.create(name="Khác")

    with pytest.raises(FormUnknown):
        send(other, filled())


def test_a_deleted_form_is_unknown(project: Project, visit: FormVersion) -> None:
    visit.form.deleted_at = timezone.now()
    visit.form.save()

    with pytest.raises(FormUnknown):
        send(project, filled())


def test_a_version_never_published_is_named(project: Project) -> None:
    with pytest.raises(VersionUnknown, match="«7»"):
        send(project, filled(version="7"))


def test_an_earlier_version_is_taken_and_linked(project: Project, visit: FormVersion) -> None:
    publish(project, version="2")

    send(project, filled(version="1"))

    assert SubmissionVersion.objects.get().form_version == visit


def test_no_version_attribute_means_the_version_without_a_name(project: Project) -> None:
    nameless = publish(project, version="")

    send(project, filled(version="").replace(b' version=""', b""))

    assert SubmissionVersion.objects.get().form_version == nameless


def test_a_closing_form_still_takes_instances(project: Project, visit: FormVersion) -> None:
    set_state(visit, FormState.CLOSING)

    assert send(project, filled()).is_new


def test_a_closed_form_takes_nothing_new(project: Project, visit: FormVersion) -> None:
    set_state(visit, FormState.CLOSED)

    with pytest.raises(FormClosed):
        send(project, filled(body=ONE_PHOTO), photo("1.jpg"))

    assert not SubmissionVersion.objects.exists()


def test_what_a_form_took_before_it_closed_may_be_sent_again(
    project: Project, visit: FormVersion
) -> None:
    xml = filled(body=ONE_PHOTO)
    send(project, xml)
    set_state(visit, FormState.CLOSED)

    receipt = send(project, xml, photo("1.jpg"))

    assert receipt.missing == ()


def test_a_deleted_submission_does_not_come_back(project: Project) -> None:
    send(project, filled())
    Submission.objects.update(deleted_at=timezone.now())
    sent = photo("1.jpg", b"of a deleted submission")

    with pytest.raises(SubmissionDeleted):
        send(project, filled(), sent)

    assert not blobs.exists(blobs.measure(sent.file).sha256)


def test_more_bytes_than_the_setting_allows_are_refused(
    project: Project, settings: Settings
) -> None:
    settings.MAX_XML_BYTES = 10_000

    with pytest.raises(XmlTooLarge):
        send(project, filled(body=f"<head>{'a' * 10_000}</head>"))


def test_what_a_device_says_about_itself_is_cut_and_cleaned(project: Project) -> None:
    receive(filled(), [], Sender(project.pk, None, "d\0" + "d" * 300, "u" * 300))

    version = SubmissionVersion.objects.get()
    assert version.device_id == "d\N{REPLACEMENT CHARACTER}" + "d" * 253
    assert version.user_agent == "u" * 255


def set_state(version: FormVersion, state: FormState) -> None:
    version.form.state = state
    version.form.save()
