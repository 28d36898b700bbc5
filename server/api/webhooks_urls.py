"""Addresses of webhooks."""

from __future__ import annotations

from django.urls import path

from server.api import webhooks
from server.api.paths import PROJECT

_ALL = f"{PROJECT}/webhooks"
_ONE = f"{_ALL}/<int:webhook_id>"

urlpatterns = [
    path(_ALL, webhooks.Webhooks.as_view()),
    path(_ONE, webhooks.OneWebhook.as_view()),
    path(f"{_ONE}/secret", webhooks.WebhookSecret.as_view()),
    path(f"{_ONE}/ping", webhooks.WebhookPing.as_view()),
    path(f"{_ONE}/deliveries", webhooks.Deliveries.as_view()),
    path(f"{_ONE}/deliveries/<int:delivery_id>/redeliver", webhooks.Redelivery.as_view()),
]
