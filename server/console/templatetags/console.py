"""The components of pages as template tags; docs/console.md shows each with an example.

Loaded into every template by the settings. Texts come in as Vietnamese and go out in the reader's
language; days and numbers are written as Vietnamese readers write them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from server.console import clients, recommendation_words, wording
from server.console.addresses import RecordPlace, as_asked, record_address
from server.console.device_words import FARES
from server.console.page import Visit
from server.console.people_words import STANDINGS
from server.console.words import BADGES, PERIODS, ROLES, Badge
from server.inspections.flag_kinds import KINDS

register = template.Library()


@register.simple_tag
def t(text: str, **values: object) -> str:
    """Write a text in the reader's language: `{% t "Trang {number}" number=3 %}`."""
    return wording.t(text, **values)


@register.simple_tag
def language() -> str:
    """Write the reader's language, for `lang=`."""
    return wording.language()


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Draw a symbol of icons.svg; without a label it is only decoration."""
    return _drawn(name, wording.t(label) if label else "")


@lru_cache(maxsize=512)  # a page has hundreds, of a few dozen kinds
def _drawn(name: str, label: str) -> SafeString:
    named = format_html('role="img" aria-label="{}"', label) if label else ""
    return format_html(
        '<svg class="icon" {} {}><use href="{}#{}"></use></svg>',
        named,
        "" if label else SafeString('aria-hidden="true"'),
        static("console/icons.svg"),
        name,
    )


@register.inclusion_tag("console/parts/badge.html")
def badge(kind: str, value: str) -> Mapping[str, object]:
    """Show a state by word, symbol and colour: `{% badge "status" finding.status %}`.

    kind: a name of BADGES, fares or standing. An unknown value is shown as it is.
    """
    known = {**BADGES, "fares": FARES, "standing": STANDINGS}[kind].get(str(value))
    return {"badge": known or Badge(str(value) or "—", "none", "neutral")}


@register.inclusion_tag("console/parts/meter.html")
def meter(value: int, of: int, label: str, also: int = 0) -> Mapping[str, object]:
    """Show how far something has come, in figures and as a bar.

    also: what is on its way (planned), drawn paler behind. label: says what is counted.
    """
    width = 0 if not of else 100 * value / of
    also_width = 0 if not of else 100 * also / of
    return {
        "value": value,
        "of": of,
        "label": label,
        "width": f"{width:.2f}",
        "also_width": f"{also_width:.2f}",
    }


@register.simple_tag(takes_context=True)
def messages_waiting(context: Mapping[str, Any]) -> list[str]:
    """Return the sentences that the last act left for this page."""
    request = context.get("request")
    return [str(message) for message in get_messages(request)] if request else []


@register.simple_tag(takes_context=True)
def address_now(context: Mapping[str, Any]) -> str:
    """Return the address of this page, with its filters."""
    request: HttpRequest = context["request"]
    return as_asked(request) if request.method == "GET" else "/"


@register.filter
def day(value: dt.date | None) -> str:
    """Write a day: 13/04/2026."""
    return f"{value:%d/%m/%Y}" if value else "—"


@register.filter
def moment(value: dt.datetime | None) -> str:
    """Write a moment where the inspections are made: 13/04/2026 09:05."""
    if value is None:
        return "—"
    return f"{value.astimezone(ZoneInfo(settings.LOCAL_TIME_ZONE)):%d/%m/%Y %H:%M}"


@register.filter
def last_minute(value: dt.datetime) -> str:
    """Write until when something is good: 31/12/2027 23:59, of what ends with that day."""
    return moment(value - dt.timedelta(microseconds=1))


@register.filter
def number(value: float | None) -> str:
    """Write a number: 1.234 or 12,5."""
    if value is None:
        return "—"
    whole = f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"
    return whole.translate(str.maketrans(",.", ".,"))


@register.filter
def flag_label(code: str) -> str:
    """Write what a flag says."""
    kind = KINDS.get(code)
    return kind.label[wording.language()] if kind else code


@register.filter
def period_name(code: str) -> str:
    """Write the name of a period."""
    return wording.t(PERIODS[code]) if code in PERIODS else code


@register.filter
def role_name(role: str) -> str:
    """Write what a person may do."""
    return wording.t(ROLES.get(role, role))


@register.filter
def client_name(client: str) -> str:
    """Write with what somebody came: Chrome, Windows."""
    return clients.client_name(client)


@register.filter
def iso_day(text: str) -> str:
    """Write a day that was kept as JSON: 13/04/2026."""
    return day(dt.date.fromisoformat(text))


@register.filter
def owner_name(owner: str) -> str:
    """Write who must carry out a recommendation."""
    return recommendation_words.value_said("chu_the", owner, {})


@register.filter
def state_name(state: str) -> str:
    """Write where a recommendation stands, in Vietnamese."""
    return recommendation_words.STATES.get(state, state)


@register.simple_tag
def record_page(visit: Visit, form_id: str, instance_id: str, query: str = "") -> str:
    """Write where a record opens; `query` is the filter that it is looked at within."""
    return record_address(visit.membership.project_id, form_id, instance_id, query)


@register.simple_tag(takes_context=True)
def record_act(context: Mapping[str, Any], act: str, **asked: str) -> str:
    """Write where something is done about the record of the page, its `place`."""
    place: RecordPlace = context["place"]
    return place.act(act, **asked)


@register.simple_tag(takes_context=True)
def reveal_all(context: Mapping[str, Any], questions: Sequence[str]) -> str:
    """Write where the answers to several masked questions are opened."""
    place: RecordPlace = context["place"]
    return place.act("mo-xem", cau=list(questions))


@register.filter
def of(named: Mapping[str, Any], name: str) -> Any:
    """Return what goes by a name that only the page knows."""
    return named.get(name)


@register.filter
def size(count: int) -> str:
    """Write a number of bytes: 350 kB or 1,2 MB."""
    if count < 1_000_000:
        return f"{max(1, round(count / 1000))} kB"
    return f"{number(count / 1_000_000)} MB"


@register.filter
def plain(value: float) -> str:
    """Write a number for SVG, whatever the reader's language: 12.5."""
    return f"{value:g}"
