"""Thiết bị: the keys of phones, their codes on screen and on paper, taken back and issued again.

A key can be read once, in the answer that makes it: it stands in no address, no cookie and no
cache. The sheet of A4 is asked for by a form that sends it back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from server.console import filters
from server.console.addresses import base_url, is_here_only
from server.console.device_words import EMPTY
from server.console.page import BOTH, MANAGERS, WRITING, Visit, go, page
from server.console.problems import DeviceFormWrong
from server.console.wording import language, t
from server.errors import Problem
from server.inspections.expected import local_day
from server.plans.devices import OLDEST_COLLECT, devices, told
from server.projects import accounts, cards, device_acts, qr
from server.projects.accounts import NewAppUser
from server.projects.audit import Actor
from server.projects.device_setup import setup
from server.projects.models import AppUser
from server.reports.offered import Offered, offered

_MOST_AT_ONCE = 40
_LONGEST = 120  # characters of a name


@page(*MANAGERS)
def app_users(visit: Visit) -> HttpResponse:
    """Show the devices, and which of them somebody should look after."""
    asked = visit.request.GET
    only = asked.get("xem", "") if asked.get("xem", "") in EMPTY else ""
    words = asked.get("q", "")[:_LONGEST]
    project_id = visit.membership.project_id
    found = devices(project_id, only, words, filters.number_written(asked.get("page", "1")))
    kept = {name: text for name, text in (("xem", only), ("q", words)) if text}
    number, pages = found.page.number, found.page.pages
    return visit.show(
        "console/devices.html",
        here="app_users",
        found=found,
        previous=f"?{urlencode({**kept, 'page': number - 1})}" if number > 1 else "",
        next=f"?{urlencode({**kept, 'page': number + 1})}" if number < pages else "",
        only=only,
        words=words,
        none=EMPTY[only],
        oldest=_oldest(),
    )


@page(*MANAGERS)
def app_user(visit: Visit, app_user_id: int) -> HttpResponse:
    """Show one device: how it fares, what it may have, and what can be done about it."""
    return _one(visit, _found(visit, app_user_id))


@page(*MANAGERS, methods=BOTH)
def new_app_users(visit: Visit) -> HttpResponseBase:
    """Ask who gets a key, make the keys, and show each once."""
    given = visit.request.POST
    if visit.request.method != "POST":
        return _ask(visit, given, None)
    try:
        asked = _Wanted.read(given, [form for form, _ in _offered(visit).forms])
        asked.refuse_twice(visit.membership.project_id, is_sure="same" in given)
    except DeviceFormWrong as problem:
        return _ask(visit, given, problem)
    with transaction.atomic(durable=True):
        made = [
            accounts.create_app_user(
                visit.membership.project,
                name,
                team=asked.team,
                expires_at=asked.expires_at,
                form_ids=asked.form_ids,
                by=Actor.person(visit.user),
            )
            for name in asked.names
        ]
    return _handed_out(visit, made)


@page(*MANAGERS, methods=WRITING)
def grant(visit: Visit, app_user_id: int) -> HttpResponseBase:
    """Say which forms a device opens, and which communes it is offered."""
    found, given, known = _found(visit, app_user_id), visit.request.POST, _offered(visit)
    # What is not offered here, such as a form that is not published yet, stays as it was.
    kept = set(found.form_ids) - {form for form, _ in known.forms}
    chosen = [form for form, _ in known.forms if form in given.getlist("form")]
    communes = set(given.getlist("commune"))
    old = set(found.commune_uids) - {uid for uid, _ in known.communes}
    device_acts.set_grants(
        found.pk,
        None if given.get("all_forms") == "yes" else [*chosen, *kept],
        [uid for uid, _ in known.communes if uid in communes] + sorted(old & communes),
        Actor.person(visit.user),
    )
    visit.say(t("Đã lưu. Máy nhận thay đổi ở lần kết nối tới."))
    return _back(visit, found)


@page(*MANAGERS, methods=WRITING)
def revoke(visit: Visit, app_user_id: int) -> HttpResponseBase:
    """Take the key of a device back, once somebody has said that they mean it."""
    found = _found(visit, app_user_id)
    if "confirmed" not in visit.request.POST:
        return _one(visit, found, _unconfirmed(), status=422)
    accounts.revoke_app_user(found.pk, Actor.person(visit.user))
    visit.say(t("Đã thu hồi. Máy này không tải biểu và không gửi được nữa."))
    return _back(visit, found)


@page(*MANAGERS, methods=WRITING)
def reissue(visit: Visit, app_user_id: int) -> HttpResponseBase:
    """Give a device a new key, once somebody has said that they mean it, and show it once."""
    found, given = _found(visit, app_user_id), visit.request.POST
    if "confirmed" not in given:
        return _one(visit, found, _unconfirmed(), status=422)
    issue = given.get("issue", "")
    try:
        made = accounts.reissue_app_user(
            found.pk,
            expires_at=_day(given.get("expires", "")),
            seen_issue=int(issue) if issue.isascii() and issue.isdigit() else 0,
            by=Actor.person(visit.user),
        )
    except Problem as problem:
        return _one(visit, found, problem, status=problem.status)
    return _handed_out(visit, [made])


@page(*MANAGERS, methods=WRITING)
def cards_sheet(visit: Visit) -> HttpResponseBase:
    """Give the cards of devices whose keys were just shown, eight on a page of A4."""
    secrets = {}
    for number, secret in zip(*map(visit.request.POST.getlist, ("device", "secret")), strict=False):
        if number.isascii() and number.isdigit() and len(number) < 10:
            secrets[int(number)] = secret
    made = device_acts.proven(visit.membership.project_id, secrets)
    content = cards.pdf([_card(one, base_url(visit.request)) for one in made])
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = 'attachment; filename="the-cai-dat.pdf"'
    return response


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the form for new devices asks for."""

    names: tuple[str, ...]
    team: str
    expires_at: dt.datetime | None
    form_ids: list[str] | None  # None: every form

    @classmethod
    def read(cls, given: QueryDict, forms: Sequence[str]) -> _Wanted:
        """Return it. Raises DeviceFormWrong."""
        lines = given.get("names", "").replace("\0", "").splitlines()
        names = tuple(" ".join(line.split()) for line in lines if line.strip())
        if not 1 <= len(names) <= _MOST_AT_ONCE:
            raise DeviceFormWrong(reason=t("Ghi từ 1 đến {most} tên.", most=_MOST_AT_ONCE))
        if any(len(name) > _LONGEST for name in names):
            raise DeviceFormWrong(reason=t("Mỗi tên dài nhất {most} ký tự.", most=_LONGEST))
        team = given.get("team", "").replace("\0", "").strip()[:_LONGEST]
        expires_at = _day(given.get("expires", ""))
        if expires_at is not None and expires_at <= timezone.now():
            raise DeviceFormWrong(reason=t("Hạn dùng đã qua. Chọn ngày từ hôm nay trở đi."))
        chosen = [form for form in forms if form in given.getlist("form")]
        return cls(names, team, expires_at, None if given.get("all_forms") == "yes" else chosen)

    def refuse_twice(self, project_id: int, *, is_sure: bool) -> None:
        """Refuse names that have a device, unless somebody is sure: a form may be sent again."""
        twice = AppUser.objects.inspectors().alive(timezone.now())
        had = twice.filter(project=project_id, display_name__in=self.names, team=self.team)
        names = sorted(set(had.values_list("display_name", flat=True)))
        if names and not is_sure:
            raise DeviceFormWrong(
                reason=t("Đã có máy mang tên: {names}.", names="; ".join(names)), twice=True
            )


