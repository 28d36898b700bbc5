"""docker-compose.yml, held to the compose specification and to our own settings.

No Docker engine runs here: this is about its structure. That the images start and find each other
is tried by whoever changes it (docs/operations.md says how).
"""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.serving.settings_file import run, variables

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = ["web", "worker", "exports", "beat"]


def specification() -> Any:
    path = files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    return json.loads(path.read_text())


def filled(value: str) -> str:
    """Put made-up values in the place of ${VARIABLES}, as compose does from .env."""
    return re.sub(r"\$\{([A-Z_]+)(:\?[^}]*)?\}", r"made-up@\1.of-thirty-two-characters", value)


def test_it_follows_the_compose_specification() -> None:
    schema = specification()

    jsonschema.validators.validator_for(schema)(schema).validate(COMPOSE)


def test_it_has_what_the_service_is_made_of() -> None:
    assert set(SERVICES) == {*OURS, "postgres", "valkey", "minio", "proxy"}


@pytest.mark.parametrize("name", OURS)
def test_every_variable_it_sets_is_one_that_the_settings_read(name: str) -> None:
    assert set(SERVICES[name]["environment"]) <= variables()


@pytest.mark.parametrize("name", OURS)
def test_the_settings_take_what_it_sets(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    environ = {key: filled(value) for key, value in SERVICES[name]["environment"].items()}
    del environ["VAR_DIR"]  # a folder of the container's

    module = run(monkeypatch, **environ)

    assert module.DATABASES["default"]["HOST"] == "postgres"
    assert module.STORAGE == "minio"
    assert module.CELERY_BROKER_URL.startswith("redis://")


@pytest.mark.parametrize(
    "name",
    ["SECRET_KEY", "POSTGRES_PASSWORD", "VALKEY_PASSWORD", "MINIO_SECRET_KEY", "ADMIN_PASSWORD"],
)
def test_a_secret_that_is_not_set_stops_compose_with_its_name(name: str) -> None:
    assert f"${{{name}:?set {name} in .env}}" in TEXT


def test_the_example_names_every_variable_that_compose_asks_for() -> None:
    asked = set(re.findall(r"\$\{([A-Z_]+)", TEXT))
    example = (ROOT / ".env.example").read_text()

    assert asked == set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE))


def test_no_secret_stands_in_it_or_in_the_example() -> None:
    example = (ROOT / ".env.example").read_text()

    assert re.findall(r"^(?:SECRET_KEY|\w+_PASSWORD|\w+_SECRET_KEY)=(.+)$", example, re.M) == []
    assert re.findall(r"(?:PASSWORD|SECRET_KEY): (?!\$\{)(.+)", TEXT) == []


def test_only_the_proxy_is_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert [name for name, s in SERVICES.items() if "edge" in s["networks"]] == ["web", "proxy"]


def test_every_image_is_pinned_by_release() -> None:
    images = [service["image"] for service in SERVICES.values()]

    assert all(re.search(r":(?!latest)[\w.-]+$", image) for image in images)
    assert "minio/minio:RELEASE.2025-09-07T16-13-09Z" in images


@pytest.mark.parametrize("name", OURS)
def test_our_processes_may_do_nothing_that_they_need_not(name: str) -> None:
    service = SERVICES[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_what_must_be_there_first_is_healthy_first() -> None:
    waits = {
        name: set(service["depends_on"])
        for name, service in SERVICES.items()
        if "depends_on" in service
    }

    assert waits["web"] == {"postgres", "valkey", "minio"}
    assert waits["worker"] == waits["exports"] == waits["beat"] == waits["proxy"] == {"web"}
    assert all("healthcheck" in SERVICES[name] for name in set().union(*waits.values()))


def test_every_named_volume_and_network_is_declared() -> None:
    mounted = {v.split(":")[0] for s in SERVICES.values() for v in s.get("volumes", ())}
    joined = {n for s in SERVICES.values() for n in s["networks"]}

    assert mounted == set(COMPOSE["volumes"])
    assert joined == set(COMPOSE["networks"])


def test_the_proxy_masks_device_keys_and_holds_posts_until_they_are_whole() -> None:
    caddyfile = COMPOSE["configs"]["caddyfile"]["content"].replace("$$", "$")
    pattern = re.search(r'request>uri regexp "(.+?)" "\$1\*\*\*"', caddyfile)

    assert pattern is not None
    masked = re.sub(pattern[1], r"\1***", "/v1/key/s3cr3t!$/projects/1/formList?x=1&st=s3cr3t")
    assert masked == "/v1/key/***/projects/1/formList?x=1&st=***"
    assert "request_buffers" in caddyfile


def test_the_image_installs_the_pinned_wheels_and_does_not_run_as_root() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()

    assert any("--require-hashes" in line for line in lines)
    assert "USER so-xa" in lines
    assert all((ROOT / line.split()[1]).exists() for line in lines if re.match(r"COPY \w", line))
