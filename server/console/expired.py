"""A session that is over in the middle of the work: one signs in again and nothing typed is lost.

What was typed travels in the sign-in page itself, and then stands on a page that sends it where it
was meant to go. Files cannot travel so; the page says that they must be chosen again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from server.console.addresses import as_asked
from server.console.errors import typed
from server.console.wording import t
from server.console.words import REVIEW

ADDRESS = "kept_for"
_FIELD = "kept."
WORDS: Mapping[str, str] = {
    "reason": "Lý do",
    "note": "Điều mới trong phiên bản này",
    "purpose": "Dùng để làm gì",
    "names": "Người giữ máy",
    "team": "Đoàn",
    "communes": "Xã, phường",
    "evidence": "Tài liệu chứng minh",
}
# Which version, question or page a form was about; keys that were shown once.
_UNSEEN = frozenset({"to", "seen", "ban", "cau", "then", "confirmed", "issue", "device", "secret"})


def sign_in_again(request: HttpRequest) -> HttpResponse:
    """Return what leads to the sign-in page and from there back to where the person was."""
    if request.method in ("GET", "HEAD"):
        is_partial = request.headers.get("HX-Request") == "true"
        # A piece of a page is no place to go back to; the page around it is.
        back = _path_of_page(request) if is_partial else as_asked(request)
        address = f"{reverse('sign_in')}?{urlencode({'next': back})}"
        if is_partial:
            return HttpResponse(status=204, headers={"HX-Redirect": address})
        return HttpResponseRedirect(address)
    response = render(
        request,
        "console/sign_in.html",
        {"is_over": True, **keeping(as_asked(request), typed(request), request)},
        status=401,
    )
    response["HX-Retarget"], response["HX-Reswap"] = "body", "innerHTML"
    return response


def keeping(
    address: str, fields: dict[str, list[str]], request: HttpRequest | None = None
) -> dict[str, object]:
    """Return what the sign-in page needs to carry a form: hidden fields, and where it goes."""
    flat = [(f"{_FIELD}{name}", value) for name, values in fields.items() for value in values]
    return {
        "kept": [(ADDRESS, address), *flat],
        "had_files": bool(request and request.FILES),
    }


def carried(form: QueryDict) -> tuple[str, dict[str, list[str]]]:
    """Return where a form was to go and what it held; "" when the sign-in carries none."""
    address = inside(form.get(ADDRESS, ""))
    fields = {
        name.removeprefix(_FIELD): [str(value) for value in values]
        for name, values in form.lists()
        if name.startswith(_FIELD)
    }
    return address, fields


def as_read(fields: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """Return what a form held, as a person reads it: (label, value)."""
    told = []
    for name, values in fields.items():
        label = t(WORDS[name]) if name in WORDS else name
        told += [(label, value) for value in values if value.strip() and name not in _UNSEEN]
    decided = [REVIEW[value] for value in fields.get("to", ()) if value in REVIEW]
    return [*((t("Quyết định"), t(badge.word)) for badge in decided), *told]


def inside(address: str) -> str:
    """Return an address of our own, "" for any other."""
    is_ours = address.startswith("/") and url_has_allowed_host_and_scheme(address, None)
    return address if is_ours else ""


def _path_of_page(request: HttpRequest) -> str:
    shown = request.headers.get("HX-Current-URL", "")
    host = f"{request.scheme}://{request.get_host()}"
    return inside(shown.removeprefix(host)) or "/"
