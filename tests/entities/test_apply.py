"""What submissions do to entities (openrosa.md §4.12, rows ET)."""

from __future__ import annotations

from uuid import UUID

import pytest
from pytest_django import DjangoAssertNumQueries

from server.entities import desk
from server.entities.acts import Author
from server.entities.models import ConflictKind, Entity, EntityList, EntitySource, SourceState
from server.inspections import derive as derive_module
from server.inspections import flag_review
from server.inspections.derive import derive
from server.inspections.flag_review import Justification
from server.projects.models import Project
from server.submissions.models import ReviewState, Submission
from tests import builders

FORM = """
| survey   | type      | name  | label    | save_to    |
|          | text      | id    | Mã       |            |
|          | text      | viec  | Nội dung | noi_dung   |
|          | text      | state | Trạng thái | trang_thai |
|          | text      | proof | Bằng chứng | bang_chung |
| entities | list_name | label | entity_id | create_if | update_if |
|          | kien_nghi | ${viec} | ${id} | true() | true() |
| settings | form_title | form_id | version |
|          | Kiến nghị | kn | 1 |
"""
ONLY_CREATES = """
| survey   | type      | name | label    | save_to  |
|          | text      | viec | Nội dung | noi_dung |
| entities | list_name | label |
|          | kien_nghi | ${viec} |
| settings | form_title | form_id | version |
|          | Kiến nghị | kn_moi | 1 |
"""
A = "0b1f5a52-6d1c-4c5e-9d0a-3f2b1c4d5e6f"
BRANCH = "7c9e6679-7425-40de-944b-e07fc1f90ae7"


@pytest.fixture
def project(db: None) -> Project:
    made = builders.project()
    builders.form(made, FORM)
    return made


def filled(
    number: int, entity: str, answers: str = "", label: str = "", form_id: str = "kn", old: int = 0
) -> bytes:
    replaced = f"<deprecatedID>uuid:{old}</deprecatedID>" if old else ""
    return (
        f"<data id='{form_id}' version='1'>{answers}<meta><instanceID>uuid:{number}</instanceID>"
        f"{replaced}<entity dataset='kien_nghi' {entity}><label>{label}</label></entity></meta>"
        "</data>"
    ).encode()


def create(project: Project, number: int = 1, uuid: str = A) -> Submission:
    answers = "<viec>Tập huấn</viec><state>moi</state>"
    return builders.send(project, filled(number, f"id='{uuid}' create='1'", answers, "Tập huấn"))


def update(
    project: Project, number: int, base: object, answers: str, more: str = "", label: str = ""
) -> Submission:
    block = f"id='{A}' update='1' baseVersion='{base}' {more}"
    return builders.send(project, filled(number, block, answers, label))


def state(value: str) -> str:
    proof = "<proof>Đã xem bản gốc: 30/BC-UBND</proof>" if value == "hoan_thanh" else ""
    return f"<state>{value}</state>{proof}"


def failure(submission: Submission) -> str:
    return EntitySource.objects.get(submission_id=submission.pk).failure


@pytest.mark.row("ET01")
def test_a_submission_makes_an_entity_and_is_its_source(project: Project) -> None:
    submission = create(project)

    entity = Entity.objects.get()
    assert (entity.uuid, entity.label, entity.version) == (UUID(A), "Tập huấn", 1)
    assert entity.data == {"noi_dung": "Tập huấn", "trang_thai": "moi"}
    assert entity.versions.get().submission_id == submission.pk


@pytest.mark.row("ET02", "ET16")
@pytest.mark.parametrize(
    ("block", "label", "code"),
    [
        (f"id='{A}' create='1'", "", "entity.label_missing"),
        ("id='12' create='1'", "L", "entity.id_invalid"),
    ],
)
def test_a_bad_block_costs_no_submission(
    project: Project, block: str, label: str, code: str
) -> None:
    submission = builders.send(project, filled(1, block, label=label))

    assert failure(submission) == code
    assert submission.derive_owed_at is None
    assert not Entity.objects.exists()


