"""The lists that phones hold: same tables, same bytes."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
from django.utils import timezone

from server.forms import entity_lists
from server.forms.entity_lists import DeclaredList
from server.forms.models import AttachmentSource, FormAttachment
from server.inspections import lists
from server.projects import accounts
from server.projects.models import AppUser, Project
from tests import builders


@pytest.fixture
def project(db: None) -> Project:
    return builders.project()


def test_communes_stand_in_vietnamese_order_with_their_days(project: Project) -> None:
    builders.commune("05665", "Xã Đồng Hỷ")
    builders.commune("05500", "Xã Dân Tiến", since=None, until=builders.REFORM)

    assert list(csv.DictReader(lists.communes_csv().decode().splitlines())) == [
        {
            "name": "05500@start",
            "label": "Xã Dân Tiến",
            "type": "xa",
            "area": "",
            "valid_from": "",
            "valid_to": "20250701",
        },
        {
            "name": "05665@2025-07-01",
            "label": "Xã Đồng Hỷ",
            "type": "xa",
            "area": "",
            "valid_from": "20250701",
            "valid_to": "",
        },
    ]


def test_a_list_is_the_same_bytes_until_its_table_changes(project: Project) -> None:
    builders.commune("05665", "Xã Đồng Hỷ")
    attachment = FormAttachment(name="communes.csv", source=AttachmentSource.COMMUNES)
    first = lists.rendered(attachment, project.pk)

    again = lists.rendered(attachment, project.pk)
    builders.commune("05500", "Xã Dân Tiến")
    changed = lists.rendered(attachment, project.pk)

    assert first == again
    assert changed.md5 != first.md5


def test_inspectors_are_those_whose_devices_may_still_send(project: Project) -> None:
    now = timezone.now()
    lan = accounts.create_app_user(project, 'Lan, "tổ 1"').app_user
    revoked = accounts.create_app_user(project, "Máy mất").app_user
    accounts.revoke_app_user(revoked.pk)
    accounts.create_app_user(project, "Máy mượn", expires_at=now)
    mai = accounts.create_app_user(project, "Mai", expires_at=now + dt.timedelta(days=1)).app_user
    accounts.create_app_user(accounts.create_project("Cao Bằng"), "Máy khác")
    attachment = FormAttachment(name="inspectors.csv", source=AttachmentSource.INSPECTORS)

    rendered = lists.rendered(attachment, project.pk)

    assert list(csv.reader(rendered.content.decode().splitlines())) == [
        ["name", "label", "username"],
        [lan.username, 'Lan, "tổ 1"', lan.username],
        [mai.username, "Mai", mai.username],
    ]


def test_a_carriage_return_in_a_cell_begins_no_row(project: Project) -> None:
    made = accounts.create_app_user(project, "Lan").app_user
    AppUser.objects.filter(pk=made.pk).update(display_name="Lan\rMai")

    rows = list(csv.DictReader(io.StringIO(lists.inspectors_csv(project.pk).decode(), newline="")))

    assert [row["label"] for row in rows] == ["Lan\rMai"]


def test_an_entity_list_has_the_columns_that_forms_filter_by(project: Project) -> None:
    for version, properties in (("1", ("xa",)), ("2", ("trang_thai", "xa"))):
        made = builders.form(project, builders.FORM.replace("| 1       |", f"| {version}       |"))
        declared = DeclaredList(
            "kien_nghi", properties, path="z_rec", can_create=True, can_update=False
        )
        made.entity_lists = entity_lists.dump([declared])
        made.save()

    headers = {
        name: lists.rendered(
            FormAttachment(name=f"{name}.csv", source=AttachmentSource.ENTITIES, list_name=name),
            project.pk,
        ).content.decode()
        for name in ("kien_nghi", "viec")
    }

    assert headers == {
        "kien_nghi": "name,label,__version,trang_thai,xa\n",
        "viec": "name,label,__version,app_user,bieu,han,ho_so,ly_do,trang_thai,tu_ngay,xa\n",
    }


def test_an_ordinary_file_is_no_list(project: Project) -> None:
    with pytest.raises(ValueError, match="is a file"):
        lists.rendered(FormAttachment(name="a.png", source=AttachmentSource.FILE), project.pk)


def test_a_unit_that_is_renamed_is_in_the_list_at_once(project: Project) -> None:
    unit = builders.commune("05665", "Xã Đồng Hỷ")
    before = lists.communes_csv()

    unit.name = "Phường Đồng Hỷ"
    unit.save()

    assert "Phường Đồng Hỷ" in lists.communes_csv().decode()
    assert "Phường Đồng Hỷ" not in before.decode()
