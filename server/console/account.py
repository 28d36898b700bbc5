"""Tài khoản của tôi: name, password, sessions, and keys for scripts; codes are in `codes`.

What opens the account (password, codes off) asks for the password once more, and a code where there
is one. Passwords, codes and keys are repeated in no page but the one that makes them.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from server.console import sessions
from server.console.filters import day_of
from server.console.links import typed_twice
from server.console.page import EVERYBODY, WRITING, Visit, go, page
from server.console.problems import AccountFormWrong
from server.console.wording import language, t
from server.console.words import ROLES
from server.errors import Problem
from server.projects import api_keys, own_account, second_factor
from server.projects.api_keys import Wanted
from server.projects.models import ApiKey, Role

LONGEST = 120  # characters of a name
_KEY_DAYS = 180  # that a new key lives, where nobody says otherwise


@page(*EVERYBODY, before_codes=True)
def account(visit: Visit) -> HttpResponse:
    """Show somebody their own account."""
    return _shown(visit)


@page(*EVERYBODY, methods=WRITING)
def rename(visit: Visit) -> HttpResponseBase:
    """Call somebody otherwise, wherever their name stands."""
    try:
        own_account.rename(visit.user, name_given(visit.request.POST.get("name", "")))
    except Problem as problem:
        return _shown(visit, "name", problem)
    visit.say(t("Đã lưu tên."))
    return _back(visit)


@page(*EVERYBODY, methods=WRITING)
def change_password(visit: Visit) -> HttpResponseBase:
    """Give somebody another password, for the old one."""
    given = visit.request.POST
    try:
        new = typed_twice(given)
        here = sessions.token(visit.request)
        own_account.change_password(visit.user, given.get("password", ""), new, here)
    except Problem as problem:
        return _shown(visit, "password", problem)
    visit.say(t("Đã đổi mật khẩu. Các phiên đăng nhập khác đã kết thúc."))
    return _back(visit)


@page(*EVERYBODY, methods=WRITING)
def end_others(visit: Visit) -> HttpResponseBase:
    """End what is open elsewhere."""
    ended = own_account.end_others(visit.user, sessions.token(visit.request))
    visit.say(t("Đã kết thúc {number} phiên khác.", number=ended))
    return _back(visit)


@page(*EVERYBODY, methods=WRITING)
def make_key(visit: Visit) -> HttpResponseBase:
    """Make a key for a script, and show it once."""
    try:
        made = api_keys.create(visit.membership, _wanted(visit))
    except Problem as problem:
        return _shown(visit, "keys", problem)
    return visit.show("console/account_key.html", here="account", made=made)


@page(*EVERYBODY, methods=WRITING)
def revoke_key(visit: Visit, api_key_id: int) -> HttpResponseBase:
    """Take a key of one's own back, once somebody has said that they mean it."""
    api_keys.find(visit.membership, api_key_id)
    if "confirmed" not in visit.request.POST:
        return _shown(visit, "keys", unconfirmed())
    api_keys.revoke(visit.membership, api_key_id)
    visit.say(t("Đã thu hồi khóa. Chương trình dùng khóa này không gọi được nữa."))
    return _back(visit)


def name_given(text: str) -> str:
    """Return how somebody is to be called. Raises AccountFormWrong."""
    name = _one_line(text)
    if not 1 <= len(name) <= LONGEST:
        raise AccountFormWrong(reason=t("Ghi họ tên, dài nhất {most} ký tự.", most=LONGEST))
    return name


def _one_line(text: str) -> str:
    return " ".join(text.replace("\0", "").split())


def unconfirmed() -> AccountFormWrong:
    """Return what is told of an act that nobody has said they mean."""
    return AccountFormWrong(reason=t("Đánh dấu vào ô xác nhận rồi bấm lại."))


def _shown(visit: Visit, part: str = "", problem: Problem | None = None) -> HttpResponse:
    """Show the page; problem: in which of its parts something was refused."""
    now, given = timezone.now(), visit.request.POST
    here = sessions.token(visit.request)
    open_now = [(one, own_account.is_of(one, here)) for one in own_account.sessions(visit.user)]
    return visit.show(
        "console/account.html",
        problem.status if problem else 200,
        here="account",
        part=part,
        problems=[problem.sentence(language())] if problem else [],
        given=given,
        name=given.get("name", "") if part == "name" else visit.user.display_name,
        has_codes=second_factor.is_on(visit.user),
        codes_left=second_factor.recovery_codes_left(visit.user),
        must_have_codes=visit.membership.role in settings.TOTP_REQUIRED_ROLES,
        sessions=open_now,
        keys=[(key, key.expires_at <= now) for key in _own_keys(visit)],
        roles=_roles(visit),
        usual_day=(now.astimezone(_zone()) + dt.timedelta(days=_KEY_DAYS)).date(),
        most_days=api_keys.LONGEST_LIFE.days,
    )


def _own_keys(visit: Visit) -> list[ApiKey]:
    return list(api_keys.listed(visit.membership).filter(owner=visit.user))


def _roles(visit: Visit) -> list[tuple[str, str, bool]]:
    """Return what a key of this member may be: (code, word, is chosen)."""
    own = Role(visit.membership.role)
    may = [
        role
        for role in Role
        if api_keys.lesser(role, own) == role and not api_keys.tells_others(visit.membership, role)
    ]
    chosen = visit.request.POST.get("role", may[-1])
    return [(str(role), ROLES[role], role == chosen) for role in may]


def _wanted(visit: Visit) -> Wanted:
    """Return what the form for a new key asks for. Raises AccountFormWrong."""
    given = visit.request.POST
    name = _one_line(given.get("key_name", ""))
    if not 1 <= len(name) <= LONGEST:
        raise AccountFormWrong(reason=t("Ghi tên khóa, dài nhất {most} ký tự.", most=LONGEST))
    if any(key.name == name and key.expires_at > timezone.now() for key in _own_keys(visit)):
        raise AccountFormWrong(reason=t("Bạn đã có khóa tên «{name}». Đặt tên khác.", name=name))
    if given.get("role") not in Role.values:
        raise AccountFormWrong(reason=t("Chọn vai trò của khóa."))
    try:
        last = day_of(given.get("expires", "").strip())
        over = dt.datetime.combine(last, dt.time(), _zone()) + dt.timedelta(days=1)
    except (ValueError, OverflowError) as error:
        raise AccountFormWrong(reason=t("Hạn dùng viết như 31/12/2027.")) from error
    return Wanted(name, Role(given["role"]), "writes" not in given, over)


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.LOCAL_TIME_ZONE)


def _back(visit: Visit) -> HttpResponseBase:
    return go(reverse("account", args=[visit.membership.project_id]))
