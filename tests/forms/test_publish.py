"""A workbook becomes a version that phones can download: all of it, or nothing."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable

import pytest
from django.db import connection
from django.utils import timezone

from server import blobs
from server.errors import Problem
from server.forms import findings, indicators, sandbox, schema, validate
from server.forms.compile import compile_workbook
from server.forms.compiled import CompiledForm
from server.forms.models import AttachmentSource, Form, FormAttachment, FormState, FormVersion
from server.forms.problems import (
    ChoiceLost,
    FormDeleted,
    FormIdDiffers,
    FormUnknown,
    NotAWorkbook,
    TypeChanged,
    VersionUnchanged,
    WorkbookRefused,
)
from server.forms.publish import exported, publish
from server.projects.models import Project
from tests.forms import tables
from tests.forms.tables import (
    CHOICES,
    INDICATORS_HEADER,
    SURVEY,
    SURVEY_HEADER,
    form,
    version,
    with_rows,
)

pytestmark = pytest.mark.django_db

OTHER = ("integer", "n", "N")
PICTURE_HEADER = (*SURVEY_HEADER, "image")
WITH_FILES = (
    PICTURE_HEADER,
    *SURVEY[1:],
    ("select_one_from_file communes.csv", "h_commune", "Xã"),
    ("select_one_from_file xom.csv", "xom", "Xóm"),
    ("note", "see", "Xem hình", None, None, None, None, "huong_dan.png"),
)


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Save a Python and a JVM for each publication; test_compile and test_validate use them."""
    monkeypatch.setattr(sandbox, "compile_apart", compile_workbook)
    monkeypatch.setattr(validate, "is_available", lambda: False)


@pytest.fixture
def project() -> Project:
    return Project.objects.create(name="Chương trình")


def rows() -> tuple[int, int, int]:
    return Form.objects.count(), FormVersion.objects.count(), FormAttachment.objects.count()


def test_a_published_form_is_listed_and_stored_as_it_will_be_served(project: Project) -> None:
    workbook = form()

    published = publish(project, workbook)

    listed = Form.objects.living().get(project=project, state=FormState.OPEN)
    assert listed.current_version == published
    stored = FormVersion.objects.get()
    compiled = compile_workbook(workbook)
    assert bytes(stored.xform) == compiled.xform
    assert stored.md5 == hashlib.md5(compiled.xform).hexdigest()
    assert (stored.title, stored.version, stored.form.form_id) == ("Thử", "2026112501", "thu")
    assert findings.load(stored.conditions) == compiled.conditions
    assert schema.load(stored.schema) == schema.read(compiled.xform, compiled.extras)
    assert blobs.open_blob(stored.workbook_sha256).read() == workbook


def test_publishing_the_same_workbook_again_writes_nothing(
    project: Project, django_assert_num_queries: Callable[..., object]
) -> None:
    workbook = form(WITH_FILES)
    first = publish(project, workbook, media={"xom.csv": b"name,label\n"})

    again = publish(project, workbook, media={"xom.csv": b"name,label\n"})

    assert (again.pk, rows()) == (first.pk, (1, 1, 3))


def test_a_version_string_stands_for_one_content(project: Project) -> None:
    publish(project, form())

    with pytest.raises(VersionUnchanged, match="version"):
        publish(project, form(with_rows(SURVEY, OTHER)))

    assert rows() == (1, 1, 0)


def test_a_changed_rule_needs_a_new_version_even_where_the_phone_sees_no_difference(
    project: Project,
) -> None:
    publish(project, form())
    label = (tables.FINDINGS[0], ("A1", "Tên khác", *tables.FINDINGS[1][2:]))

    with pytest.raises(VersionUnchanged):
        publish(project, form(findings=label))


def test_indicators_are_stored_and_a_changed_one_needs_a_new_version(project: Project) -> None:
    year = ("nam", "Năm", "Year", "h_year", "latest")
    published = publish(project, form(indicators=(INDICATORS_HEADER, year)))

    (stored,) = indicators.load(FormVersion.objects.get(pk=published.pk).indicators)
    assert (stored.code, stored.value, stored.aggregate) == ("nam", ("h/h_year",), "latest")
    publish(project, form(indicators=(INDICATORS_HEADER, year, (None,))))  # only saved again
    with pytest.raises(VersionUnchanged):
        publish(project, form(indicators=(INDICATORS_HEADER, (*year[:4], "mean"))))


