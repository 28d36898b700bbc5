"""Accounts: `users`, by ODK Central's addresses (openrosa.md §6.2).

No mail is sent: a link to set a password is told once, in the answer to the manager who asks for
it with `?link=true`, who hands it on. What managers may do is what the pages let them do.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import examples, people, problems
from server.api.auth import refuse_in_clear
from server.api.endpoint import Endpoint, checked
from server.api.moments import Moment
from server.api.paths import base_url
from server.api.projects import AccountShape
from server.api.schema import refusals
from server.api.shapes import Done
from server.communes.roster import by_name
from server.projects import account_problems as told
from server.projects import audit, own_account
from server.projects import people as acts
from server.projects.audit import Object
from server.projects.models import User
from server.projects.passwords import NewLink
from server.projects.problems import EmailTaken

LONGEST_NAME = 120  # characters, as in the pages
LONGEST_PASSWORD = 1000
_LONGEST_EMAIL = 254  # characters (RFC 5321 §4.5.3.1.3)

CALLER = (problems.Unauthenticated, problems.NotFound)
KEEPING = (*CALLER, told.AccountByKey, told.NotManagerNow)
BODY = (problems.BodyMalformed, problems.BodyTooLarge(most_bytes=250_000))
TYPED = (*BODY, problems.MediaTypeUnsupported)
WEAK = (
    told.PasswordShort(min_length=10),
    told.PasswordCommon,
    told.PasswordNumeric,
    told.PasswordLikeAccount,
)


class Name(serializers.CharField):
    """What somebody is called: one line."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=LONGEST_NAME, **options)

    def to_internal_value(self, data: Any) -> str:
        """Return it with single spaces."""
        return " ".join(super().to_internal_value(data).split())


class Address(serializers.EmailField):
    """An e-mail address, as it is kept: in lower case, which may be longer («İ»)."""

    def to_internal_value(self, data: Any) -> str:
        """Return it so."""
        return super().to_internal_value(data).lower()


class UsersQuery(serializers.Serializer[Any]):
    """Whom a list of accounts is asked for."""

    q = serializers.CharField(
        required=False,
        max_length=_LONGEST_EMAIL,
        allow_blank=True,
        help_text="có trong tên hoặc địa chỉ, không cần dấu; người ngoài các chương trình bạn quản "
        "lý chỉ tìm được bằng đúng địa chỉ thư",
    )


class LinkQuery(serializers.Serializer[Any]):
    """Whether a link to set a password is to be told."""

    link = serializers.BooleanField(
        default=False, help_text="true: trả về liên kết đặt mật khẩu, chỉ một lần này"
    )


class NewUserQuery(serializers.Serializer[Any]):
    """Who is to have an account."""

    email = Address(max_length=_LONGEST_EMAIL)
    displayName = Name(
        required=False, allow_null=True, allow_blank=True, help_text="bỏ trống: như địa chỉ thư"
    )
    password = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=LONGEST_PASSWORD,
        trim_whitespace=False,
        help_text="bỏ trống: người đó tự đặt bằng liên kết",
    )


class UserChangeQuery(serializers.Serializer[Any]):
    """What is to be changed."""

    displayName = Name(required=False)
    email = serializers.CharField(required=False, help_text="không đổi được; chỉ nhận địa chỉ cũ")


class LinkShape(serializers.Serializer[Any]):
    """A link to set a password, on the only occasion that it can be read."""

    link = serializers.CharField(help_text="chỉ khi hỏi link=true; giao cho người đó")
    linkExpiresAt = Moment()


class NewUserShape(AccountShape):
    """An account that was just made."""

    link = serializers.CharField(required=False, help_text="chỉ khi hỏi link=true")
    linkExpiresAt = Moment(required=False)


_ONE = {
    "id": 12,
    "type": "user",
    "displayName": "Nguyễn Thị Hoa",
    "email": "hoa.nt@example.vn",
    "createdAt": "2026-03-02T02:00:00.000Z",
    "updatedAt": None,
    "lastLoginAt": "2026-03-04T01:12:45.000Z",
}
LINK = {
    "link": "https://khaosat.example.vn/dat-mat-khau/Zk3…",
    "linkExpiresAt": "2026-03-05T02:00:00.000Z",
}
USER = OpenApiExample("một người", response_only=True, status_codes=["200"], value=_ONE)
_MADE = OpenApiExample(
    "vừa tạo", response_only=True, status_codes=["200"], value={**_ONE, "lastLoginAt": None, **LINK}
)
_ASKED = OpenApiExample(
    "chưa có mật khẩu",
    request_only=True,
    value={"email": "hoa.nt@example.vn", "displayName": "Nguyễn Thị Hoa"},
)
_RENAMED = OpenApiExample("đổi tên", request_only=True, value={"displayName": "Nguyễn Thị Hoa"})


