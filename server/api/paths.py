"""What stands in the addresses of the API more than once."""

from __future__ import annotations

from django.conf import settings
from django.urls import register_converter
from django.urls.converters import StringConverter
from rest_framework.request import Request


class Text(StringConverter):
    """One segment of a path: a designer's own text, which PostgreSQL can look up."""

    regex = r"[^/\x00]+"


register_converter(Text, "text")

PROJECT = "v1/projects/<int:project_id>"
FORM = f"{PROJECT}/forms/<text:form_id>"


def base_url(request: Request) -> str:
    """Return where this server is reached, without a slash at its end."""
    return settings.PUBLIC_URL or f"{request.scheme}://{request.get_host()}"
