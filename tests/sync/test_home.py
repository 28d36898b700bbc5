"""The address that commands put before what they hand out."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from sync import home


@pytest.fixture
def var(settings: Settings, tmp_path: Path) -> Path:
    settings.VAR, settings.PUBLIC_URL, settings.PORT = tmp_path, "", 8123
    return tmp_path


def test_a_command_knows_the_port_that_the_server_was_started_on(var: Path) -> None:
    home.note("http://127.0.0.1:8555")

    assert home.base_url() == "http://127.0.0.1:8555"


def test_before_any_start_the_port_is_that_of_the_settings(var: Path) -> None:
    assert home.base_url() == "http://127.0.0.1:8123"


def test_a_public_url_comes_before_both(var: Path, settings: Settings) -> None:
    home.note("http://127.0.0.1:8555")
    settings.PUBLIC_URL = "https://soxa.example"

    assert home.base_url() == "https://soxa.example"