class Users(Endpoint):
    """Those whom the caller may be told of."""

    @extend_schema(
        operation_id="users",
        summary="Những người trong các chương trình mình quản lý",
        parameters=[UsersQuery],
        responses={
            200: AccountShape(many=True),
            **refusals(
                problems.Unauthenticated,
                problems.ParameterInvalid(field="q", reason="Nhiều nhất 254 ký tự."),
            ),
        },
        examples=[USER],
    )
    def get(self, request: Request) -> Response:
        """Return them by name, those who are locked too; whoever manages nothing finds themselves.

        Somebody of other projects is found by their exact address alone, as Central lets those
        search who may not list.
        """
        user, words = people.caller(request), checked(UsersQuery(data=request.query_params))
        asked = words.get("q", "").strip()
        found = by_name(acts.known_to(user) | User.objects.filter(pk=user.pk), asked)
        if asked and not found:
            found = list(_stranger(user, asked))
        return Response(AccountShape(found, many=True).data)

    @extend_schema(
        operation_id="makeUser",
        summary="Tạo tài khoản; sau đó giao vai trò bằng assignments",
        parameters=[LinkQuery],
        request=NewUserQuery,
        responses={
            200: NewUserShape,
            **refusals(
                *KEEPING,
                problems.PasswordInClear,
                *WEAK,
                EmailTaken(email="hoa.nt@example.vn"),
                *TYPED,
                problems.ParameterInvalid(field="email", reason="Trường này là bắt buộc."),
            ),
        },
        examples=[_ASKED, _MADE],
    )
    def post(self, request: Request) -> Response:
        """Make an account that is of no project yet; its maker alone sees it until it is.

        Without `password` nobody can sign in with it until they have set one by a link: with
        `?link=true` it is told now, and never again.
        """
        by = people.keeper(request)
        wants_link = checked(LinkQuery(data=request.query_params))["link"]
        asked = checked(NewUserQuery(data=request.data))
        email, password = asked["email"], asked.get("password") or None
        if password is not None:
            refuse_in_clear(request)
        name = (asked.get("displayName") or email)[:LONGEST_NAME]
        made = acts.invite(by, acts.NewAccount(email, name, password, wants_link))
        said = linked(request, made.link) if made.link else {}
        return Response({**AccountShape(made.user).data, **said})


class OneUser(Endpoint):
    """One of them."""

    @extend_schema(
        operation_id="user",
        summary="Một người",
        responses={200: AccountShape, **refusals(*CALLER)},
        examples=[USER],
    )
    def get(self, request: Request, user_id: int) -> Response:
        """Return them."""
        return Response(AccountShape(_known(people.caller(request), user_id)).data)

    @extend_schema(
        operation_id="changeUser",
        summary="Sửa họ tên",
        request=UserChangeQuery,
        responses={
            200: AccountShape,
            **refusals(
                *KEEPING,
                told.PersonUnknown(id=12),
                told.PersonOfOthers,
                *TYPED,
                problems.ParameterInvalid(field="email", reason="Không đổi được."),
            ),
        },
        examples=[_RENAMED, USER],
    )
    def patch(self, request: Request, user_id: int) -> Response:
        """Call oneself otherwise, or somebody whose account is the manager's to change."""
        user = people.caller(request)
        found = _known(user, user_id)
        people.refuse_key(user)
        asked = checked(UserChangeQuery(data=request.data))
        if asked.get("email", found.email).strip().lower() != found.email:
            raise problems.ParameterInvalid(
                field="email", reason="Địa chỉ thư không đổi được. Tạo tài khoản khác."
            )
        name = asked.get("displayName", found.display_name)
        if found == user:
            own_account.rename(user, name)
            found = user
        elif name != found.display_name:
            found = acts.rename(people.keeper(request, user_id), user_id, name)
        return Response(AccountShape(found).data)

    @extend_schema(
        operation_id="lockUser",
        summary="Khóa tài khoản: mọi phiên và khóa API kết thúc",
        responses={
            200: Done,
            **refusals(
                *KEEPING,
                told.PersonUnknown(id=12),
                told.PersonOfOthers,
                told.LastManager(name="Lan"),
            ),
        },
        examples=[examples.DONE],
    )
    def delete(self, request: Request, user_id: int) -> Response:
        """Shut an account out, as the pages do, where it can be let in again; repeatable."""
        acts.lock(people.keeper(request, user_id), user_id)
        return Response({"success": True})


def linked(request: Request, link: NewLink, page_name: str = "set_password") -> dict[str, Any]:
    """Return what is told of a link to set a password, or of an invitation."""
    # Programs are served without the pages' addresses (server.edges), so they are looked up there.
    page = reverse(page_name, settings.ROOT_URLCONF, [link.token])
    said = {"link": base_url(request) + page, "linkExpiresAt": link.expires_at}
    return dict(LinkShape(said).data)


def _known(user: User, user_id: int) -> User:
    found = (acts.known_to(user) | User.objects.filter(pk=user.pk)).filter(pk=user_id).first()
    if found is None:
        raise problems.NotFound
    return found


def _stranger(user: User, address: str) -> list[User]:
    """Return somebody whom a manager may put into a project, knowing their address."""
    if user.api_key is not None or not acts.managed(user).exists():
        return []
    found = list(User.objects.filter(email=address.lower()))
    for one in found:
        one.last_login = None  # it is for those who answer for the account
        seen = Object("user", one.pk)
        audit.record_once_a_minute(audit.Actor.person(user), "user.find", seen, {})
    return found
