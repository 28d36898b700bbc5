"""The JSON of forms, as ODK Central spells it; with examples (openrosa.md §6.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from server.api.files import Xlsx
from server.api.moments import Moment, written
from server.api.shapes import Done
from server.api.submissions_shapes import ActorShape, actor
from server.forms.models import AttachmentSource, FormState, FormVersion, NeededFile
from server.forms.register import FormEntry
from server.projects.models import User
from server.submissions.counts import FormCount
from server.submissions.models import ReviewState


class DefinitionShape(serializers.Serializer[Any]):
    """What a form and each of its versions have in common; pyodk insists on every key."""

    projectId = serializers.IntegerField(source="form.project_id")
    xmlFormId = serializers.CharField(source="form.form_id")
    state = serializers.ChoiceField(choices=FormState.choices, source="form.state")
    enketoId = serializers.SerializerMethodField(help_text="luôn null")
    keyId = serializers.SerializerMethodField(help_text="luôn null: không mã hóa")
    createdAt = Moment(source="form.created_at")
    updatedAt = Moment(source="published_at", allow_null=True)
    publishedAt = Moment(
        source="published_at", allow_null=True, help_text="null: mới chỉ có bản thử"
    )

    def get_enketoId(self, _: Any) -> str | None:
        """Give nothing: forms are filled in on phones."""
        return None

    def get_keyId(self, _: Any) -> int | None:
        """Give nothing: forms are not encrypted."""
        return None


class FormShape(DefinitionShape):
    """One form, by its current version or its only draft."""

    name = serializers.CharField(source="definition.title")
    version = serializers.CharField(source="definition.version", allow_blank=True)
    hash = serializers.CharField(source="definition.md5", help_text="MD5, không có tiền tố md5:")
    draftedAt = Moment(
        source="drafted_at", allow_null=True, help_text="bản thử hiện có; null: không có"
    )


class FormDetailShape(FormShape):
    """One form, with figures where they are asked for (X-Extended-Metadata)."""

    submissions = serializers.IntegerField(required=False)
    lastSubmission = Moment(required=False, allow_null=True)
    reviewStates = serializers.DictField(required=False, child=serializers.IntegerField())
    excelContentType = serializers.CharField(required=False, allow_null=True)
    createdBy = ActorShape(required=False, help_text="số 0: lệnh trên máy chủ")
    id = serializers.IntegerField(required=False, help_text="chỉ khi hỏi deleted=true")
    deletedAt = Moment(required=False, help_text="chỉ khi hỏi deleted=true")


class DeletedFormShape(FormShape):
    """One form that is in the trash."""

    id = serializers.IntegerField(source="form.pk", help_text="restore nhận số này hoặc xmlFormId")
    deletedAt = Moment(source="form.deleted_at")


class FormVersionShape(DefinitionShape):
    """One published version."""

    name = serializers.CharField(source="title")
    version = serializers.CharField(allow_blank=True)
    hash = serializers.CharField(source="md5", help_text="MD5, không có tiền tố md5:")
    current = serializers.SerializerMethodField(help_text="bản điện thoại đang nhận")

    def get_current(self, version: FormVersion) -> bool:
        """Tell whether phones get it."""
        return version.form.current_version_id == version.pk


def of_publication(
    version: FormVersion, publishers: Mapping[str, User], *, with_notes: bool
) -> dict[str, Any]:
    """Return what `X-Extended-Metadata` adds to a version; nobody where a command published it.

    with_notes: what its publisher said of it too, null for nothing.
    """
    by = publishers.get(version.version)
    return {
        **({"publishNotes": version.note or None} if with_notes else {}),
        "publishedBy": actor(by) if by else None,
        "excelContentType": Xlsx.media_type if version.workbook_sha256 else None,
    }


class DraftShape(DefinitionShape):
    """A version to try."""

    name = serializers.CharField(source="title")
    version = serializers.CharField(allow_blank=True)
    hash = serializers.CharField(source="md5", help_text="MD5, không có tiền tố md5:")
    updatedAt = Moment(source="made_at")
    publishedAt = serializers.SerializerMethodField(  # type: ignore[assignment]  # always null
        help_text="luôn null"
    )

    def get_publishedAt(self, _: Any) -> str | None:
        """Give nothing: it is a draft."""
        return None


class NewFormShape(FormShape):
    """A form that was just made."""

    draftToken = serializers.CharField(
        required=False, help_text="mở bản thử; chỉ được cho biết lần này"
    )


class NewDraftShape(Done):
    """A draft that was just made."""

    draftToken = serializers.CharField(help_text="mở bản thử; chỉ được cho biết lần này")


class DefinitionQuery(serializers.Serializer[Any]):
    """How a definition is to be taken."""

    ignoreWarnings = serializers.BooleanField(required=False, default=False)


class FormListQuery(serializers.Serializer[Any]):
    """Which forms."""

    deleted = serializers.BooleanField(
        default=False, help_text="true: các biểu đã xóa còn khôi phục được; chỉ quản lý"
    )


class NewFormQuery(DefinitionQuery):
    """How a new form is to be taken."""

    publish = serializers.BooleanField(
        required=False, default=False, help_text="bỏ trống: chỉ tạo bản thử"
    )


class PublishQuery(serializers.Serializer[Any]):
    """What the published version is to be called."""

    version = serializers.CharField(
        required=False, max_length=249, help_text="ghi vào XForm; bỏ trống: như trong bản thử"
    )


class FieldsQuery(serializers.Serializer[Any]):
    """How paths are to be written."""

    odata = serializers.BooleanField(
        required=False, default=False, help_text="tên như trong nguồn OData"
    )


class FieldShape(serializers.Serializer[Any]):
    """One question, group or repeat."""

    path = serializers.CharField(help_text="ví dụ /h/h_date")
    name = serializers.CharField()
    type = serializers.CharField(help_text="string, int, date, structure, repeat…")
    binary = serializers.BooleanField(allow_null=True)
    selectMultiple = serializers.BooleanField(allow_null=True, source="is_multiple")


class AttachmentShape(serializers.Serializer[Any]):
    """A file that the form needs (openrosa.md §6.3)."""

    name = serializers.CharField()
    type = serializers.CharField(source="kind")
    hash = serializers.SerializerMethodField()
    exists = serializers.SerializerMethodField(help_text="điện thoại nhận được tệp này")
    blobExists = serializers.SerializerMethodField(help_text="có tệp đã tải lên")
    datasetExists = serializers.SerializerMethodField(help_text="máy chủ lập từ danh sách bản ghi")
    updatedAt = serializers.SerializerMethodField(help_text="luôn null")
    size = serializers.IntegerField(allow_null=True, help_text="byte; null: chưa có tệp")

    def get_hash(self, file: NeededFile) -> str | None:
        """Give the MD5 of the file, nothing for a list that is made anew each time."""
        return file.md5 or None

    def get_exists(self, file: NeededFile) -> bool:
        """Tell whether phones get it."""
        return bool(file.sha256) or file.source != AttachmentSource.FILE

    def get_blobExists(self, file: NeededFile) -> bool:
        """Tell whether somebody has uploaded it."""
        return bool(file.sha256)

    def get_datasetExists(self, file: NeededFile) -> bool:
        """Tell whether it is an entity list."""
        return file.source == AttachmentSource.ENTITIES

    def get_updatedAt(self, file: NeededFile) -> str | None:
        """Give nothing: it is not kept."""
        return None


class GivenShape(Done, AttachmentShape):
    """A file that was just uploaded; old clients look at `success` only."""


class StateShape(serializers.Serializer[Any]):
    """What devices may do from now on."""

    state = serializers.ChoiceField(choices=FormState.choices)


def extended(entry: FormEntry, count: FormCount, maker: User | None) -> dict[str, Any]:
    """Return a form with its figures; Central counts `received` as null and names three states.

    maker: None where a command has made it; ruODK insists on a number and a name.
    """
    states = (ReviewState.RECEIVED, ReviewState.HAS_ISSUES, ReviewState.EDITED)
    return {
        **FormShape(entry).data,
        "submissions": count.submissions,
        "lastSubmission": count.last_at and written(count.last_at),
        "reviewStates": {str(state): count.by_state.get(state, 0) for state in states},
        "excelContentType": Xlsx.media_type if entry.definition.workbook_sha256 else None,
        "createdBy": actor(maker) if maker else _server(entry),
    }


def _server(entry: FormEntry) -> dict[str, Any]:
    return {
        "id": 0,
        "type": "user",
        "displayName": "Máy chủ",
        "createdAt": written(entry.form.created_at),
        "updatedAt": None,
        "deletedAt": None,
    }


_FORM = {
    "projectId": 1,
    "xmlFormId": "kt_18_5",
    "name": "Kiểm tra Chỉ tiêu 18.5",
    "version": "2026052001",
    "hash": "5d41402abc4b2a76b9719d911017c592",
    "state": "open",
    "enketoId": None,
    "keyId": None,
    "createdAt": "2026-05-20T03:00:00.000Z",
    "updatedAt": "2026-05-20T03:00:00.000Z",
    "publishedAt": "2026-05-20T03:00:00.000Z",
}
FORM = OpenApiExample(
    "một biểu", response_only=True, status_codes=["200"], value={**_FORM, "draftedAt": None}
)
VERSION = OpenApiExample(
    "một phiên bản", response_only=True, status_codes=["200"], value={**_FORM, "current": True}
)
STATE = OpenApiExample("sắp đóng", request_only=True, value={"state": "closing"})
NEW_FORM = OpenApiExample(
    "bản thử của biểu mới",
    response_only=True,
    status_codes=["200"],
    value={
        **_FORM,
        "updatedAt": None,
        "publishedAt": None,
        "draftedAt": "2026-05-20T03:00:00.000Z",
        "draftToken": "kq0…",
    },
)
NEW_DRAFT = OpenApiExample(
    "bản thử mới",
    response_only=True,
    status_codes=["200"],
    value={"success": True, "draftToken": "kq0…"},
)
DRAFT = OpenApiExample(
    "bản thử", response_only=True, status_codes=["200"], value={**_FORM, "publishedAt": None}
)
FIELD = OpenApiExample(
    "một câu hỏi",
    response_only=True,
    status_codes=["200"],
    value={
        "path": "/h/h_date",
        "name": "h_date",
        "type": "date",
        "binary": None,
        "selectMultiple": None,
    },
)
_FILE = {
    "name": "bang_gia.csv",
    "type": "file",
    "hash": "5d41402abc4b2a76b9719d911017c592",
    "exists": True,
    "blobExists": True,
    "datasetExists": False,
    "updatedAt": None,
    "size": 1234,
}
ATTACHMENT = OpenApiExample("một tệp", response_only=True, status_codes=["200"], value=_FILE)
GIVEN = OpenApiExample(
    "đã nhận", response_only=True, status_codes=["200"], value={"success": True, **_FILE}
)
