"""Entity lists, as ODK Central spells them: `dataset` on its wire (openrosa.md §6.1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import people, problems
from server.api.endpoint import Endpoint, checked
from server.api.moments import Moment, written
from server.api.projects import EXTENDED, is_extended
from server.api.schema import refusals
from server.api.shapes import Done
from server.entities.models import EntityList
from server.entities.problems import (
    EntityListExists,
    EntityListKept,
    EntityListUnknown,
    EntityPropertyExists,
    EntityPropertyUnknown,
)
from server.forms.fields import odata_names
from server.forms.models import Form
from server.forms.problems import EntityNameInvalid
from server.inspections import entity_desk
from server.inspections.entity_desk import ListSum

DEFAULT_OWNER = "app_user"  # the property that says whose a row is, where none is named
_CALLER = (problems.Unauthenticated, problems.NotFound)


class DatasetShape(serializers.Serializer[Any]):
    """One list."""

    name = serializers.CharField()
    projectId = serializers.IntegerField(source="project_id")
    createdAt = Moment(source="created_at")
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
    publishedAt = Moment()
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


class NewDatasetShape(serializers.Serializer[Any]):
    """A list that is to be made."""

    name = serializers.CharField(max_length=255, help_text="chữ cái đầu; chữ, số, _ và -")
    approvalRequired = serializers.BooleanField(default=False)
    ownerOnly = serializers.BooleanField(
        required=False, default=False, help_text="chỉ đặt được sau, khi đã có thuộc tính"
    )

    def validate_ownerOnly(self, given: bool) -> bool:
        """Refuse what a list without properties cannot keep: all phones would get all rows."""
        if given:
            raise serializers.ValidationError(
                f"Lập danh sách, thêm thuộc tính ghi máy nhận dòng ({DEFAULT_OWNER}), rồi PATCH."
            )
        return given


class NewPropertyShape(serializers.Serializer[Any]):
    """A property that is to be added."""

    name = serializers.CharField(max_length=255, help_text="chữ cái đầu; chữ, số, _ . và -")


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
_NEW = OpenApiExample("danh sách mới", request_only=True, value={"name": "co_so"})
_PROPERTY = OpenApiExample("thuộc tính mới", request_only=True, value={"name": "dia_chi"})
_BODY = (
    problems.BodyMalformed,
    problems.BodyTooLarge(most_bytes=250_000),
    problems.MediaTypeUnsupported,
    problems.ParameterInvalid(field="name", reason="Trường này là bắt buộc."),
    EntityNameInvalid(name="__x"),
)
_CHANGE = OpenApiExample("chờ duyệt", request_only=True, value={"approvalRequired": True})


class Datasets(Endpoint):
    """All of a project's."""

    @extend_schema(
        operation_id="datasets",
        summary="Các danh sách bản ghi mà điện thoại giữ",
        parameters=[EXTENDED],
        responses={200: DatasetShape(many=True), **refusals(*_CALLER)},
        examples=[_EXAMPLE],
    )
    def get(self, request: Request, project_id: int) -> Response:
        """Return them by name."""
        membership = people.member(request, project_id)
        found = entity_desk.standing_lists(membership)
        if not is_extended(request):
            return Response(DatasetShape(found, many=True).data)
        sums = entity_desk.sums(membership)
        return Response([{**DatasetShape(one).data, **_figures(sums, one)} for one in found])

    @extend_schema(
        operation_id="makeDataset",
        summary="Lập một danh sách bản ghi",
        request=NewDatasetShape,
        responses={
            200: DatasetDetailShape,
            **refusals(*_CALLER, *_BODY, EntityListExists(list="co_so")),
        },
        examples=[_NEW, _WHOLE],
    )
    def post(self, request: Request, project_id: int) -> Response:
        """Make one that no form speaks of yet, for managers."""
        people.manager(request, project_id)
        asked = checked(NewDatasetShape(data=request.data))
        entity_list = entity_desk.create_list(
            project_id,
            asked["name"],
            people.actor(request),
            approval_required=asked["approvalRequired"],
        )
        return Response(_whole(entity_list))


class OneDataset(Endpoint):
    """One of them."""

    @extend_schema(
        operation_id="dataset",
        summary="Một danh sách: thuộc tính và các biểu liên quan",
        parameters=[EXTENDED],
        responses={
            200: DatasetDetailShape,
            **refusals(*_CALLER, EntityListUnknown(list="kien_ngi")),
        },
        examples=[_WHOLE],
    )
    def get(self, request: Request, project_id: int, name: str) -> Response:
        """Return it."""
        membership = people.member(request, project_id)
        found = entity_desk.find_list(membership, name)
        figures = _figures(entity_desk.sums(membership), found) if is_extended(request) else {}
        return Response({**_whole(found), **figures})

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


class DatasetProperties(Endpoint):
    """What the entities of a list have."""

    @extend_schema(
        operation_id="makeDatasetProperty",
        summary="Thêm một thuộc tính cho danh sách",
        request=NewPropertyShape,
        responses={
            200: Done,
            **refusals(
                *_CALLER,
                *_BODY,
                EntityListUnknown(list="kien_ngi"),
                EntityListKept(list="viec"),
                EntityPropertyExists(list="co_so", property="dia_chi"),
            ),
        },
        examples=[_PROPERTY],
    )
    def post(self, request: Request, project_id: int, name: str) -> Response:
        """Add one, for managers; phones get its column with their next list."""
        membership = people.manager(request, project_id)
        asked = checked(NewPropertyShape(data=request.data))
        entity_list = entity_desk.find_list(membership, name)
        entity_desk.give_property(entity_list, asked["name"], people.actor(request))
        return Response({"success": True})


def _figures(sums: Mapping[int, ListSum], entity_list: EntityList) -> dict[str, Any]:
    """Return what Central tells with X-Extended-Metadata; ruODK insists on `lastEntity`."""
    found = sums.get(entity_list.pk, ListSum())
    return {
        "entities": found.entities,
        "lastEntity": found.last_at and written(found.last_at),
        "conflicts": found.conflicts,
    }


def _whole(entity_list: EntityList) -> dict[str, Any]:
    forms = entity_desk.related(entity_list)
    published = DatasetShape(entity_list).data["createdAt"]
    return {
        **DatasetShape(entity_list).data,
        "properties": [
            {
                "name": name,
                "odataName": spelt,
                "publishedAt": _declared(entity_list, name) or published,
                "forms": [],
            }
            for name, spelt in odata_names(entity_desk.columns(entity_list)).items()
        ],
        "linkedForms": [_form(form) for form in forms.linked],
        "sourceForms": [_form(form) for form in forms.sources],
    }


def _declared(entity_list: EntityList, name: str) -> str:
    at = entity_list.declared.get(name)
    return written(dt.datetime.fromisoformat(at)) if at else ""


def _form(form: Form) -> dict[str, str]:
    title = form.current_version.title if form.current_version else ""
    return {"xmlFormId": form.form_id, "name": title}
