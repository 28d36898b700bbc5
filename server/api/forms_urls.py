"""Addresses of people, projects, app users and forms, as ODK Central's clients know them."""

from __future__ import annotations

from django.urls import path

from server.api import app_users, forms, projects
from server.api.paths import FORM, PROJECT

# Longer endings stand first: an id may hold dots.
urlpatterns = [
    path("v1/users/current", projects.CurrentUser.as_view()),
    path("v1/projects", projects.Projects.as_view()),
    path(PROJECT, projects.OneProject.as_view()),
    path(f"{PROJECT}/app-users", app_users.AppUsers.as_view()),
    path(f"{PROJECT}/app-users/<int:app_user_id>", app_users.OneAppUser.as_view()),
    path(f"{PROJECT}/forms", forms.Forms.as_view()),
    path(f"{FORM}.xml", forms.FormXml.as_view(), {"format": "xml"}),
    path(f"{FORM}.xlsx", forms.FormXlsx.as_view(), {"format": "xlsx"}),
    path(FORM, forms.OneForm.as_view()),
]