@dataclass(frozen=True, slots=True)
class _Shown:
    """One key on the screen, once."""

    app_user: AppUser
    url: str
    password: str
    secret: str
    picture: SafeString


def _handed_out(visit: Visit, made: Sequence[NewAppUser]) -> HttpResponse:
    base = base_url(visit.request)
    shown = []
    for one in made:
        given = setup(one, base)
        picture = SafeString(qr.svg(given.code))
        secret = one.token or one.password
        shown.append(_Shown(one.app_user, given.url, given.password, secret, picture))
    return visit.show(
        "console/device_cards.html", here="app_users", shown=shown, is_here_only=is_here_only(base)
    )


def _card(made: NewAppUser, base_url: str) -> cards.Card:
    device = made.app_user
    return cards.Card(
        name=device.display_name,
        team=device.team,
        project_name=device.project.name,
        serial=device.serial,
        username=device.username,
        expires_on=_last_day(device),
        code=setup(made, base_url).code,
    )


def _one(
    visit: Visit, found: AppUser, problem: Problem | None = None, status: int = 200
) -> HttpResponse:
    known = _offered(visit)
    return visit.show(
        "console/device.html",
        status,
        here="app_users",
        device=told(found, timezone.now()),
        last_day=_last_day(found),
        forms=[(form, title, form in found.form_ids) for form, title in known.forms],
        communes=[(uid, name, uid in found.commune_uids) for uid, name in known.communes],
        problems=[problem.sentence(language())] if problem else [],
        oldest=_oldest(),
    )


def _ask(visit: Visit, given: QueryDict, problem: DeviceFormWrong | None) -> HttpResponse:
    known = _offered(visit)
    is_first = visit.request.method != "POST"
    return visit.show(
        "console/device_new.html",
        422 if problem else 200,
        here="app_users",
        given=given,
        has_all=is_first or given.get("all_forms") == "yes",
        forms=[(form, title, form in given.getlist("form")) for form, title in known.forms],
        teams=known.teams,
        problems=[problem.sentence(language())] if problem else [],
        asks_twice=bool(problem and problem.details.get("twice")),
        most=_MOST_AT_ONCE,
    )


def _offered(visit: Visit) -> Offered:
    return offered(visit.membership, local_day())


def _found(visit: Visit, app_user_id: int) -> AppUser:
    return device_acts.find(visit.membership.project_id, app_user_id)


def _back(visit: Visit, found: AppUser) -> HttpResponseBase:
    return go(reverse("app_user", args=[visit.membership.project_id, found.pk]))


def _unconfirmed() -> DeviceFormWrong:
    return DeviceFormWrong(reason=t("Đánh dấu vào ô xác nhận rồi bấm lại."))


def _day(text: str) -> dt.datetime | None:
    """Return the first moment after a day, where phones are used. Raises DeviceFormWrong."""
    if not text.strip():
        return None
    try:
        last = dt.datetime.strptime(text.strip(), "%d/%m/%Y")  # noqa: DTZ007 - the zone comes next
        return last.replace(tzinfo=_here()) + dt.timedelta(days=1)
    except (ValueError, OverflowError) as error:
        raise DeviceFormWrong(reason=t("Hạn dùng viết như 31/12/2027.")) from error


def _last_day(device: AppUser) -> dt.date | None:
    if device.expires_at is None:
        return None
    return (device.expires_at - dt.timedelta(microseconds=1)).astimezone(_here()).date()


def _here() -> ZoneInfo:
    return ZoneInfo(settings.LOCAL_TIME_ZONE)


def _oldest() -> str:
    return "v" + ".".join(map(str, OLDEST_COLLECT))
