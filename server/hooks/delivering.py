"""Tell addresses what they are owed, each in a thread of its own, so that none waits for another.

A delivery is taken for a while before it is made, and that is written down: of two workers one
makes it, and when one is killed in the middle another makes it again. A receiver may hear the same
twice, under the same number.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import logging
import threading
import time
from collections.abc import Callable, Mapping

from django.conf import settings
from django.db import connections, transaction
from django.db.models import F, Min
from django.utils import timezone

from server.hooks import posting, signing
from server.hooks.models import Delivery
from server.hooks.posting import Limits, Posted

log = logging.getLogger(__name__)

# Between attempts; after the last nobody tries any more.
WAITS = tuple(
    dt.timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720, 1440, 1440, 1440)
)
KEPT = dt.timedelta(days=30)  # then what was never told is forgotten too
AT_ONCE = 8  # addresses
MOST_S = 60.0  # for one address; then it waits for its next turn
_TAKEN = dt.timedelta(minutes=5)  # longer than any attempt takes

# Says what a delivery is about, as JSON has it: of layers above.
Describe = Callable[[Delivery], Mapping[str, object]]

_busy: set[int] = set()  # webhooks that a thread of this process is at
_busy_lock = threading.Lock()


def limits() -> Limits:
    """Return what the settings let webhooks reach."""
    return Limits(
        timeout_s=settings.WEBHOOK_TIMEOUT_S,
        allowed=tuple(ipaddress.ip_network(network) for network in settings.WEBHOOK_ALLOW),
        allows_http=settings.WEBHOOK_HTTP,
    )


def pay_debts(describe: Describe) -> list[threading.Thread]:
    """Begin to tell what is owed now; return at once, with the threads that do so.

    The address that has waited longest comes first, and no two threads are at one address.
    """
    owed = Delivery.objects.owed().filter(next_at__lte=timezone.now(), webhook__is_active=True)
    waiting = owed.values("webhook").annotate(since=Min("next_at")).order_by("since")
    begun = []
    for webhook_id in waiting.values_list("webhook", flat=True)[: 2 * AT_ONCE]:
        with _busy_lock:
            if len(_busy) >= AT_ONCE or webhook_id in _busy:
                continue
            _busy.add(webhook_id)
        # It may be cut off at any point when the process ends: what it took is taken again.
        thread = threading.Thread(target=_work, args=[webhook_id, describe], daemon=True)
        thread.start()
        begun.append(thread)
    return begun


def _work(webhook_id: int, describe: Describe) -> None:
    try:
        tell_all(webhook_id, describe)
    finally:
        with _busy_lock:
            _busy.discard(webhook_id)
        connections.close_all()


def tell_all(webhook_id: int, describe: Describe) -> int:
    """Tell one address what it is owed, the oldest first; return how much it took.

    It ends with the first that it does not take: the others are not tried on one that is away.
    """
    until, count = time.monotonic() + MOST_S, 0
    while time.monotonic() < until and (delivery := _take(webhook_id, describe)) is not None:
        posted = _post(delivery)
        _note(delivery, posted)
        if not posted.is_told:
            break
        count += 1
    return count


def _take(webhook_id: int, describe: Describe) -> Delivery | None:
    now = timezone.now()
    with transaction.atomic(durable=True):
        due = Delivery.objects.owed().filter(webhook=webhook_id, next_at__lte=now)
        due = due.filter(webhook__is_active=True).select_related("webhook")
        locked = due.select_for_update(of=("self",), skip_locked=True)
        delivery = locked.order_by("next_at", "pk").first()
        if delivery is None:
            return None
        delivery.payload = delivery.payload or _payload(delivery, describe)
        delivery.attempts += 1
        delivery.last_at, delivery.next_at = now, now + _TAKEN
        delivery.save(update_fields=["payload", "attempts", "last_at", "next_at"])
    return delivery


def _payload(delivery: Delivery, describe: Describe) -> str:
    said = {
        "event": delivery.event,
        "delivery": delivery.pk,
        "at": delivery.at.isoformat(timespec="seconds"),
        "project": delivery.webhook.project_id,
        **describe(delivery),
    }
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def _post(delivery: Delivery) -> Posted:
    body, at = delivery.payload.encode(), int(time.time())
    secret = signing.secret(delivery.webhook_id, delivery.webhook.salt)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "So-Xa-Webhook/1",
        "X-So-Xa-Event": delivery.event,
        "X-So-Xa-Delivery": str(delivery.pk),
        "X-So-Xa-Signature": signing.signature(secret, at, body),
        "Connection": "close",
    }
    return posting.post(delivery.webhook.url, body, headers, limits())


def _note(delivery: Delivery, posted: Posted) -> None:
    """Write down what came of an attempt, unless it was asked for again meanwhile."""
    now = timezone.now()
    is_last = delivery.attempts > len(WAITS)
    later = None if is_last else now + WAITS[delivery.attempts - 1]
    Delivery.objects.filter(pk=delivery.pk, attempts=delivery.attempts).update(
        last_status=posted.status,
        last_failure=posted.failure or "",
        next_at=None if posted.is_told else later,
        told_at=now if posted.is_told else F("told_at"),
    )
    if not posted.is_told:
        log.info(
            "webhook %s: delivery %s, attempt %s: %s",
            *(delivery.webhook_id, delivery.pk, delivery.attempts, posted.failure),
        )


def forget_old() -> int:
    """Remove what happened long ago, told or not; return how much.

    What waits for an address that has been away all the time would otherwise become more and more.
    """
    return Delivery.objects.filter(at__lt=timezone.now() - KEPT).delete()[0]
