"""What every answer to a browser carries."""

from __future__ import annotations

from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

# Nothing from elsewhere, nothing written into the page itself, in nobody's frame.
CONTENT_POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)


def with_headers(response: HttpResponseBase) -> HttpResponseBase:
    """Keep a page out of caches and frames, and everything foreign out of the page."""
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
    patch_vary_headers(response, ["Cookie", "HX-Request"])
    return response
