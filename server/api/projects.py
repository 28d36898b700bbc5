"""Who is calling, and the projects that they are in."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, Count, OuterRef, Q, QuerySet, Subquery, When
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import people, problems, role_table
from server.api.endpoint import Endpoint, checked
from server.api.moments import Moment
from server.api.schema import refusals
from server.projects import accounts
from server.projects.models import Project, User
from server.submissions.models import Submission

EXTENDED = OpenApiParameter(
    "X-Extended-Metadata",
    str,
    OpenApiParameter.HEADER,
    description="`true`: thêm số liệu tổng hợp vào câu trả lời.",
)


def is_extended(request: Request) -> bool:
    """Tell whether the caller asks for the figures as well."""
    return request.headers.get("X-Extended-Metadata", "").lower() == "true"


class UserShape(serializers.Serializer[Any]):
    """A person."""

    id = serializers.IntegerField()
    type = serializers.SerializerMethodField()
    displayName = serializers.CharField(source="display_name")
    email = serializers.CharField()
    createdAt = Moment(source="created_at")
    updatedAt = serializers.SerializerMethodField(help_text="luôn null")

    def get_type(self, user: User) -> str:
        """Give Central's word for people."""
        return "user"

    def get_updatedAt(self, user: User) -> str | None:
        """Give nothing: it is not kept."""
        return None


class AccountShape(UserShape):
    """A person, with when they came last."""

    lastLoginAt = Moment(source="last_login", allow_null=True)


class ProjectShape(serializers.Serializer[Any]):
    """A survey programme."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    description = serializers.SerializerMethodField(help_text="luôn trống")
    archived = serializers.SerializerMethodField()
    keyId = serializers.SerializerMethodField(help_text="luôn null: không mã hóa")
    createdAt = Moment(source="created_at")
    updatedAt = Moment(source="archived_at", allow_null=True)
    deletedAt = serializers.SerializerMethodField(help_text="luôn null")
    forms = serializers.IntegerField(required=False)
    appUsers = serializers.IntegerField(required=False, source="app_users")
    lastSubmission = Moment(required=False, allow_null=True, source="last_submission")

    def get_description(self, project: Project) -> str:
        """Give nothing: projects have none."""
        return ""

    def get_archived(self, project: Project) -> bool:
        """Tell whether it is over."""
        return project.archived_at is not None

    def get_keyId(self, project: Project) -> int | None:
        """Give nothing: projects are not encrypted."""
        return None

    def get_deletedAt(self, project: Project) -> str | None:
        """Give nothing: projects are not deleted."""
        return None


_USER = OpenApiExample(
    "người đang gọi",
    response_only=True,
    status_codes=["200"],
    value={
        "id": 3,
        "type": "user",
        "displayName": "Chị Hoa",
        "email": "hoa@example.org",
        "createdAt": "2026-05-20T03:00:00.000Z",
        "updatedAt": None,
        "lastLoginAt": "2026-06-11T09:12:44.000Z",
    },
)
_PROJECT = OpenApiExample(
    "một chương trình",
    response_only=True,
    status_codes=["200"],
    value={
        "id": 1,
        "name": "Bình đẳng giới Thái Nguyên",
        "description": "",
        "archived": False,
        "keyId": None,
        "createdAt": "2026-05-20T03:00:00.000Z",
        "updatedAt": None,
        "deletedAt": None,
        "forms": 4,
        "appUsers": 20,
        "lastSubmission": "2026-06-11T09:12:44.000Z",
    },
)


class CurrentUser(Endpoint):
    """The person who calls."""

    @extend_schema(
        operation_id="currentUser",
        summary="Người đang gọi",
        responses={200: AccountShape, **refusals(problems.Unauthenticated)},
        examples=[_USER],
    )
    def get(self, request: Request) -> Response:
        """Return who the token or the password belongs to; pyodk tries its kept token here."""
        return Response(AccountShape(people.caller(request)).data)


class Projects(Endpoint):
    """All that the caller is in."""

    @extend_schema(
        operation_id="projects",
        summary="Các chương trình của người gọi",
        parameters=[EXTENDED],
        responses={200: ProjectShape(many=True), **refusals(problems.Unauthenticated)},
        examples=[_PROJECT],
    )
    def get(self, request: Request) -> Response:
        """Return them by name, those that are over last; those of others are not there."""
        over = Case(When(archived_at=None, then=0), default=1)
        found = _projects(request).order_by(over, "name", "pk")
        return Response(ProjectShape(list(found), many=True).data)


class ProjectChangeQuery(serializers.Serializer[Any]):
    """What is to be changed."""

    name = serializers.CharField(required=False, max_length=200)
    archived = serializers.BooleanField(required=False, help_text="true: chương trình đã xong")
    description = serializers.CharField(
        required=False, allow_blank=True, allow_null=True, help_text="không lưu; chỉ nhận rỗng"
    )


_CHANGE = OpenApiExample("đổi tên", request_only=True, value={"name": "Bình đẳng giới Thái Nguyên"})


class ProjectDetailShape(ProjectShape):
    """The same, with what the caller may do there."""

    verbs = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="khi hỏi X-Extended-Metadata"
    )


class OneProject(Endpoint):
    """One of them."""

    @extend_schema(
        operation_id="project",
        summary="Một chương trình",
        parameters=[EXTENDED],
        responses={
            200: ProjectDetailShape,
            **refusals(problems.Unauthenticated, problems.NotFound),
        },
        examples=[_PROJECT],
    )
    def get(self, request: Request, project_id: int) -> Response:
        """Return it."""
        membership = people.member(request, project_id)
        told = ProjectShape(_projects(request).get(pk=project_id)).data
        verbs = {"verbs": role_table.verbs_of(membership.role)} if is_extended(request) else {}
        return Response({**told, **verbs})

    @extend_schema(
        operation_id="changeProject",
        summary="Đổi tên, đánh dấu đã xong",
        request=ProjectChangeQuery,
        responses={
            200: ProjectShape,
            **refusals(
                problems.Unauthenticated,
                problems.NotFound,
                problems.BodyMalformed,
                problems.BodyTooLarge(most_bytes=250_000),
                problems.MediaTypeUnsupported,
                problems.ParameterInvalid(field="name", reason="Không được để trống."),
            ),
        },
        examples=[_CHANGE, _PROJECT],
    )
    def patch(self, request: Request, project_id: int) -> Response:
        """Change what is named, for managers; phones of one that is over still send."""
        people.manager(request, project_id)
        asked = checked(ProjectChangeQuery(data=request.data))
        if asked.get("description"):
            raise problems.ParameterInvalid(
                field="description", reason="Chương trình không có phần mô tả."
            )
        changed = accounts.update_project(
            project_id,
            people.actor(request),
            name=asked.get("name"),
            is_archived=asked.get("archived"),
        )
        return Response(ProjectShape(changed).data)


def _projects(request: Request) -> QuerySet[Project]:
    user = people.caller(request)
    mine = Project.objects.filter(membership__user=user)
    if user.api_key is not None:
        mine = mine.filter(pk=user.api_key.project_id)
    if not is_extended(request):
        return mine
    last = Submission.objects.living().filter(form__project=OuterRef("pk"))
    return mine.annotate(
        forms=Count("form", filter=Q(form__deleted_at=None), distinct=True),
        app_users=Count(
            "appuser", filter=Q(appuser__revoked_at=None, appuser__is_public=False), distinct=True
        ),
        last_submission=Subquery(last.order_by("-created_at").values("created_at")[:1]),
    )