@pytest.mark.parametrize(
    ("old", "least"), [("7", 2026000000), ("2099010101", 2099010102), ("v1", 1)]
)
def test_the_refusal_suggests_a_version_that_is_higher(
    project: Project, old: str, least: int
) -> None:
    publish(project, form(settings=version(old)))

    with pytest.raises(VersionUnchanged) as refused:
        publish(project, form(with_rows(SURVEY, OTHER), settings=version(old)))

    assert int(str(refused.value.details["suggestion"])) >= least


def test_a_workbook_that_excel_only_saved_again_is_the_version_there_is(project: Project) -> None:
    workbook = form()
    first = publish(project, workbook)
    saved_again = compile_workbook(workbook).filled

    again = publish(project, saved_again)

    assert (again.pk, rows()) == (first.pk, (1, 1, 0))
    assert again.workbook_sha256 == hashlib.sha256(saved_again).hexdigest()


def test_a_new_version_takes_the_place_of_the_old_one_and_both_stay(project: Project) -> None:
    old = publish(project, form())

    new = publish(project, form(with_rows(SURVEY, OTHER), settings=version("2026112502")))

    assert Form.objects.get().current_version == new
    assert list(FormVersion.objects.order_by("pk")) == [old, new]


def test_a_version_that_phones_could_not_live_with_is_refused_and_nothing_is_written(
    project: Project,
) -> None:
    publish(project, form(with_rows(SURVEY, OTHER)))
    survey = with_rows(SURVEY, ("text", "n", "N"))
    choices = tuple(row for row in CHOICES if row[1] != "unk")

    with pytest.raises(WorkbookRefused) as refused:
        publish(project, form(survey, choices, version("2026112502")))

    found = [(type(c), c.place) for c in refused.value.complaints]
    assert found == [(ChoiceLost, "survey!A8"), (TypeChanged, "survey!A12")]
    assert rows() == (1, 1, 0)


def test_a_question_that_comes_back_is_compared_with_when_it_was_last_asked(
    project: Project,
) -> None:
    publish(project, form(with_rows(SURVEY, OTHER)))
    publish(project, form(settings=version("2026112502")))

    with pytest.raises(WorkbookRefused):
        publish(
            project, form(with_rows(SURVEY, ("text", "n", "N")), settings=version("2026112503"))
        )


@pytest.mark.parametrize(
    ("workbook", "problem"),
    [
        (b"no workbook", NotAWorkbook),
        (form(with_rows(SURVEY, ("calculate", "x", None, "${y}"))), WorkbookRefused),
        (form(findings=(tables.FINDINGS[0], ("A1", "Có", "", "yes", "y"))), WorkbookRefused),
    ],
    ids=["no workbook", "wrong formula", "rule that names no field"],
)
def test_nothing_of_a_bad_workbook_is_published(
    project: Project, workbook: bytes, problem: type[Problem]
) -> None:
    with pytest.raises(problem):
        publish(project, workbook)

    assert rows() == (0, 0, 0)


