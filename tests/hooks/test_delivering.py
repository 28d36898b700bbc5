"""Who is owed an event is told it, signed, again and again, and nobody waits for another."""

from __future__ import annotations

import datetime as dt
import json
import logging
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from server.hooks import delivering, signing
from server.hooks.delivering import WAITS, pay_debts, tell_all
from server.hooks.models import Delivery, Event, Webhook
from server.projects.models import Project
from tests.hooks.conftest import MakeWebhook
from tests.hooks.receiver import Receiver

DOCS = Path(__file__).resolve().parents[2] / "docs" / "webhooks.md"


def describe(delivery: Delivery) -> dict[str, object]:
    return {"submission": f"uuid:{delivery.submission_id}"}


def owed(webhook: Webhook, number: int = 1) -> Delivery:
    now = timezone.now()
    return Delivery.objects.create(
        webhook=webhook, event=Event.SUBMISSION_CREATED, submission_id=number, at=now, next_at=now
    )


def due(delivery: Delivery) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(next_at=timezone.now())


def test_it_is_signed_so_that_the_receiver_of_the_docs_believes_it(
    webhook: MakeWebhook, receiver: Receiver
) -> None:
    hook = webhook("/a")
    delivery = owed(hook, 7)

    assert tell_all(hook.pk, describe) == 1

    (told,) = receiver.told
    assert json.loads(told.body) == {
        "event": "submission.created",
        "delivery": delivery.pk,
        "at": delivery.at.isoformat(timespec="seconds"),
        "project": hook.project_id,
        "submission": "uuid:7",
    }
    assert told.headers["X-So-Xa-Delivery"] == str(delivery.pk)
    secret = signing.secret(hook.pk, hook.salt)
    assert is_ours(secret, told.headers["X-So-Xa-Signature"], told.body)
    assert not is_ours(secret, told.headers["X-So-Xa-Signature"], told.body + b" ")
    assert not is_ours("0" * 64, told.headers["X-So-Xa-Signature"], told.body)
    delivery.refresh_from_db()
    assert (delivery.last_status, delivery.next_at, delivery.attempts) == (204, None, 1)
    assert delivery.told_at is not None


def is_ours(secret: str, header: str, body: bytes) -> bool:
    """Check with the very lines that docs/webhooks.md gives to receivers."""
    lines = DOCS.read_text().partition("```python\n")[2].partition("```")[0]
    given: dict[str, Any] = {}
    exec(lines, given)
    return bool(given["is_ours"](secret, header, body))


def test_who_does_not_take_it_is_told_again_later_and_later_and_then_no_more(
    webhook: MakeWebhook, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hook = webhook("/failed?key=geheim")
    receiver.answers = {"/failed?key=geheim": 503}
    delivery, waits = owed(hook), []

    for _ in range(len(WAITS) + 1):
        due(delivery)
        began = timezone.now()
        tell_all(hook.pk, lambda delivery: {"attempts": delivery.attempts})  # another each time
        delivery.refresh_from_db()
        waits.append(delivery.next_at and round((delivery.next_at - began).total_seconds() / 60))

    assert waits == [1, 5, 30, 120, 360, 720, 1440, 1440, 1440, None]
    assert (delivery.last_status, delivery.last_failure) == (503, "status")
    assert len({told.body for told in receiver.told}) == 1  # the same bytes each time
    assert "geheim" not in caplog.text


def test_after_the_first_that_fails_the_others_wait(
    webhook: MakeWebhook, receiver: Receiver
) -> None:
    hook = webhook("/failed")
    receiver.answers = {"/failed": 500}
    owed(hook, 1)
    owed(hook, 2)

    tell_all(hook.pk, describe)

    assert len(receiver.told) == 1
    assert Delivery.objects.get(submission_id=2).attempts == 0


def test_a_worker_that_is_killed_in_the_middle_leaves_it_owed(
    webhook: MakeWebhook, receiver: Receiver
) -> None:
    hook = webhook()
    delivery = owed(hook)
    delivering._take(hook.pk, describe)  # and is killed here

    at_once = tell_all(hook.pk, describe)
    later = Delivery.objects.get(pk=delivery.pk).next_at
    due(delivery)

    assert at_once == 0
    assert later is not None
    assert dt.timedelta(minutes=4) < later - timezone.now() <= dt.timedelta(minutes=5)
    assert tell_all(hook.pk, describe) == 1


def test_what_is_switched_off_is_told_nothing_until_it_is_on_again(
    webhook: MakeWebhook, receiver: Receiver
) -> None:
    hook = webhook()
    owed(hook)
    Webhook.objects.update(is_active=False)

    off = tell_all(hook.pk, describe)
    Webhook.objects.update(is_active=True)

    assert (off, tell_all(hook.pk, describe)) == (0, 1)


@pytest.mark.django_db(transaction=True)
def test_one_that_hangs_holds_up_nobody_else(
    transactional_db: None, project: Project, webhook: MakeWebhook, receiver: Receiver
) -> None:
    hanging, quick = webhook("/hangs"), webhook("/quick")
    owed(hanging, 1)
    owed(quick, 2)

    threads = pay_debts(describe)
    threads[1].join(10)
    told = Delivery.objects.get(webhook=quick).told_at
    owed(hanging, 3)
    meanwhile = pay_debts(describe)  # no second thread is sent after the first
    is_hanging = threads[0].is_alive()
    receiver.goes_on.set()
    threads[0].join(10)

    assert (len(threads), meanwhile, is_hanging) == (2, [], True)
    assert told is not None
    assert not Delivery.objects.filter(webhook=hanging, told_at=None).exists()


def test_the_log_and_what_is_owed_are_kept_for_a_month(webhook: MakeWebhook) -> None:
    hook = webhook()
    told, owed_still, young = (owed(hook, number) for number in (1, 2, 3))
    old = Delivery.objects.filter(pk__in=[told.pk, owed_still.pk])
    old.update(at=timezone.now() - dt.timedelta(days=31))
    Delivery.objects.filter(pk=told.pk).update(next_at=None)

    assert delivering.forget_old() == 2
    assert list(Delivery.objects.all()) == [young]
