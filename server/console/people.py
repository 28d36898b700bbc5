"""Tài khoản: the people of a project, what each may do and where, and how they come in.

A link to set a password can be read once, in the answer that makes it.
"""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse

from server.communes.choosing import choices
from server.communes.roster import Person, person, roster
from server.communes.scope import known_communes
from server.console.account import LONGEST, name_given, unconfirmed
from server.console.addresses import base_url, is_here_only
from server.console.page import BOTH, MANAGERS, WRITING, Visit, go, page
from server.console.people_words import EMPTY, MAY
from server.console.problems import AccountFormWrong
from server.console.wording import language, t
from server.console.words import ROLES
from server.errors import Problem
from server.inspections.expected import local_day
from server.projects import api_keys, invitations, passwords
from server.projects import people as acts
from server.projects.models import Membership, Role
from server.projects.passwords import NewLink

_LONGEST_EMAIL = 254  # characters (RFC 5321 §4.5.3.1.3)


@page(*MANAGERS)
def people(visit: Visit) -> HttpResponse:
    """Show who is in the project, and whom somebody should look after."""
    asked = visit.request.GET
    only = asked.get("xem", "") if asked.get("xem", "") in EMPTY else ""
    words = asked.get("q", "")[:LONGEST]
    found = roster(visit.membership.project_id, only, words)
    return visit.show(
        "console/people.html",
        here="people",
        found=found,
        invited=list(invitations.open_of(visit.membership.project_id)),
        only=only,
        words=words,
        none=EMPTY[only],
    )


@page(*MANAGERS, methods=BOTH)
def new_person(visit: Visit) -> HttpResponseBase:
    """Ask who is to be added, add them, and show the link for their first password, once."""
    given = visit.request.POST
    if visit.request.method != "POST" or "find" in given:
        return _ask(visit, None)
    try:
        added = acts.add(visit.membership, _wanted(given))
    except Problem as problem:
        return _ask(visit, problem)
    if added.link is None:
        visit.say(t("Người này đã có tài khoản: đăng nhập bằng mật khẩu đang dùng."))
        return go(reverse("person", args=[visit.membership.project_id, added.user.pk]))
    return _link(visit, added.link, is_invited=added.is_invited)


@page(*MANAGERS)
def one_person(visit: Visit, user_id: int) -> HttpResponse:
    """Show one person: their role, how their account stands, and what can be done about it."""
    return _one(visit, user_id)


@page(*MANAGERS, methods=WRITING)
def set_role(visit: Visit, user_id: int) -> HttpResponseBase:
    """Say what somebody may do, and in which communes."""
    given = visit.request.POST
    if "find" in given:
        return _one(visit, user_id, given=given)
    try:
        role = _role(given)
        acts.set_role(visit.membership, user_id, role, _communes(given, role))
    except Problem as problem:
        return _one(visit, user_id, problem, given)
    visit.say(t("Đã lưu. Quyền mới có hiệu lực ngay."))
    return _back(visit, user_id)


@page(*MANAGERS, methods=WRITING)
def lock(visit: Visit, user_id: int) -> HttpResponseBase:
    """Shut an account out, once somebody has said that they mean it."""
    done = t("Đã khóa. Mọi phiên đăng nhập và khóa API của người này đã kết thúc.")
    return _done(visit, user_id, acts.lock, done)


@page(*MANAGERS, methods=WRITING)
def unlock(visit: Visit, user_id: int) -> HttpResponseBase:
    """Let an account in again, once somebody has said that they mean it."""
    return _done(visit, user_id, acts.unlock, t("Đã mở khóa. Người này đăng nhập lại được."))


@page(*MANAGERS, methods=WRITING)
def reset_codes(visit: Visit, user_id: int) -> HttpResponseBase:
    """Let somebody in without a code, once somebody has said that they mean it."""
    return _done(visit, user_id, acts.reset_codes, t("Đã bỏ mã hai bước của người này."))


@page(*MANAGERS, methods=WRITING)
def remove(visit: Visit, user_id: int) -> HttpResponseBase:
    """Take somebody out of the project, once somebody has said that they mean it."""
    done = t("Đã đưa ra khỏi chương trình.")
    return _done(visit, user_id, acts.remove, done, is_gone=True)


@page(*MANAGERS, methods=WRITING)
def reset_password(visit: Visit, user_id: int) -> HttpResponseBase:
    """Make a password void and show a link to set another, once somebody has said they mean it."""
    if "confirmed" not in visit.request.POST:
        return _one(visit, user_id, unconfirmed())
    try:
        return _link(visit, acts.reset_password(visit.membership, user_id), is_reset=True)
    except Problem as problem:
        return _one(visit, user_id, problem)


@page(*MANAGERS, methods=WRITING)
def revoke_key(visit: Visit, user_id: int, api_key_id: int) -> HttpResponseBase:
    """Take a key of somebody's scripts back, once somebody has said that they mean it."""
    api_keys.find(visit.membership, api_key_id)

    def act(membership: Membership, _: int) -> None:
        api_keys.revoke(membership, api_key_id)

    return _done(
        visit, user_id, act, t("Đã thu hồi khóa. Chương trình dùng khóa này không gọi được nữa.")
    )


