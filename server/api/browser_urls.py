"""Addresses of the page that shows the description; it holds no data, so no schema tells of it."""

from __future__ import annotations

from django.urls import path

from server.api import browser

urlpatterns = [
    path("v1/docs", browser.page),
    path("v1/docs/start.js", browser.start),
    path("v1/docs/<str:version>/<str:name>", browser.file),
]
