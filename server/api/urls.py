"""Addresses of the API."""

from __future__ import annotations

from django.urls import path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import AllowAny

from server.api import views

urlpatterns = [
    path("v1/sessions", views.Sessions.as_view()),
    path("v1/projects/<int:project_id>/summary", views.SummaryJson.as_view()),
    path("v1/projects/<int:project_id>/summary.csv", views.SummaryCsv.as_view()),
    path(
        "v1/schema",
        SpectacularAPIView.as_view(authentication_classes=(), permission_classes=(AllowAny,)),
    ),
]