@pytest.mark.needs_java
def test_nothing_of_a_workbook_that_odk_validate_refuses_is_published(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    if not validate.is_available() and not os.environ.get("CI"):
        pytest.skip("ODK Validate needs java (17 or newer) on the PATH")

    with pytest.raises(WorkbookRefused):
        publish(project, form(with_rows(SURVEY, ("calculate", "x", None, "foo(${plan}"))))

    assert rows() == (0, 0, 0)


def test_a_version_says_when_nobody_validated_it(project: Project) -> None:
    published = publish(project, form())

    assert published.warnings == [validate.SKIPPED]


def test_another_form_under_a_known_name_is_refused(project: Project) -> None:
    with pytest.raises(FormIdDiffers):
        publish(project, form(), form_id="kt_18_5")

    assert rows() == (0, 0, 0)


def test_the_same_workbook_under_another_name_is_refused_too(project: Project) -> None:
    workbook = form()
    publish(project, workbook)

    with pytest.raises(FormIdDiffers):
        publish(project, workbook, form_id="kt_18_5")


def test_a_deleted_form_does_not_come_back_by_itself(project: Project) -> None:
    workbook = form()
    publish(project, workbook)
    Form.objects.update(deleted_at=timezone.now())

    with pytest.raises(FormDeleted):
        publish(project, workbook)


def test_a_closed_form_stays_closed(project: Project) -> None:
    publish(project, form())
    Form.objects.update(state=FormState.CLOSED)

    publish(project, form(with_rows(SURVEY, OTHER), settings=version("2026112502")))

    assert Form.objects.get().state == FormState.CLOSED


def test_two_projects_publish_the_same_workbook_apart(project: Project) -> None:
    workbook, other = form(), Project.objects.create(name="Khác")

    assert publish(project, workbook) != publish(other, workbook)


def test_every_file_that_the_form_names_gets_a_row_and_lists_come_from_the_server(
    project: Project,
) -> None:
    published = publish(
        project, form(WITH_FILES), media={"xom.csv": b"name,label\n", "la.txt": b""}
    )

    files = published.attachments.values_list("name", "kind", "source", "size", "content_type")
    assert list(files) == [
        ("communes.csv", "file", AttachmentSource.COMMUNES, None, "text/csv"),
        ("huong_dan.png", "image", AttachmentSource.FILE, None, "image/png"),
        ("xom.csv", "file", AttachmentSource.FILE, 11, "text/csv"),
    ]
    xom = published.attachments.get(name="xom.csv")
    assert xom.md5 == hashlib.md5(b"name,label\n").hexdigest()
    assert blobs.open_blob(xom.sha256).read() == b"name,label\n"


def test_a_file_can_follow_later_or_be_mended_without_a_new_version(project: Project) -> None:
    workbook = form(WITH_FILES)
    first = publish(project, workbook, media={"xom.csv": b"name,label\n"})

    publish(project, workbook, media={"xom.csv": b"name,label\na,A\n", "huong_dan.png": b"PNG"})

    sizes = dict(first.attachments.values_list("name", "size"))
    assert sizes == {"communes.csv": None, "huong_dan.png": 3, "xom.csv": 15}


def test_a_list_of_the_designers_own_takes_the_place_of_the_servers(project: Project) -> None:
    published = publish(project, form(WITH_FILES), media={"communes.csv": b"name,label\n"})

    assert published.attachments.get(name="communes.csv").source == AttachmentSource.FILE


def test_external_choices_are_attached_by_the_server(project: Project) -> None:
    workbook = tables.workbook(
        {
            "survey": (
                ("type", "name", "label", "choice_filter"),
                ("select_one tinh", "tinh", "Tỉnh", None),
                ("select_one_external xom", "xom", "Xóm", "tinh=${tinh}"),
            ),
            "choices": (("list_name", "name", "label"), ("tinh", "19", "Thái Nguyên")),
            "external_choices": (("list_name", "name", "tinh"), ("xom", "x1", "19")),
            "settings": tables.SETTINGS,
        }
    )

    published = publish(project, workbook)

    itemsets = published.attachments.get()
    assert itemsets.name == "itemsets.csv"
    assert blobs.open_blob(itemsets.sha256).read().startswith(b'"list_name"')


def test_an_exported_workbook_carries_the_formulas(project: Project) -> None:
    workbook = form()
    publish(project, workbook)

    assert exported(project, "thu") == compile_workbook(workbook).filled


def test_a_form_that_is_not_there_cannot_be_exported(project: Project) -> None:
    with pytest.raises(FormUnknown):
        exported(project, "thu")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_first", [True, False], ids=["a new form", "a new version"])
def test_publications_at_once_make_one_version(
    project: Project, monkeypatch: pytest.MonkeyPatch, is_first: bool
) -> None:
    workbook, made = form(settings=version("2")), list[int]()
    earlier = [] if is_first else [publish(project, form(settings=version("1"))).pk]
    together = threading.Barrier(3)  # all have compiled before any of them writes

    def compile_together(data: bytes) -> CompiledForm:
        compiled = compile_workbook(data)
        together.wait(timeout=60)
        return compiled

    def run() -> None:
        made.append(publish(project, workbook).pk)
        connection.close()

    monkeypatch.setattr(sandbox, "compile_apart", compile_together)
    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    versions = FormVersion.objects.order_by("pk").values_list("pk", flat=True)
    assert list(versions) == [*earlier, made[0]]
    assert made == [made[0]] * 3
