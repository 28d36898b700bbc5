"""What stands in the paths of the API more than once."""

from __future__ import annotations

from django.urls import register_converter
from django.urls.converters import StringConverter


class Text(StringConverter):
    """One segment of a path: a designer's own text, which PostgreSQL can look up."""

    regex = r"[^/\x00]+"


register_converter(Text, "text")

PROJECT = "v1/projects/<int:project_id>"
FORM = f"{PROJECT}/forms/<text:form_id>"
