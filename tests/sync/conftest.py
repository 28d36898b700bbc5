"""A server that phones can reach, a project, and a phone with a key to it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any  # waitress names no common type of its servers

import pytest
from django.db import connection
from waitress.server import create_server

from server.projects import accounts
from server.projects.models import Project
from server.wsgi import application
from sync.addresses import Addresses
from tests.device import Device


@pytest.fixture(scope="session")
def base_url(django_db_setup: None) -> Iterator[str]:
    """Serve with the HTTP server of production (docs/decisions), in a thread."""
    # Else its connections outlive the tests and the database cannot be dropped.
    connection.settings_dict["CONN_MAX_AGE"] = 0
    server: Any = create_server(application, host="127.0.0.1", port=0, threads=8, ident="")
    threading.Thread(target=server.run, daemon=True).start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.task_dispatcher.shutdown()
    server.close()


@pytest.fixture
def project(transactional_db: None) -> Project:
    return accounts.create_project("Bình đẳng giới")


@pytest.fixture
def device(base_url: str, project: Project) -> Iterator[Device]:
    token = accounts.create_app_user(project, "Chị Lan").token
    phone = Device(Addresses(base_url, token, project.pk).server)
    yield phone
    phone.close()
