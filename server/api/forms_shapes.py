"""The JSON of forms, as ODK Central spells it; with examples (openrosa.md §6.1)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from server.api.files import Xlsx
from server.api.moments import Moment, written
from server.forms.models import FormState, FormVersion
from server.forms.register import FormEntry
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
    """One form, with figures."""

    submissions = serializers.IntegerField()
    lastSubmission = Moment(allow_null=True)
    reviewStates = serializers.DictField(child=serializers.IntegerField())
    excelContentType = serializers.CharField(allow_null=True)


class VersionShape(DefinitionShape):
    """One published version."""

    name = serializers.CharField(source="title")
    version = serializers.CharField(allow_blank=True)
    hash = serializers.CharField(source="md5", help_text="MD5, không có tiền tố md5:")
    current = serializers.SerializerMethodField(help_text="bản điện thoại đang nhận")

    def get_current(self, version: FormVersion) -> bool:
        """Tell whether phones get it."""
        return version.form.current_version_id == version.pk


class StateShape(serializers.Serializer[Any]):
    """What devices may do from now on."""

    state = serializers.ChoiceField(choices=FormState.choices)


def extended(entry: FormEntry, count: FormCount) -> dict[str, Any]:
    """Return a form with its figures; Central counts `received` as null and names three states."""
    states = (ReviewState.RECEIVED, ReviewState.HAS_ISSUES, ReviewState.EDITED)
    return {
        **FormShape(entry).data,
        "submissions": count.submissions,
        "lastSubmission": count.last_at and written(count.last_at),
        "reviewStates": {str(state): count.by_state.get(state, 0) for state in states},
        "excelContentType": Xlsx.media_type if entry.definition.workbook_sha256 else None,
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
