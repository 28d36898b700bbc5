"""Addresses that more than one page leads to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse


def base_url(request: HttpRequest) -> str:
    """Return where phones find this server: PUBLIC_URL, else as the page itself was asked for."""
    return settings.PUBLIC_URL or f"{request.scheme}://{request.get_host()}"


def as_asked(request: HttpRequest) -> str:
    """Return the address of a request within this server, a slash in a name still as `%2F`.

    Django knows it decoded; what was sent is told by the HTTP server.
    """
    sent = str(request.META.get("REQUEST_URI", ""))
    is_local = sent.startswith("/") and not sent.startswith("//")
    return sent if is_local and "%2f" in sent.lower() else request.get_full_path()


def is_here_only(base_url: str) -> bool:
    """Tell whether an address leads to the server from the server's own machine alone."""
    return urlsplit(base_url).hostname in ("127.0.0.1", "localhost")


def record_address(project_id: int, form_id: str, instance_id: str, query: str = "") -> str:
    """Return where a record opens; `query` is the filter within which it has a next one."""
    return RecordPlace(project_id, form_id, instance_id, query).page()


@dataclass(frozen=True, slots=True)
class RecordPlace:
    """Where one record is looked at, within which filter."""

    project_id: int
    form_id: str
    instance_id: str
    query: str = ""

    def page(self) -> str:
        """Return where it opens."""
        return self._with(self._path(), self.query)

    def act(self, act: str, **asked: str | Sequence[str]) -> str:
        """Return where something about it is done."""
        return self._with(
            f"{self._path()}/{quote(act, safe='/')}", urlencode(asked, doseq=True), self.query
        )

    def file(self, name: str, size: str) -> str:
        """Return where a file of it is; size: nho, lon or goc."""
        return f"{self._path()}/tep/{quote(name, safe='')}?co={size}"

    def _path(self) -> str:
        return _path(self.project_id, self.form_id, self.instance_id)

    def _with(self, path: str, *queries: str) -> str:
        query = "&".join(filter(None, queries))
        return f"{path}?{query}" if query else path


@lru_cache(maxsize=64)  # a page of a record asks for that of one a hundred times
def _path(project_id: int, form_id: str, instance_id: str) -> str:
    # Ids are the designer's and the phone's own text: a slash in one must not end it.
    place = f"{quote(form_id, safe='')}/{quote(instance_id, safe=':')}"
    return f"{reverse('records', args=[project_id])}/{place}"
