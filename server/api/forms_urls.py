"""Addresses of people, projects, app users and forms, as ODK Central's clients know them."""

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from server.api import app_users, forms, projects


class Text(StringConverter):
    """One segment of a path: a designer's own text, which PostgreSQL can look up."""

    regex = r"[^/\x00]+"


register_converter(Text, "text")

_PROJECT = "v1/projects/<int:project_id>"
_FORM = f"{_PROJECT}/forms/<text:form_id>"

# Longer endings stand first: an id may hold dots.
urlpatterns = [
    path("v1/users/current", projects.CurrentUser.as_view()),
    path("v1/projects", projects.Projects.as_view()),
    path(_PROJECT, projects.OneProject.as_view()),
    path(f"{_PROJECT}/app-users", app_users.AppUsers.as_view()),
    path(f"{_PROJECT}/app-users/<int:app_user_id>", app_users.OneAppUser.as_view()),
    path(f"{_PROJECT}/forms", forms.Forms.as_view()),
    path(f"{_FORM}.xml", forms.FormXml.as_view(), {"format": "xml"}),
    path(f"{_FORM}.xlsx", forms.FormXlsx.as_view(), {"format": "xlsx"}),
    path(_FORM, forms.OneForm.as_view()),
]
