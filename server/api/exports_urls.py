"""Addresses of the exports."""

from __future__ import annotations

from django.urls import path

from server.api import export_jobs, exports, views
from server.api.paths import FORM, PROJECT

_EXPORTS = f"{PROJECT}/exports"

urlpatterns = [
    path(_EXPORTS, export_jobs.Exports.as_view()),
    path(f"{_EXPORTS}/<int:export_id>", export_jobs.OneExport.as_view()),
    path(f"{_EXPORTS}/<int:export_id>/content", export_jobs.ExportContent.as_view()),
    path("v1/projects/<int:project_id>/summary.xlsx", views.SummaryXlsx.as_view()),
    path(f"{FORM}/submissions.csv.zip", exports.Archive.as_view()),
    path(f"{FORM}/submissions.csv", exports.RootTable.as_view()),
    path(f"{FORM}/export.xlsx", exports.PeopleWorkbook.as_view()),
    path(f"{FORM}/export.csv.zip", exports.PeopleCsv.as_view()),
]