@page(*MANAGERS, methods=WRITING)
def withdraw_invitation(visit: Visit, user_id: int) -> HttpResponseBase:
    """Take an invitation back, at once: its link opens nothing any more."""
    acts.withdraw(visit.membership, user_id)
    visit.say(t("Đã rút lời mời. Liên kết không còn dùng được."))
    return go(reverse("people", args=[visit.membership.project_id]))


def _done(
    visit: Visit,
    user_id: int,
    act: Callable[[Membership, int], None],
    said: str,
    *,
    is_gone: bool = False,
) -> HttpResponseBase:
    """Do what was confirmed, and say so on the page of the person, or on the list."""
    if "confirmed" not in visit.request.POST:
        return _one(visit, user_id, unconfirmed())
    try:
        act(visit.membership, user_id)
    except Problem as problem:
        return _one(visit, user_id, problem)
    visit.say(said)
    if is_gone:
        return go(reverse("people", args=[visit.membership.project_id]))
    return _back(visit, user_id)


def _wanted(given: QueryDict) -> acts.Wanted:
    """Return what the form for somebody new asks for. Raises AccountFormWrong, CommuneUnknown."""
    email = given.get("email", "").strip()
    try:
        validate_email(email)
    except ValidationError as error:
        raise AccountFormWrong(reason=t("Địa chỉ thư viết như lan@thainguyen.gov.vn.")) from error
    if len(email.lower()) > _LONGEST_EMAIL:  # as it is kept
        raise AccountFormWrong(reason=t("Địa chỉ thư dài quá {most} ký tự.", most=_LONGEST_EMAIL))
    role = _role(given)
    return acts.Wanted(email, name_given(given.get("name", "")), role, _communes(given, role))


def _role(given: QueryDict) -> Role:
    if given.get("role") not in Role.values:
        raise AccountFormWrong(reason=t("Chọn vai trò."))
    return Role(str(given["role"]))


def _communes(given: QueryDict, role: Role) -> list[str]:
    """Return the communes chosen; none chosen is no way to say all of them."""
    if role != Role.SUPERVISOR or given.get("scope") != "some":
        return []
    chosen = known_communes(given.getlist("commune"))
    if not chosen:
        raise AccountFormWrong(reason=t("Đánh dấu ít nhất một xã, phường, hoặc chọn «Mọi xã»."))
    return chosen


def _ask(visit: Visit, problem: Problem | None) -> HttpResponse:
    given = visit.request.POST
    return visit.show(
        "console/person_new.html",
        problem.status if problem else 200,
        here="people",
        given=given,
        problems=[problem.sentence(language())] if problem else [],
        **_role_fields(given.get("role", Role.SUPERVISOR), given.getlist("commune"), given),
    )


def _one(
    visit: Visit, user_id: int, problem: Problem | None = None, given: QueryDict | None = None
) -> HttpResponse:
    found = person(visit.membership.project_id, user_id)
    keys = api_keys.listed(visit.membership).filter(owner=user_id)
    role, uids = found.membership.role, found.membership.commune_uids
    if given is not None:
        role, uids = given.get("role", ""), given.getlist("commune")
    return visit.show(
        "console/person.html",
        problem.status if problem else 200,
        here="people",
        person=found,
        is_me=found.user.pk == visit.user.pk,
        is_mine_to_reset=acts.answers_for(visit.membership, found.user),
        keys=list(keys),
        problems=[problem.sentence(language())] if problem else [],
        **_role_fields(role, uids, given or QueryDict(), found),
    )


def _role_fields(
    role: str, uids: list[str], given: QueryDict, found: Person | None = None
) -> dict[str, object]:
    """Return what the fields for role and communes hold."""
    words = given.get("commune_words", "")[:LONGEST]
    uids = [uid for uid in uids if "\0" not in uid]  # PostgreSQL has no such text
    has_some = given.get("scope") == "some" if given else bool(found and uids)
    return {
        "roles": [(code, word, MAY[code], code == role) for code, word in ROLES.items()],
        "has_some": has_some,
        "commune_words": words,
        "communes": choices(local_day(), uids, words),
        "chosen": len(uids),
    }


def _link(
    visit: Visit, link: NewLink, *, is_reset: bool = False, is_invited: bool = False
) -> HttpResponse:
    base = base_url(visit.request)
    page_name = "invitation" if is_invited else "set_password"
    return visit.show(
        "console/person_link.html",
        here="people",
        person=link.user,
        address=base + reverse(page_name, args=[link.token]),
        expires_at=link.expires_at,
        is_reset=is_reset,
        is_invited=is_invited,
        hours=int(passwords.LINK_LIFE.total_seconds() // 3600),
        is_here_only=is_here_only(base),
    )


def _back(visit: Visit, user_id: int) -> HttpResponseBase:
    return go(reverse("person", args=[visit.membership.project_id, user_id]))
