"""Passwords of accounts: changing one's own, giving a link to set one, setting one by a link."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import examples, people, problems
from server.api.auth import address, authorization, refuse_in_clear
from server.api.endpoint import Endpoint, checked
from server.api.schema import refusals
from server.api.shapes import Done
from server.api.users import (
    CALLER,
    KEEPING,
    LINK,
    LONGEST_PASSWORD,
    TYPED,
    WEAK,
    LinkQuery,
    LinkShape,
    linked,
)
from server.projects import account_problems as told
from server.projects import own_account, passwords, throttle
from server.projects import people as acts
from server.projects.account_problems import PasswordLinkVoid, PasswordWrong
from server.projects.problems import TooManyTries

_NEW_MISSING = problems.ParameterInvalid(field="new", reason="Trường này là bắt buộc.")


def _password() -> serializers.CharField:
    return serializers.CharField(max_length=LONGEST_PASSWORD, trim_whitespace=False)


class PasswordChangeQuery(serializers.Serializer[Any]):
    """One's password, and what it is to be."""

    old = _password()
    new = _password()


class ResetQuery(serializers.Serializer[Any]):
    """Whose password is to be set anew."""

    email = serializers.CharField(max_length=254)


class NewPasswordQuery(serializers.Serializer[Any]):
    """What a password is to be."""

    new = _password()


class ResetShape(Done, LinkShape):
    """The link that sets it."""


class UserPassword(Endpoint):
    """The caller's own."""

    @extend_schema(
        operation_id="changePassword",
        summary="Đổi mật khẩu của mình; các phiên khác kết thúc",
        request=PasswordChangeQuery,
        responses={
            200: Done,
            **refusals(
                *CALLER,
                told.AccountByKey,
                told.PasswordOfAnother,
                problems.PasswordInClear,
                problems.OldPasswordWrong,
                *WEAK,
                *TYPED,
                _NEW_MISSING,
            ),
        },
        examples=[
            OpenApiExample(
                "đổi mật khẩu",
                request_only=True,
                value={"old": "mật khẩu đang dùng", "new": "bốn từ chẳng liên quan"},
            ),
            examples.DONE,
        ],
    )
    def put(self, request: Request, user_id: int) -> Response:
        """Change it for the old one; the session that asks goes on, all others end."""
        user = people.caller(request)
        if user_id != user.pk:
            if acts.known_to(user).filter(pk=user_id).exists():
                raise told.PasswordOfAnother
            raise problems.NotFound
        people.refuse_key(user)
        refuse_in_clear(request)
        asked = checked(PasswordChangeQuery(data=request.data))
        token = request.auth if isinstance(request.auth, str) else ""  # none with Basic
        try:
            own_account.change_password(user, asked["old"], asked["new"], token)
        except PasswordWrong as error:
            raise problems.OldPasswordWrong from error
        return Response({"success": True})


class ResetInitiate(Endpoint):
    """A link for somebody to set their password with."""

    @extend_schema(
        operation_id="resetPassword",
        summary="Cấp liên kết đặt lại mật khẩu; mật khẩu cũ và các phiên hết hiệu lực",
        parameters=[LinkQuery],
        request=ResetQuery,
        responses={
            200: ResetShape,
            **refusals(
                *KEEPING,
                told.PersonUnknown(id=12),
                told.PersonOfOthers,
                told.PersonIsYou,
                *TYPED,
                problems.ParameterInvalid(field="link", reason="Máy chủ không gửi thư."),
            ),
        },
        examples=[
            OpenApiExample("ai", request_only=True, value={"email": "hoa.nt@example.vn"}),
            OpenApiExample(
                "liên kết",
                response_only=True,
                status_codes=["200"],
                value={"success": True, **LINK},
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        """Make a password void and tell the link that sets another, once.

        No mail is sent, so without `link=true` nothing is done: the link would be lost. Two-step
        sign-in stays as it is.
        """
        by = people.keeper(request)
        if not checked(LinkQuery(data=request.query_params))["link"]:
            raise problems.ParameterInvalid(
                field="link",
                reason="Máy chủ không gửi thư. Gọi lại với ?link=true để nhận liên kết và giao "
                "cho người đó.",
            )
        wanted = checked(ResetQuery(data=request.data))["email"].strip().lower()
        user = acts.known_to(by.user).filter(email=wanted).first()
        if user is None:
            raise problems.NotFound
        link = acts.reset_password(people.keeper(request, user.pk), user.pk)
        return Response({"success": True, **linked(request, link)})


class ResetVerify(Endpoint):
    """A link that was handed out."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="setPassword",
        summary="Đặt mật khẩu bằng mã ở cuối liên kết",
        parameters=[
            OpenApiParameter(
                "Authorization",
                str,
                OpenApiParameter.HEADER,
                description="`Bearer` và phần cuối của liên kết; liên kết dùng được một lần",
            )
        ],
        request=NewPasswordQuery,
        responses={
            200: Done,
            **refusals(
                PasswordLinkVoid,
                problems.PasswordInClear,
                TooManyTries(wait_s=600),
                *WEAK,
                *TYPED,
                _NEW_MISSING,
            ),
        },
        examples=[
            OpenApiExample(
                "mật khẩu mới", request_only=True, value={"new": "bốn từ chẳng liên quan"}
            ),
            examples.DONE,
        ],
    )
    def post(self, request: Request) -> Response:
        """Set the password and use the link up; a weak one is refused and the link stays good."""
        refuse_in_clear(request)
        kind, token = authorization(request)
        asked = checked(NewPasswordQuery(data=request.data))
        try:
            passwords.use_link(token if kind == "bearer" else "", asked["new"])
        except PasswordLinkVoid:
            throttle.failed(address(request), token)
            raise
        return Response({"success": True})
