"""Entity lists, as ODK Central spells them: `dataset` on its wire (openrosa.md §6.1)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import people, problems
from server.api.endpoint import Endpoint, checked
from server.api.schema import refusals
from server.entities.models import EntityList
from server.entities.problems import EntityListKept, EntityListUnknown, EntityPropertyUnknown
from server.forms.models import Form
from server.inspections import entity_desk
from server.inspections.lists import properties

DEFAULT_OWNER = "app_user"  # the property that says whose a row is, where none is named
_CALLER = (problems.Unauthenticated, problems.NotFound)


class DatasetShape(serializers.Serializer[Any]):
    """One list."""

    name = serializers.CharField()
    projectId = serializers.IntegerField(source="project_id")
    createdAt = serializers.DateTimeField(source="created_at")
    approvalRequired = serializers.BooleanField(
        source="approval_required", help_text="bản ghi mới chờ duyệt hồ sơ"
    )
    ownerOnly = serializers.SerializerMethodField(help_text="mỗi máy chỉ nhận dòng của mình")
    ownerProperty = serializers.CharField(
        source="owner_property", allow_blank=True, help_text="thuộc tính ghi máy nào nhận dòng"
    )

    def get_ownerOnly(self, entity_list: EntityList) -> bool:
        """Tell whether each device gets its own rows only."""
        return bool(entity_list.owner_property)


class LinkedFormShape(serializers.Serializer[Any]):
    """A form that has to do with the list."""

    xmlFormId = serializers.CharField()
    name = serializers.CharField()


class PropertyShape(serializers.Serializer[Any]):
    """One property."""

    name = serializers.CharField()
    odataName = serializers.CharField()
    publishedAt = serializers.DateTimeField()
    forms = serializers.ListField(child=serializers.CharField(), help_text="luôn rỗng (pyodk 1.3)")


class DatasetDetailShape(DatasetShape):
    """One list with what it has."""

    properties = PropertyShape(many=True)
    linkedForms = LinkedFormShape(many=True, help_text="biểu chọn từ danh sách")
    sourceForms = LinkedFormShape(many=True, help_text="biểu tạo hoặc sửa bản ghi")


class DatasetChangeShape(serializers.Serializer[Any]):
    """What is to be set; what is left out stays."""

    approvalRequired = serializers.BooleanField(required=False, allow_null=True, default=None)
    ownerOnly = serializers.BooleanField(required=False, allow_null=True, default=None)
    ownerProperty = serializers.CharField(
        max_length=255, required=False, default=DEFAULT_OWNER, help_text="khi ownerOnly là true"
    )


_ONE = {
    "name": "kien_nghi",
    "projectId": 1,
    "createdAt": "2026-05-20T03:00:00Z",
    "approvalRequired": False,
    "ownerOnly": False,
    "ownerProperty": "",
}
_DETAIL = {
    **_ONE,
    "properties": [
        {"name": "han", "odataName": "han", "publishedAt": "2026-05-20T03:00:00Z", "forms": []}
    ],
    "linkedForms": [{"xmlFormId": "theo_doi", "name": "Theo dõi kiến nghị"}],
    "sourceForms": [{"xmlFormId": "kt_18_5", "name": "Kiểm tra chỉ tiêu 18.5"}],
}
_EXAMPLE = OpenApiExample("một danh sách", response_only=True, status_codes=["200"], value=_ONE)
_WHOLE = OpenApiExample("đầy đủ", response_only=True, status_codes=["200"], value=_DETAIL)
_CHANGE = OpenApiExample("chờ duyệt", request_only=True, value={"approvalRequired": True})


class Datasets(Endpoint):
    """All of a project's."""

    @extend_schema(
        operation_id="datasets",
        summary="Các danh sách bản ghi mà điện thoại giữ",
        responses={200: DatasetShape(many=True), **refusals(*_CALLER)},
        examples=[_EXAMPLE],
    )
    def get(self, request: Request, project_id: int) -> Response:
        """Return them by name."""
        membership = people.member(request, project_id)
        return Response(DatasetShape(entity_desk.lists(membership), many=True).data)


class OneDataset(Endpoint):
    """One of them."""

    @extend_schema(
        operation_id="dataset",
        summary="Một danh sách: thuộc tính và các biểu liên quan",
        responses={
            200: DatasetDetailShape,
            **refusals(*_CALLER, EntityListUnknown(list="kien_ngi")),
        },
        examples=[_WHOLE],
    )
    def get(self, request: Request, project_id: int, name: str) -> Response:
        """Return it."""
        membership = people.member(request, project_id)
        return Response(_whole(entity_desk.find_list(membership, name)))

    @extend_schema(
        operation_id="setDataset",
        summary="Đặt danh sách: chờ duyệt, hoặc mỗi máy chỉ nhận dòng của mình",
        request=DatasetChangeShape,
        responses={
            200: DatasetDetailShape,
            **refusals(
                *_CALLER,
                problems.BodyMalformed,
                problems.BodyTooLarge(most_bytes=250_000),
                problems.MediaTypeUnsupported,
                problems.ParameterInvalid(field="approvalRequired", reason="Không phải đúng/sai."),
                EntityListUnknown(list="kien_ngi"),
                EntityListKept(list="viec"),
                EntityPropertyUnknown(list="kien_nghi", property="app_user", known="han, xa"),
            ),
        },
        examples=[_CHANGE, _WHOLE],
    )
    def patch(self, request: Request, project_id: int, name: str) -> Response:
        """Set it, for managers; what already waits for approval goes on waiting."""
        membership = people.manager(request, project_id)
        asked = checked(DatasetChangeShape(data=request.data))
        owner = {None: None, True: asked["ownerProperty"], False: ""}[asked["ownerOnly"]]
        entity_list = entity_desk.configure(
            entity_desk.find_list(membership, name),
            people.actor(request),
            approval_required=asked["approvalRequired"],
            owner=owner,
        )
        return Response(_whole(entity_list))


def _whole(entity_list: EntityList) -> dict[str, Any]:
    forms = entity_desk.related(entity_list)
    published = DatasetShape(entity_list).data["createdAt"]
    return {
        **DatasetShape(entity_list).data,
        "properties": [
            {"name": name, "odataName": _odata(name), "publishedAt": published, "forms": []}
            for name in properties(entity_list.project_id, entity_list.name)
        ],
        "linkedForms": [_form(form) for form in forms.linked],
        "sourceForms": [_form(form) for form in forms.sources],
    }


def _odata(name: str) -> str:
    """Return a property's name as OData can spell it."""
    return name.replace("-", "_").replace(".", "_")


def _form(form: Form) -> dict[str, str]:
    title = form.current_version.title if form.current_version else ""
    return {"xmlFormId": form.form_id, "name": title}
