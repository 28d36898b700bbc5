"""A project with a webhook, and somebody who listens."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from pytest_django import Settings

from server.forms.models import FormVersion
from server.hooks.models import EVENTS, Webhook
from server.projects.models import Project
from tests import builders
from tests.hooks.receiver import Receiver, receiving

MakeWebhook = Callable[..., Webhook]


@pytest.fixture
def project(db: None) -> Project:
    return builders.project()


@pytest.fixture
def form(project: Project) -> FormVersion:
    builders.commune("05665", "Xã Đồng Hỷ")
    return builders.form(project)


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOK_ALLOW, settings.WEBHOOK_HTTP = ["127.0.0.0/8"], True
    settings.WEBHOOK_TIMEOUT_S = 30  # a busy machine takes its time
    with receiving() as found:
        yield found


@pytest.fixture
def webhook(project: Project, receiver: Receiver) -> MakeWebhook:
    """Make one that listens to everything."""

    def make(path: str = "/", **columns: object) -> Webhook:
        wanted = {"project": project, "events": list(EVENTS), "is_active": True, **columns}
        made: Webhook = Webhook.objects.create(url=receiver.url(path), salt="s", **wanted)
        return made

    return make
