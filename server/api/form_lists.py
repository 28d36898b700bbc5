"""What a version of a form does to entity lists: `dataset-diff` (openrosa.md §6.2)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import people
from server.api.endpoint import Endpoint
from server.api.forms import UNKNOWN
from server.api.schema import refusals
from server.entities.models import EntityList
from server.forms import entity_lists, register
from server.forms.desk_problems import DraftNotThere
from server.forms.models import Definition
from server.inspections import entity_desk
from server.inspections.lists import open_declared


class ListPropertyShape(serializers.Serializer[Any]):
    """One property of a list."""

    name = serializers.CharField()
    inForm = serializers.BooleanField(help_text="biểu này ghi vào thuộc tính đó")
    isNew = serializers.BooleanField(required=False, help_text="chỉ ở bản thử")


class ListDifferenceShape(serializers.Serializer[Any]):
    """One list that the form writes to."""

    name = serializers.CharField()
    isNew = serializers.BooleanField(required=False, help_text="chỉ ở bản thử")
    properties = ListPropertyShape(many=True)


_EXAMPLE = OpenApiExample(
    "một danh sách",
    response_only=True,
    status_codes=["200"],
    value={"name": "kien_nghi", "properties": [{"name": "noi_dung", "inForm": True}]},
)


class FormLists(Endpoint):
    """Those of the current version."""

    @extend_schema(
        operation_id="formDatasetDiff",
        summary="Biểu ghi vào những danh sách nào",
        responses={200: ListDifferenceShape(many=True), **refusals(*UNKNOWN)},
        examples=[_EXAMPLE],
    )
    def get(self, request: Request, project_id: int, form_id: str) -> Response:
        """Return each list with all its properties, for reviewers."""
        people.reviewer(request, project_id)
        return Response(_differences(project_id, register.version(project_id, form_id)))


class DraftLists(Endpoint):
    """Those of the draft."""

    @extend_schema(
        operation_id="draftDatasetDiff",
        summary="Bản thử thêm gì vào những danh sách nào",
        responses={
            200: ListDifferenceShape(many=True),
            **refusals(*UNKNOWN, DraftNotThere(form_id="kt_18_5")),
        },
        examples=[_EXAMPLE],
    )
    def get(self, request: Request, project_id: int, form_id: str) -> Response:
        """Return each list, and what publishing would add to it, for managers."""
        people.manager(request, project_id)
        return Response(_differences(project_id, register.draft(project_id, form_id), news=True))


def _differences(
    project_id: int, version: Definition, *, news: bool = False
) -> list[dict[str, Any]]:
    declared: dict[str, set[str]] = {}
    for block in entity_lists.load(version.entity_lists):
        declared.setdefault(block.name, set()).update(block.properties)
    open_declared(project_id)
    standing = EntityList.objects.filter(project=project_id, name__in=declared)
    known = {one.name: frozenset(entity_desk.columns(one)) for one in standing}
    return [
        {
            "name": name,
            **({"isNew": name not in known} if news else {}),
            "properties": [
                {
                    "name": one,
                    "inForm": one in saved,
                    **({"isNew": one not in known.get(name, ())} if news else {}),
                }
                for one in sorted(saved | known.get(name, frozenset()))
            ],
        }
        for name, saved in sorted(declared.items())
    ]