@pytest.mark.row("ET16")
def test_ids_are_normalised_before_they_are_looked_up(project: Project) -> None:
    create(project, uuid=f"uuid:{A.upper()}")

    assert Entity.objects.get().uuid == UUID(A)


@pytest.mark.row("ET03")
def test_a_block_that_asks_for_nothing_does_nothing(project: Project) -> None:
    builders.send(project, filled(1, f"id='{A}' create='0'", label="L"))

    assert not Entity.objects.exists()
    assert not EntitySource.objects.exists()


@pytest.mark.row("ET04", "ET05")
def test_an_update_keeps_empties_and_leaves_what_it_says(project: Project) -> None:
    create(project)

    update(project, 2, 1, "<viec/>")

    entity = Entity.objects.get()
    assert (entity.version, entity.label) == (2, "Tập huấn")
    assert entity.data == {"noi_dung": "", "trang_thai": "moi"}


@pytest.mark.row("ET04")
@pytest.mark.parametrize("base", ["", "x", 2])
def test_an_update_from_a_version_that_never_was_is_refused(project: Project, base: object) -> None:
    create(project)

    submission = update(project, 2, base, state("hoan_thanh"))

    assert failure(submission) == "entity.base_invalid"
    assert Entity.objects.get().version == 1


@pytest.mark.row("ET06")
def test_asked_for_both_it_creates_then_updates(project: Project) -> None:
    both = f"id='{A}' create='1' update='1' baseVersion="
    builders.send(project, filled(1, f"{both}''", state("moi"), "L"))

    builders.send(project, filled(2, f"{both}'1'", state("hoan_thanh"), "L"))

    entity = Entity.objects.get()
    assert (entity.version, entity.data["trang_thai"]) == (2, "hoan_thanh")


@pytest.mark.row("ET07")
def test_a_form_does_only_what_it_declares(project: Project) -> None:
    builders.form(project, ONLY_CREATES)
    create(project)

    block = f"id='{A}' update='1' baseVersion='1'"
    submission = builders.send(project, filled(2, block, form_id="kn_moi"))

    assert failure(submission) == "entity.not_declared"


@pytest.mark.row("ET08")
def test_a_list_that_needs_approval_gets_its_entity_on_approval(project: Project) -> None:
    EntityList.objects.create(project=project, name="kien_nghi", approval_required=True)
    submission = create(project)
    waited = EntitySource.objects.get().state
    Submission.objects.update(review_state=ReviewState.APPROVED)

    derive([submission.pk])

    assert waited == SourceState.WAITING
    assert Entity.objects.get().uuid == UUID(A)


def test_what_may_be_personal_data_goes_to_no_other_phone_before_somebody_has_looked(
    project: Project,
) -> None:
    text = "<viec>Gọi chị Lan, số 0912 345 678.</viec>"
    sent = builders.send(project, filled(1, f"id='{A}' create='1'", text, "Gọi lại"))
    waiting = EntitySource.objects.get().state, Entity.objects.count()

    said = Justification(builders.member(project), "Số của trạm y tế, đã xem.")
    flag_review.justify(sent.pk, "personal_data", said)
    derive([sent.pk], only_owed=True)

    assert waiting == (SourceState.WAITING, 0)
    assert Entity.objects.get().data["noi_dung"] == "Gọi chị Lan, số 0912 345 678."


def test_a_correction_without_personal_data_waits_for_nobody(project: Project) -> None:
    block = f"id='{A}' create='1'"
    builders.send(project, filled(1, block, "<viec>Gọi số 0912 345 678.</viec>", "Gọi lại"))

    builders.send(project, filled(2, block, "<viec>Gọi trạm y tế.</viec>", "Gọi lại", old=1))

    assert Entity.objects.get().data["noi_dung"] == "Gọi trạm y tế."


@pytest.mark.row("ET09")
def test_an_edit_of_what_has_acted_does_not_act_again(project: Project) -> None:
    create(project)

    builders.send(project, filled(2, f"id='{BRANCH}' create='1'", label="L", old=1))

    assert [entity.uuid for entity in Entity.objects.all()] == [UUID(A)]


