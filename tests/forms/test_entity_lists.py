"""Entity lists that forms make and change: what a form declares, and what is refused."""

from __future__ import annotations

import json
import re

import pytest

from server.errors import Problem
from server.forms import attachments, drafts, entity_lists, sandbox, schema, validate
from server.forms.compile import compile_workbook
from server.forms.desk_problems import EntityListSpelt
from server.forms.entity_lists import DeclaredList
from server.forms.models import AttachmentSource, FormAttachment, FormVersion
from server.forms.problems import (
    EntitiesUncompilable,
    EntitiesVersionUnknown,
    EntityNameInvalid,
    WorkbookRefused,
)
from server.forms.publish import publish
from server.projects.models import Project
from tests.forms.tables import SURVEY, SURVEY_HEADER, Table, form, version

HEADER = (*SURVEY_HEADER, "save_to")


def asked(
    kind: str, name: str, save_to: str | None = None, calculation: str = ""
) -> tuple[object, ...]:
    return (kind, name, name, calculation or None, None, None, None, save_to)


SURVEY_WITH_ROWS: Table = (
    HEADER,
    *SURVEY[1:],
    asked("begin_repeat", "z_rec"),
    asked("text", "zr_text", "noi_dung"),
    asked("date", "zr_due", "han"),
    ("end_repeat",),
)
MAKES: Table = (("list_name", "label"), ("kien_nghi", "${zr_text}"))
FOLLOW_UP: Table = (
    HEADER,
    ("begin_group", "t", "T"),
    asked("select_one_from_file kien_nghi.csv", "which"),
    asked("text", "state", "trang_thai"),
    ("end_group",),
)
CHANGES: Table = (("list_name", "entity_id"), ("kien_nghi", "${which}"))


def from_repeat(entities: Table = MAKES, survey: Table = SURVEY_WITH_ROWS) -> bytes:
    return form(survey, entities=entities)


def follow_up() -> bytes:
    return form(
        FOLLOW_UP,
        settings=version("1", "Theo dõi", "theo_doi"),
        findings=(("code",),),
        entities=CHANGES,
    )


def xform(workbook: bytes, **replaced: str) -> bytes:
    """Return what a workbook compiles to, with attributes of that name changed."""
    document = compile_workbook(workbook).xform.decode()
    for name, value in replaced.items():
        document = re.sub(rf'({name.replace("_", "-")}=)"[^"]+"', rf'\1"{value}"', document)
    return document.encode()


@pytest.mark.row("ET17")
def test_a_repeat_makes_one_entity_a_row_of_specification_2025_1() -> None:
    document = xform(from_repeat())

    assert b'entities-version="2025.1.0"' in document
    assert entity_lists.read(document) == (
        DeclaredList("kien_nghi", ("noi_dung", "han"), "z_rec", can_create=True, can_update=False),
    )


def test_a_form_that_only_follows_up_declares_updates() -> None:
    assert entity_lists.read(xform(follow_up())) == (
        DeclaredList("kien_nghi", ("trang_thai",), "", can_create=False, can_update=True),
    )


def test_a_form_without_entities_declares_no_list() -> None:
    assert entity_lists.read(xform(form())) == ()


def test_what_a_form_declares_survives_being_stored() -> None:
    declared = entity_lists.read(xform(from_repeat()))

    assert entity_lists.load(json.loads(json.dumps(entity_lists.dump(declared)))) == declared


def test_an_entity_is_no_question() -> None:
    paths = [field.path for field in schema.read(xform(from_repeat())).fields]

    assert [path for path in paths if "entity" in path] == []
    assert paths[-4:] == ["z_rec", "z_rec/zr_text", "z_rec/zr_due", "meta/instanceID"]


@pytest.mark.row("ET19")
@pytest.mark.parametrize("number", ["2021.1.0", "2026.1.0", "2025.1", "2025.2.0", "mới"])
def test_another_version_of_the_specification_is_refused(number: str) -> None:
    with pytest.raises(EntitiesVersionUnknown) as refused:
        entity_lists.read(xform(follow_up(), entities_version=number))

    assert (refused.value.central, number in refused.value.sentence()) == (400.25, True)


@pytest.mark.row("ET19")
def test_entities_without_a_version_are_refused() -> None:
    document = xform(follow_up())

    with pytest.raises(EntitiesVersionUnknown):
        entity_lists.read(re.sub(rb' entities:entities-version="[^"]+"', b"", document))


@pytest.mark.row("ET17")
def test_rows_of_a_repeat_need_specification_2025_1() -> None:
    assert entity_lists.read(xform(follow_up(), entities_version="2024.1.0"))

    with pytest.raises(EntitiesVersionUnknown, match=r"2025\.1\.0"):
        entity_lists.read(xform(from_repeat(), entities_version="2024.1.0"))


@pytest.mark.row("ET20")
@pytest.mark.parametrize("name", ["kien nghi", "kien.nghi", "__kien", "1kien", "-kien"])
def test_a_list_that_nothing_could_name_is_refused(name: str) -> None:
    with pytest.raises(EntityNameInvalid) as refused:
        entity_lists.read(xform(from_repeat(), dataset=name))

    assert refused.value.central == 400.25


@pytest.mark.row("ET20")
@pytest.mark.parametrize("name", ["noi dung", "__noi", "name", "Label", "1", "a/b"])
def test_a_property_that_nothing_could_name_is_refused(name: str) -> None:
    with pytest.raises(EntityNameInvalid):
        entity_lists.read(xform(follow_up(), saveto=name))


