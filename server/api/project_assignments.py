"""Who may do what in a project: `assignments`, by ODK Central's addresses and our roles.

A script's key reads these and changes none: whoever got hold of one would keep a foot in the door.
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import examples, people, problems, role_table
from server.api.endpoint import Endpoint, checked
from server.api.moments import Moment
from server.api.projects import UserShape
from server.api.schema import refusals
from server.api.shapes import Done
from server.api.users import LinkQuery, linked
from server.communes.problems import CommunesNotLoaded, CommuneUnknown
from server.communes.roster import Person, person, roster
from server.communes.scope import known_communes
from server.projects import people as acts
from server.projects.account_problems import (
    AssignmentByKey,
    LastManager,
    NotManagerNow,
    PersonNeedsLink,
    PersonUnknown,
)
from server.projects.models import Membership, Role

_CALLER = (problems.Unauthenticated, problems.NotFound)
_CHANGING = (
    *_CALLER,
    *(AssignmentByKey, NotManagerNow, PersonUnknown(id=12), LastManager(name="Lan")),
)
_ROLE = OpenApiParameter(
    "role", str, location="path", description="số hoặc tên, như ở /v1/roles: 5 hoặc manager"
)


class AssignmentShape(serializers.Serializer[Any]):
    """What one person may do, and where."""

    actorId = serializers.IntegerField(source="user.pk")
    roleId = serializers.SerializerMethodField(help_text="số của vai trò, xem /v1/roles")
    role = serializers.CharField(source="membership.role")
    communes = serializers.ListField(
        source="membership.commune_uids",
        child=serializers.CharField(),
        help_text="mã xã, phường mà người giám sát phụ trách; rỗng: mọi xã",
    )
    actor = UserShape(source="user")

    def get_roleId(self, person: Person) -> int:
        """Give the number of the role."""
        return role_table.number_of(person.membership.role)


class AssignmentQuery(serializers.Serializer[Any]):
    """Where somebody may do it, and who they are where their number alone does not do."""

    communes = serializers.ListField(
        child=serializers.CharField(max_length=24),
        default=list,
        max_length=1000,
        help_text="mã xã, phường, ví dụ 05665@2025-07-01; rỗng: mọi xã. Chỉ cho supervisor",
    )
    email = serializers.CharField(
        max_length=254,
        default="",
        allow_blank=True,
        help_text="địa chỉ thư của người không thuộc chương trình nào bạn quản lý",
    )


_EXAMPLE = OpenApiExample(
    "một người giám sát",
    response_only=True,
    status_codes=["200"],
    value={
        "actorId": 12,
        "roleId": 100,
        "role": "supervisor",
        "communes": ["05665@2025-07-01"],
        "actor": {
            "id": 12,
            "type": "user",
            "displayName": "Nguyễn Thị Hoa",
            "email": "hoa.nt@example.vn",
            "createdAt": "2026-03-02T02:00:00.000Z",
            "updatedAt": None,
        },
    },
)
_ASKED = OpenApiExample(
    "phụ trách một xã", request_only=True, value={"communes": ["05665@2025-07-01"]}
)


class AssignedShape(Done):
    """That a role was given; or, with a link, how its holder comes by it."""

    isInvited = serializers.BooleanField(
        required=False, help_text="true: chỉ vào chương trình khi người đó nhận lời mời ở link"
    )
    link = serializers.CharField(required=False, help_text="chỉ khi hỏi link=true và khi cần")
    linkExpiresAt = Moment(required=False)


class ProjectAssignments(Endpoint):
    """Those of a project."""

    @extend_schema(
        operation_id="projectAssignments",
        summary="Ai được làm gì trong chương trình",
        responses={200: AssignmentShape(many=True), **refusals(*_CALLER)},
        examples=[_EXAMPLE],
    )
    def get(self, request: Request, project_id: int) -> Response:
        """Return everybody by name, those who are locked too."""
        people.manager(request, project_id)
        return Response(AssignmentShape(roster(project_id, "all").shown, many=True).data)


class ProjectAssignmentsOfRole(Endpoint):
    """Those with one role."""

    @extend_schema(
        operation_id="projectAssignmentsOfRole",
        summary="Những người có một vai trò trong chương trình",
        parameters=[_ROLE],
        responses={200: UserShape(many=True), **refusals(*_CALLER)},
    )
    def get(self, request: Request, project_id: int, role: str) -> Response:
        """Return the people themselves, by name; of a role that is not known here, none."""
        people.manager(request, project_id)
        wanted, everybody = role_table.role_of(role), roster(project_id, "all").shown
        found = [one.user for one in everybody if one.membership.role == wanted]
        return Response(UserShape(found, many=True).data)


class ProjectAssignment(Endpoint):
    """One person and one role."""

    @extend_schema(
        operation_id="assignRole",
        summary="Giao vai trò cho một người; đưa vào chương trình nếu chưa có",
        parameters=[_ROLE, LinkQuery],
        request=AssignmentQuery,
        responses={
            200: AssignedShape,
            **refusals(
                *_CHANGING,
                PersonNeedsLink,
                CommuneUnknown(unit="1", nearest="05665@2025-07-01 – Xã Đồng Hỷ"),
                CommunesNotLoaded,
                problems.BodyMalformed,
                problems.BodyTooLarge(most_bytes=250_000),
                problems.MediaTypeUnsupported,
                problems.ParameterInvalid(field="communes", reason="Phải là danh sách."),
            ),
        },
        examples=[_ASKED, examples.DONE],
    )
    def post(self, request: Request, project_id: int, role: str, user_id: int) -> Response:
        """Give the role in place of the one they have, if any; repeating it changes nothing.

        Somebody who is of none of the caller's projects, and was not let in by them, is put into
        one by their number and their address together. Whoever was let in by others comes in by a
        link, which is told once, with `?link=true`: for an account of other projects it is an
        invitation, which wants the password in use and another one; for an account of none it sets
        the password.
        """
        wants_link = checked(LinkQuery(data=request.query_params))["link"]
        by, wanted = _manager(request, project_id, role)
        asked = checked(AssignmentQuery(data=request.data))
        uids = known_communes(asked["communes"])
        done = acts.assign(by, user_id, wanted, uids, email=asked["email"], wants_link=wants_link)
        said: dict[str, Any] = {}
        if done.link:
            page = "invitation" if done.is_invited else "set_password"
            said = {"isInvited": done.is_invited, **linked(request, done.link, page)}
        return Response({"success": True, **said})

    @extend_schema(
        operation_id="withdrawRole",
        summary="Đưa một người ra khỏi chương trình",
        parameters=[_ROLE],
        responses={200: Done, **refusals(*_CHANGING)},
        examples=[examples.DONE],
    )
    def delete(self, request: Request, project_id: int, role: str, user_id: int) -> Response:
        """Take somebody with this role out of the project; the account stays."""
        by, wanted = _manager(request, project_id, role)
        if person(project_id, user_id).membership.role != wanted:
            raise PersonUnknown(id=user_id)
        acts.remove(by, user_id)
        return Response({"success": True})


def _manager(request: Request, project_id: int, role: str) -> tuple[Membership, Role]:
    """Return who changes roles, and to which. Raises NotFound for none; AssignmentByKey."""
    by, wanted = people.manager(request, project_id), role_table.role_of(role)
    if wanted is None:
        raise problems.NotFound
    if by.user.api_key is not None:
        raise AssignmentByKey
    return by, wanted
