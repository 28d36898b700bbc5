"""Addresses of the exports."""

from __future__ import annotations

from django.urls import path

from server.api import exports, views

_FORM = "v1/projects/<int:project_id>/forms/<str:form_id>"

urlpatterns = [
    path("v1/projects/<int:project_id>/summary.xlsx", views.SummaryXlsx.as_view()),
    path(f"{_FORM}/submissions.csv.zip", exports.Archive.as_view()),
    path(f"{_FORM}/submissions.csv", exports.RootTable.as_view()),
    path(f"{_FORM}/export.xlsx", exports.PeopleWorkbook.as_view()),
    path(f"{_FORM}/export.csv.zip", exports.PeopleCsv.as_view()),
]