@pytest.mark.parametrize("name", ["kiến_nghị", "_a", "a-b", "label2", "a.b"])
def test_other_names_of_properties_are_good(name: str) -> None:
    (declared,) = entity_lists.read(xform(follow_up(), saveto=name))

    assert declared.properties == (name,)


@pytest.mark.row("ET20")
@pytest.mark.parametrize(
    ("workbook", "place", "sentence"),
    [
        (
            from_repeat((MAKES[0], ("kien nghi", "${zr_text}"))),
            "entities!A2",
            "Tên danh sách thực thể",
        ),
        (
            from_repeat(
                survey=(*SURVEY_WITH_ROWS[:-2], asked("date", "d", "name"), ("end_repeat",))
            ),
            "survey!H14",
            "Tên thuộc tính thực thể",
        ),
        (
            from_repeat(survey=(*SURVEY_WITH_ROWS, asked("text", "outside", "ngoai"))),
            "survey!H16",
            "không ghi được vào danh sách",
        ),
        (
            from_repeat((("list_name", "entity_id"), ("kien_nghi", None))),
            "entities!2",
            "Trang entities viết chưa đúng",
        ),
    ],
)
def test_what_the_compiler_refuses_about_entities_is_said_with_its_place(
    workbook: bytes, place: str, sentence: str
) -> None:
    with pytest.raises(WorkbookRefused) as refused:
        compile_workbook(workbook)

    (complaint,) = refused.value.complaints
    assert (type(complaint), complaint.central) == (EntitiesUncompilable, 400.25)
    assert sentence in complaint.sentence()
    assert complaint.place == place


# With the tables ---------------------------------------------------------------------------------


@pytest.fixture
def project(db: None, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setattr(sandbox, "compile_apart", compile_workbook)
    monkeypatch.setattr(validate, "is_available", lambda: False)
    return Project.objects.create(name="Chương trình")


def sources(form_version: FormVersion) -> dict[str, tuple[str, str]]:
    return {row.name: (row.source, row.list_name) for row in form_version.attachments.all()}


def test_a_published_form_keeps_what_it_does_to_lists(project: Project) -> None:
    published = publish(project, from_repeat())

    stored = FormVersion.objects.get(pk=published.pk)
    assert entity_lists.load(stored.entity_lists)[0].name == "kien_nghi"


@pytest.mark.row("MF28")
def test_a_file_that_is_called_as_a_list_is_that_list(project: Project) -> None:
    publish(project, from_repeat())

    published = publish(project, follow_up())

    assert sources(published) == {"kien_nghi.csv": (AttachmentSource.ENTITIES, "kien_nghi")}


@pytest.mark.row("MF28")
def test_a_form_need_not_be_published_after_the_one_that_makes_its_list(project: Project) -> None:
    # The follow-up changes the list, which is enough to know it.
    asks = (*SURVEY, ("select_one_from_file kien_nghi.csv", "w", "W"))
    first = publish(project, form(asks, settings=version("1", form_id="dau")))
    tried = drafts.create(project, form(asks, settings=version("1", form_id="nhap")))
    assert sources(first) == {"kien_nghi.csv": (AttachmentSource.FILE, "")}

    publish(project, from_repeat())

    assert sources(first) == {"kien_nghi.csv": (AttachmentSource.ENTITIES, "kien_nghi")}
    assert tried.draft.attachments.get().source == AttachmentSource.ENTITIES


@pytest.mark.row("MF28")
def test_a_list_of_another_case_or_another_project_is_not_that_list(project: Project) -> None:
    publish(Project.objects.create(name="Khác"), from_repeat())
    asks = (
        *SURVEY,
        ("select_one_from_file kien_nghi.csv", "w", "W"),
        ("select_one_from_file Viec.csv", "v", "V"),
    )

    published = publish(project, form(asks))

    assert set(sources(published).values()) == {(AttachmentSource.FILE, "")}


def test_a_file_that_is_given_takes_the_place_of_the_list(project: Project) -> None:
    publish(project, from_repeat())

    published = publish(project, follow_up(), media={"kien_nghi.csv": b"name,label\n"})

    assert sources(published) == {"kien_nghi.csv": (AttachmentSource.FILE, "")}


def test_the_lists_of_the_server_itself_need_no_form(project: Project) -> None:
    asks = (*SURVEY, ("select_one_from_file viec.csv", "w", "W"))

    published = publish(project, form(asks))

    assert "viec" in attachments.OWN_ENTITY_LISTS
    assert sources(published) == {"viec.csv": (AttachmentSource.ENTITIES, "viec")}


def test_a_form_with_entities_that_we_do_not_know_is_not_published(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entity_lists, "SINCE_REPEATS", "2027.1")

    with pytest.raises(Problem, match=r"2027\.1\.0"):
        publish(project, from_repeat())

    assert (FormVersion.objects.count(), FormAttachment.objects.count()) == (0, 0)


def test_a_list_that_another_form_spells_otherwise_is_refused(project: Project) -> None:
    # Phones keep lists as files, and some know no capitals in their names.
    publish(project, from_repeat())
    other = form(
        SURVEY_WITH_ROWS,
        settings=version("1", "Khác", "khac"),
        entities=(MAKES[0], ("Kien_Nghi", "${zr_text}")),
    )

    for act in (publish, drafts.create):
        with pytest.raises(EntityListSpelt, match="kien_nghi"):
            act(project, other)

    assert FormVersion.objects.count() == 1
