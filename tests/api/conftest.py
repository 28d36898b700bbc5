"""A program that calls the API."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from server.projects import accounts
from server.projects.models import Project, User
from tests import builders


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Settings) -> None:
    # scrypt is slow on purpose; tests/projects proves the real one.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def project(db: None) -> Project:
    return builders.project()


@pytest.fixture
def lan(project: Project) -> User:
    return builders.member(project)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    json: Any  # None when the body is no JSON
    text: str
    content: bytes
    headers: Any

    @property
    def nature(self) -> str:
        """Return the stable code of a failure."""
        return str(self.json["details"]["nature"])


@dataclass(frozen=True, slots=True)
class Program:
    """A client with a session token, or without."""

    token: str = ""

    def ask(self, method: str, path: str, **options: Any) -> Answer:
        """Send a request; further options are those of django.test.Client.generic."""
        headers = dict(options.pop("headers", {}))
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        response = Client(raise_request_exception=False).generic(
            method, path, headers=headers, **options
        )
        is_json = response.headers.get("Content-Type", "").startswith("application/json")
        content = response.getvalue()  # streamed or not
        return Answer(
            status=response.status_code,
            json=json.loads(content) if is_json else None,
            text=content.decode("utf-8", "replace"),
            content=content,
            headers=response.headers,
        )

    def get(self, path: str, **options: Any) -> Answer:
        """Send a GET."""
        return self.ask("GET", path, **options)


@pytest.fixture
def stranger(db: None) -> Program:
    return Program()


@pytest.fixture
def program(lan: User) -> Program:
    opened = accounts.open_session(lan.email, builders.PASSWORD)
    assert opened is not None
    return Program(opened.token)
