"""A page at /v1/docs to read the OpenAPI description and to try it; offline, all from our server.

Swagger UI comes in a wheel (drf-spectacular-sidecar), which nothing imports: its two files are
served from where it lies, under its version, so that browsers may keep them.
"""

from __future__ import annotations

from importlib import metadata, resources

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

_PACKAGE = "drf_spectacular_sidecar"
_VERSION = metadata.version("drf-spectacular-sidecar")
_FILES = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript"}
# Swagger UI writes styles into elements and has its arrows in data: addresses.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_PAGE = f"""<!DOCTYPE html>
<html lang="vi">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sổ Xã – mô tả API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/{_VERSION}/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<noscript>Trang này cần JavaScript. Mô tả dạng văn bản: <a href="schema">/v1/schema</a>.</noscript>
<script src="docs/{_VERSION}/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
_START = """"use strict";
SwaggerUIBundle({
  url: "schema",
  dom_id: "#swagger-ui",
  docExpansion: "none",
  filter: true,
  validatorUrl: null,
  persistAuthorization: false,
});
"""


@require_safe
def page(request: HttpRequest) -> HttpResponseBase:
    """Return the page; what it shows is fetched from /v1/schema."""
    return _guarded(HttpResponse(_PAGE))


@require_safe
def start(request: HttpRequest) -> HttpResponseBase:
    """Return the script that begins, which the policy does not allow in the page itself."""
    return _guarded(HttpResponse(_START, content_type="text/javascript; charset=utf-8"))


@require_safe
def file(request: HttpRequest, version: str, name: str) -> HttpResponseBase:
    """Return a file of Swagger UI, to be kept for ever under its version."""
    if name not in _FILES or version != _VERSION:
        raise Http404
    lies = resources.files(_PACKAGE).joinpath("static", _PACKAGE, "swagger-ui-dist", name)
    response = FileResponse(lies.open("rb"), content_type=f"{_FILES[name]}; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return _guarded(response)


def _guarded(response: HttpResponseBase) -> HttpResponseBase:
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
