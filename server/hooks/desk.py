"""What managers do about webhooks: one durable transaction each, and an entry in the audit log.

That log never holds an address: a key may stand in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from server.hooks import posting, signing
from server.hooks.delivering import limits
from server.hooks.models import Delivery, Event, Webhook
from server.hooks.posting import Refused
from server.hooks.problems import (
    DeliveryUnknown,
    WebhookInactive,
    WebhooksFull,
    WebhookTaken,
    WebhookUnknown,
    WebhookUrl,
)
from server.projects import audit
from server.projects.audit import Actor, Object
from server.projects.models import Project, User

MOST = 20  # of a project


@dataclass(frozen=True, slots=True)
class Wish:
    """How a webhook is to be; None: as it is."""

    url: str | None = None
    events: Sequence[Event] | None = None
    is_active: bool | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A webhook and its secret, which is told this once."""

    webhook: Webhook
    secret: str


def find(project_id: int, webhook_id: int) -> Webhook:
    """Return one of a project's. Raises WebhookUnknown."""
    found = Webhook.objects.filter(project=project_id, pk=webhook_id).first()
    if found is None:
        raise WebhookUnknown(id=webhook_id)
    return found


def of(project_id: int) -> QuerySet[Webhook]:
    """Return all of a project's, the oldest first."""
    return Webhook.objects.filter(project=project_id).order_by("pk")


@transaction.atomic(durable=True)
def make(project_id: int, wish: Wish, by: Actor) -> Made:
    """Make a webhook. Raises WebhookUrl, WebhookTaken, WebhooksFull."""
    # One after the other, so that their number is what it is.
    project = Project.objects.select_for_update(no_key=True).get(pk=project_id)
    if of(project_id).count() >= MOST:
        raise WebhooksFull(most=MOST)
    url = _allowed(project_id, wish.url or "")
    webhook = Webhook.objects.create(
        project=project,
        url=url,
        salt=signing.new_salt(),
        events=list(wish.events or ()),
        is_active=bool(wish.is_active),
        made_by=User.objects.filter(pk=by.id or 0).first(),
    )
    _audit(webhook, "webhook.create", by)
    return Made(webhook, signing.secret(webhook.pk, webhook.salt))


@transaction.atomic(durable=True)
def change(project_id: int, webhook_id: int, wish: Wish, by: Actor) -> Webhook:
    """Change a webhook; what is owed by now is told as it is from now on.

    Raises WebhookUnknown, WebhookUrl, WebhookTaken.
    """
    webhook = _locked(project_id, webhook_id)
    if wish.url is not None and wish.url != webhook.url:
        webhook.url = _allowed(project_id, wish.url)
    if wish.events is not None:
        webhook.events = list(wish.events)
    if wish.is_active is not None:
        webhook.is_active = wish.is_active
    webhook.save(update_fields=["url", "events", "is_active"])
    _audit(webhook, "webhook.update", by)
    return webhook


@transaction.atomic(durable=True)
def renew_secret(project_id: int, webhook_id: int, by: Actor) -> Made:
    """Give a webhook another secret; the one before is void at once. Raises WebhookUnknown."""
    webhook = _locked(project_id, webhook_id)
    webhook.salt = signing.new_salt()
    webhook.save(update_fields=["salt"])
    _audit(webhook, "webhook.secret", by)
    return Made(webhook, signing.secret(webhook.pk, webhook.salt))


@transaction.atomic(durable=True)
def remove(project_id: int, webhook_id: int, by: Actor) -> None:
    """Remove a webhook with all that it is owed and its log. Raises WebhookUnknown."""
    webhook = _locked(project_id, webhook_id)
    what = Object("webhook", webhook.pk, project_id)
    webhook.delete()
    audit.record(by, "webhook.delete", what)


@transaction.atomic(durable=True)
def ping(project_id: int, webhook_id: int, by: Actor) -> Delivery:
    """Tell an address that it can be told something. Raises WebhookUnknown, WebhookInactive."""
    webhook = _active(project_id, webhook_id)
    now = timezone.now()
    made = Delivery.objects.create(webhook=webhook, event=Event.PING, at=now, next_at=now)
    audit.record(by, "webhook.ping", Object("webhook", webhook.pk, project_id))
    return made


@transaction.atomic(durable=True)
def redeliver(project_id: int, webhook_id: int, delivery_id: int, by: Actor) -> Delivery:
    """Tell something again, the same bytes, with all attempts before it.

    Raises WebhookUnknown, WebhookInactive, DeliveryUnknown.
    """
    webhook = _active(project_id, webhook_id)
    delivery = webhook.deliveries.select_for_update().filter(pk=delivery_id).first()
    if delivery is None:
        raise DeliveryUnknown(id=delivery_id)
    delivery.attempts, delivery.next_at = 0, timezone.now()
    delivery.save(update_fields=["attempts", "next_at"])
    said = {"delivery": delivery.pk}
    audit.record(by, "webhook.redeliver", Object("webhook", webhook.pk, project_id), said)
    return delivery


def log_of(webhook: Webhook) -> QuerySet[Delivery]:
    """Return what an address was told and is owed, the newest first."""
    return webhook.deliveries.order_by("-pk")


def _locked(project_id: int, webhook_id: int) -> Webhook:
    found = Webhook.objects.select_for_update().filter(project=project_id, pk=webhook_id).first()
    if found is None:
        raise WebhookUnknown(id=webhook_id)
    return found


def _active(project_id: int, webhook_id: int) -> Webhook:
    webhook = find(project_id, webhook_id)
    if not webhook.is_active:
        raise WebhookInactive
    return webhook


def _allowed(project_id: int, url: str) -> str:
    try:
        posting.target(url, limits())
    except Refused as error:
        raise WebhookUrl from error
    if of(project_id).filter(url=url).exists():
        raise WebhookTaken
    return url


def _audit(webhook: Webhook, action: str, by: Actor) -> None:
    said = {"events": list(webhook.events), "isActive": webhook.is_active}
    audit.record(by, action, Object("webhook", webhook.pk, webhook.project_id), said)