@pytest.mark.row("ET09")
def test_an_edit_acts_where_the_first_version_did_not(project: Project) -> None:
    builders.send(project, filled(1, f"id='{A}' create='0'", label="L"))

    builders.send(project, filled(2, f"id='{A}' create='1'", label="L", old=1))

    assert Entity.objects.get().uuid == UUID(A)


@pytest.mark.row("ET09")
def test_deriving_again_acts_once(project: Project) -> None:
    create(project)
    submission = update(project, 2, 1, state("dang_thuc_hien"))

    derive([submission.pk])

    assert Entity.objects.get().version == 2


@pytest.mark.row("ET14")
@pytest.mark.parametrize(
    ("answers", "conflict"),
    [(state("hoan_thanh"), ConflictKind.HARD), ("<viec>Khác</viec>", ConflictKind.SOFT)],
)
def test_two_updates_of_one_version_are_both_kept_and_flagged(
    project: Project, answers: str, conflict: ConflictKind
) -> None:
    create(project)
    update(project, 2, 1, state("dang_thuc_hien"))

    update(project, 3, 1, answers)

    entity = Entity.objects.get()
    assert entity.version == 3
    assert entity.versions.get(number=3).conflict == conflict


@pytest.mark.row("ET15")
def test_the_id_of_a_deleted_entity_is_never_free_again(project: Project) -> None:
    create(project)
    desk.delete(Entity.objects.get().pk, Author("lan"))

    submission = create(project, number=2)

    assert failure(submission) == "entity.exists"
    assert Entity.objects.get().deleted_at is not None


REPEAT = """
| survey   | type         | name  | label    | save_to  |
|          | begin_repeat | z_rec | Kiến nghị |         |
|          | text         | viec  | Nội dung | noi_dung |
|          | end_repeat   |       |          |          |
| entities | list_name | label |
|          | kien_nghi | ${viec} |
| settings | form_title | form_id | version |
|          | Kiến nghị | kn_lap | 1 |
"""


def row(uuid: str, text: str) -> str:
    return (
        f"<z_rec><viec>{text}</viec><meta><entity dataset='kien_nghi' id='{uuid}' create='1'>"
        f"<label>{text}</label></entity></meta></z_rec>"
    )


def inspection(*rows: str) -> bytes:
    return (
        f"<data id='kn_lap' version='1'>{''.join(rows)}"
        "<meta><instanceID>uuid:9</instanceID></meta></data>"
    ).encode()


@pytest.mark.row("ET17")
def test_each_row_of_a_repeat_makes_an_entity(project: Project) -> None:
    builders.form(project, REPEAT)

    builders.send(project, inspection(row(A, "một"), row(BRANCH, "hai")))

    assert [e.data for e in Entity.objects.order_by("pk")] == [
        {"noi_dung": "một"},
        {"noi_dung": "hai"},
    ]


@pytest.mark.row("ET18")
def test_one_row_that_cannot_be_made_undoes_the_others(project: Project) -> None:
    builders.form(project, REPEAT)
    create(project)

    submission = builders.send(project, inspection(row(BRANCH, "mới"), row(A, "đã có")))

    assert failure(submission) == "entity.exists"
    assert [entity.uuid for entity in Entity.objects.all()] == [UUID(A)]


def test_a_block_acts_in_whatever_encoding_it_came(project: Project) -> None:
    text = filled(1, f"id='{A}' create='1'", "<viec>Tập huấn</viec>", "Tập huấn").decode()

    builders.send(project, ("<?xml version='1.0' encoding='UTF-16'?>" + text).encode("utf-16"))

    assert Entity.objects.get().data["noi_dung"] == "Tập huấn"


def test_an_instance_without_blocks_is_derived_without_locks(
    project: Project, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    builders.form(project, ONLY_CREATES)
    plain = "<data id='kn_moi' version='1'><meta><instanceID>uuid:{}</instanceID></meta></data>"
    builders.send(project, plain.format(1).encode())  # so that the form's rules are known

    receipt = builders.arrive(project, plain.format(2).encode())
    with django_assert_num_queries(2):  # the map's last change, and one that writes it all
        derive_module.arrived(receipt)

    assert not Submission.objects.owed().exists()
