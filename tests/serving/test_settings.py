"""Configuration: from the environment alone, all of it written down, refused loudly when wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.serving.settings_file import run, variables

ROOT = Path(__file__).resolve().parents[2]


def documented() -> set[str]:
    text = (ROOT / "docs" / "settings.md").read_text()
    return set(re.findall(r"^\| `([A-Z0-9_]+)` \|", text, re.MULTILINE))


def test_every_variable_is_documented_and_every_documented_one_is_read() -> None:
    assert documented() == variables()


def test_the_example_for_compose_names_only_variables_that_are_read() -> None:
    text = (ROOT / ".env.example").read_text()
    named = set(re.findall(r"^#? ?([A-Z0-9_]+)=", text, re.MULTILINE))

    assert named - variables() <= {"SITE_ADDRESS", "POSTGRES_PASSWORD", "VALKEY_PASSWORD"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ADMIN_EMAIL", "giám sát"),
        ("ADMIN_PASSWORD", "short"),
        ("ADVERTISED_POST_BYTES", "1"),
        ("ADVERTISED_POST_BYTES", "100000001"),
        ("BEHIND_TLS_PROXY", "ture"),
        ("DUE_FY", "11-31"),
        ("DUE_H1", "10/6"),
        ("BROKER_URL", "localhost:6379"),
        ("DATABASE_URL", "mysql://u:p@h/d"),
        ("DATABASE_URL", "so-xa"),
        ("FIRST_APP_USER", "maybe"),
        ("LOCAL_TIME_ZONE", "Asia/Thai_Nguyen"),
        ("LOG_LEVEL", "LOUD"),
        ("MAX_POST_BYTES", "a lot"),
        ("MAX_POST_FILES", "100"),
        ("MAX_XML_BYTES", "0"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "http"),
        ("PUBLIC_URL", "soxa.example"),
        ("SECRET_KEY", "secret"),
        ("SMALL_CELL_K", "2"),
        ("STORAGE", "s3"),
        ("SWEEP_S", "-1"),
        ("TOTP_REQUIRED_ROLES", "manager,admin"),
        ("WEB_PROCESSES", "0"),
        ("WEB_THREADS", "1000"),
    ],
)
def test_a_value_that_cannot_be_used_stops_the_start_and_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=name):
        run(monkeypatch, **{name: value})


@pytest.mark.parametrize("name", ["MINIO_ENDPOINT", "MINIO_ACCESS_KEY", "MINIO_SECRET_KEY"])
def test_an_object_store_without_its_address_or_keys_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    store = {
        "STORAGE": "minio",
        "MINIO_ENDPOINT": "minio:9000",
        "MINIO_ACCESS_KEY": "a",
        "MINIO_SECRET_KEY": "b",
    }
    del store[name]

    with pytest.raises(ImproperlyConfigured, match=name):
        run(monkeypatch, **store)


def test_a_refused_secret_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        run(monkeypatch, DATABASE_URL="mysql://u:hunter2@h/d")

    assert "hunter2" not in str(refused.value)


def test_secrets_are_made_once_and_closed_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = run(monkeypatch), run(monkeypatch)

    kept = first.VAR / "secrets" / "secret_key"
    assert first.SECRET_KEY == second.SECRET_KEY == kept.read_text()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.parent.stat().st_mode & 0o777 == 0o700


def test_behind_a_tls_proxy_browsers_are_told_to_stay_with_https(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = run(monkeypatch, BEHIND_TLS_PROXY="true")

    assert module.SECURE_HSTS_SECONDS > 0
    assert module.SECURE_PROXY_SSL_HEADER == ("HTTP_X_FORWARDED_PROTO", "https")
    assert module.PROXY_ADDRESS == "127.0.0.1"  # nobody else, unless it is said


def test_without_a_proxy_nobody_is_believed_about_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch).SECURE_PROXY_SSL_HEADER is None


def test_a_server_for_the_network_answers_to_any_name_unless_it_has_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nameless = run(monkeypatch, BIND="0.0.0.0")
    named = run(monkeypatch, BIND="0.0.0.0", PUBLIC_URL="https://soxa.example")

    assert "*" in nameless.ALLOWED_HOSTS
    assert "*" not in named.ALLOWED_HOSTS
    assert "soxa.example" in named.ALLOWED_HOSTS
