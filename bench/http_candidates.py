"""The application as ASGI servers would be given it: for `bench.http_server` alone."""

from __future__ import annotations

from django.core.asgi import get_asgi_application

asgi = get_asgi_application()
