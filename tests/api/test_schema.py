"""The OpenAPI description: complete, valid, and its examples true."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.urls import URLResolver, get_resolver
from jsonschema import Draft202012Validator

from tests.api.conftest import Program


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    document: dict[str, Any] = Program().get("/v1/schema").json
    return document


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in document["paths"].values() for operation in path.values()]


def test_it_is_written_without_a_warning_and_valid() -> None:
    out = io.StringIO()

    call_command("spectacular", "--fail-on-warn", "--validate", format="openapi-json", stdout=out)

    assert json.loads(out.getvalue())["openapi"].startswith("3.")


def test_it_is_json_unless_yaml_is_asked_for(stranger: Program) -> None:
    plain = stranger.get("/v1/schema", headers={"Accept": "*/*"})
    other = stranger.get("/v1/schema?format=yaml")

    assert plain.headers["Content-Type"].startswith("application/json")
    # By libyaml: in a tenth of the time.
    assert yaml.load(other.text, yaml.CSafeLoader) == plain.json


def test_every_address_is_described(described: dict[str, Any]) -> None:
    routes = {
        # A feed is described once, with no slash at its end.
        "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", str(pattern.pattern)).removesuffix("/")
        for included in get_resolver().url_patterns
        if isinstance(included, URLResolver)
        and getattr(included.urlconf_name, "__name__", "") == "server.api.urls"
        for pattern in included.url_patterns
    }

    assert routes
    assert set(described["paths"]) == routes


def test_every_operation_says_who_may_and_what_can_go_wrong(described: dict[str, Any]) -> None:
    assert set(described["components"]["securitySchemes"]) == {"session", "password"}
    assert all("405" in operation["responses"] for operation in operations(described))
    assert {
        operation["operationId"]
        for operation in operations(described)
        if operation.get("security") != [{"session": []}, {"password": []}]
    } == {"openSession", "schema", "setPassword"}


def test_every_example_has_the_shape_that_it_is_an_example_of(described: dict[str, Any]) -> None:
    media_types = [
        media_type
        for operation in operations(described)
        for holder in [operation.get("requestBody", {}), *operation["responses"].values()]
        for media_type in holder.get("content", {}).values()
        if "examples" in media_type
    ]

    assert len(media_types) > 10
    whole = Draft202012Validator({"components": described["components"]})
    for media_type in media_types:
        Draft202012Validator.check_schema(media_type["schema"])
        validator = whole.evolve(schema=media_type["schema"])  # its references stay those of whole
        for example in media_type["examples"].values():
            validator.validate(example["value"])


def test_a_page_shows_it_with_nothing_from_elsewhere(stranger: Program) -> None:
    page = stranger.get("/v1/docs")

    loaded = re.findall(r'(?:src|href)="(docs/[^"]+)"', page.text)
    files = [stranger.get(f"/v1/{name}") for name in loaded]
    assert len(files) == 3
    assert [file.status for file in files] == [200] * 3
    assert "http" not in page.text
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]
    assert stranger.get("/v1/docs/1/../../settings.py").status == 404
    assert stranger.get("/v1/docs/0/swagger-ui.css").status == 404


def test_nothing_answers_options(program: Program) -> None:
    # What DRF tells of itself no renderer of a file could write (found by schemathesis).
    assert program.ask("OPTIONS", "/v1/projects/1/summary.xlsx").status == 405
